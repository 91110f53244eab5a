#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Unsupported kernels: 6.12 lacks the feature, 6.16 has the option off. The message names which.
#
# runs: check@6.12,6.16
# needs: build/bpf/fifo.bpf.o
# time: 15
. "${0%/*}/lib.sh"

expected() {
	case $(uname -r) in
	6.12.*) echo "has no BPF qdiscs; use 6.16 or newer" ;;
	*) echo "was built without CONFIG_NET_SCH_BPF" ;;
	esac
}

missing() {
	case $(uname -r) in
	6.12.*) echo "kernel version" ;;
	*) echo "CONFIG_NET_SCH_BPF" ;;
	esac
}

test_attach() {
	plain_pair 0
	refuses 4 "$(expected)" bqdisc attach ve0 pfifo
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
}

test_typed_first() {
	plain_pair 0
	refuses 1 "unknown option 'limt'" bqdisc attach ve0 pfifo limt 5
}

# verify still reports what it finds without the kernel.
test_verify() {
	bqdisc -j verify /test/fifo.bpf.o >/tmp/verify 2>/tmp/err
	is $? 4 "exit status of verify"
	grep -q "$(expected)" /tmp/err || fail "verify said: $(cat /tmp/err)"
	is "$(jq -c '[.ok, .qdiscs[0], .findings]' /tmp/verify)" '[false,"bq_pfifo",[]]' "verify"
}

test_doctor() {
	bqdisc -j doctor >/tmp/doctor 2>/tmp/err
	is $? 4 "exit status of doctor"
	is "$(jq -r '.[] | select(.check == "CONFIG_NET_SCH_BPF").ok' /tmp/doctor)" false \
		"CONFIG_NET_SCH_BPF"
	is "$(jq -r 'map(select(.ok | not))[0].check' /tmp/doctor)" "$(missing)" "what is missing first"
	grep -q "^bqdisc: $(missing): " /tmp/err || fail "doctor said: $(cat /tmp/err)"
}

test_needs_no_kernel() {
	is "$(bqdisc -j list | jq -r '.[0].qdisc')" pfifo "the first qdisc of list"
	is "$(bqdisc -j show)" "[]" "show"
	bqdisc version >/dev/null || fail "version"
	bqdisc help pfifo >/dev/null || fail "help pfifo"
}

run_tests "$@"
