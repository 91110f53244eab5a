#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs in the guest of kernels.sh.
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"
cd "${0%/*}" || exit 2

objects_are() {
	[ "$(killat --objects)" = "$1" ]
}

# carries OBJECT KIND: attached, a connection through it, detached, and nothing is left.
carries() {
	local before

	plain_pair 0
	address_pair 0
	before=$(killat --objects)
	must bqdisc attach ve0 "./$1.bpf.o"
	is "$(root ve0 kind)" "$2" "the root qdisc"
	is "$(bqdisc -j show ve0 | jq -r '.[0].qdisc')" "$2" show
	serve -1
	iperf3 --client 10.9.0.2 --bytes 4M --json >/tmp/iperf 2>&1 ||
		fail "the connection broke: $(jq -r .error /tmp/iperf)"
	# The server stops counting when the client reports its end.
	[ "$(jq '.end.sum_received.bytes' /tmp/iperf)" -ge 2000000 ] || fail "not even half arrived"
	[ "$(stat ve0 packets)" -gt 50 ] || fail "$(stat ve0 packets) packets"
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
	wait_for 10 objects_are "$before" || fail "objects: $(killat --objects), were $before"
}

test_selftest_fifo() { carries bpf_qdisc_fifo bpf_fifo; }
test_selftest_fq() { carries bpf_qdisc_fq bpf_fq; }

run_tests "$@"
