#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Detach restores the previous qdisc. Repeated commands change nothing.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# runs: arm64@newest-arm64,newest-arm64-16k
# runs: quick suite=quick
# suite: live
# needs: impostor.bpf.o
# time: 35
. "${0%/*}/lib.sh"

# Print a device's qdiscs as tc reports them, without counters.
configuration() {
	tc -j qdisc show dev "$1" | jq -cS 'map(del(.refcnt))'
}

put_back() {
	local before

	plain_pair 0
	tc qdisc add dev ve0 root handle 7: "$@" || fail "tc has no $*"
	before=$(configuration ve0)
	refuses 3 "has a configured qdisc, $1 7:; --force replaces it, and detach restores it" \
		bqdisc attach ve0 pfifo limit 9
	is "$(configuration ve0)" "$before" "the refused device"
	must bqdisc attach ve0 pfifo limit 9 --force
	is "$(root ve0 kind)" bq_pfifo "the root qdisc"
	# Replacing a qdisc of bqdisc by another keeps the record of the first previous qdisc.
	must bqdisc attach ve0 bfifo limit 9kb
	is "$(root ve0 kind)" bq_bfifo "the root qdisc"
	must bqdisc detach ve0
	is "$(configuration ve0)" "$before" "the device after detach"
	no_pins
}

test_fq() { put_back fq limit 1234 flow_limit 56 quantum 3000 maxrate 10mbit horizon 5s; }

test_default() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	is "$(bqdisc -j detach ve0 | jq .changed)" false "a second detach changes something"
	no_pins
}

test_same_again_changes_nothing() {
	plain_pair 0
	must bqdisc attach ve0 pfifo limit 5
	packets send ve0 10 >/dev/null
	is "$(bqdisc -j attach ve0 pfifo limit 5 | jq .changed)" false "the same again"
	is "$(stat ve0 packets)" 10 "packets after the same again"
	is "$(bqdisc -j attach ve0 pfifo limit 6 | jq .changed)" true "another limit"
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":6}' "options"
	is "$(bqdisc -j attach ve0 pfifo | jq .changed)" true "the default limit"
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":1000}' "options"
}

test_child_of_mq() {
	local before

	plain_pair 0 numtxqueues 2 numrxqueues 2
	tc qdisc add dev ve0 root handle 1: mq
	before=$(tc -j qdisc show dev ve0 | jq -c 'map([.kind, .parent]) | sort')
	must bqdisc attach ve0 pfifo limit 5 --parent 1:1
	is "$(bqdisc -j show ve0 | jq -c 'map([.qdisc, .parent])')" '[["pfifo","1:1"]]' "show"
	must bqdisc detach ve0 --parent 1:1
	# The restored child has a handle from the kernel; all else is as before.
	is "$(tc -j qdisc show dev ve0 | jq -c 'map([.kind, .parent]) | sort')" "$before" "the mq"
	packets send ve0 100 >/tmp/flood
	is "$(jq .refused /tmp/flood)" 0 "refused afterwards"
	no_pins
}

# A qdisc that another tool put in place belongs to that tool, and bqdisc's record is void.
test_replaced_by_another_tool() {
	plain_pair 0
	tc qdisc add dev ve0 root handle 7: fq
	must bqdisc attach ve0 pfifo --force
	tc qdisc replace dev ve0 root handle 9: tbf rate 5mbit burst 20kb latency 30ms
	is "$(bqdisc -j detach ve0 | jq .changed)" false "detach of another program's qdisc"
	is "$(root ve0 kind)" tbf "the root qdisc"
	no_pins
}

# bqdisc reports the loss until a command for this device, and leaves the other qdisc in place.
test_lost_is_reported() {
	plain_pair 0
	plain_pair 1
	tc qdisc add dev ve0 root handle 7: fq
	must bqdisc attach ve0 pfifo --force
	tc qdisc replace dev ve0 root handle 9: tbf rate 5mbit burst 20kb latency 30ms
	must bqdisc attach ve1 pfifo
	must bqdisc detach ve1
	is "$(bqdisc -j show 2>/tmp/err)" "[]" show
	grep -q "warning: ve0: another program replaced the attached qdisc by tbf 9:" \
		/tmp/err || fail "show said: $(cat /tmp/err)"
	bqdisc -j doctor >/tmp/doctor 2>/dev/null
	is $? 3 "exit status of doctor"
	is "$(jq -c 'map(select(.ok | not) | [.check, .found])' /tmp/doctor)" \
		'[["qdisc of ve0","tbf 9:, which another program put in place of bqdisc'"'"'s"]]' doctor
	refuses 3 "has a configured qdisc, tbf 9:" bqdisc attach ve0 pfifo
	is "$(root ve0 kind)" tbf "the root qdisc"
	is "$(bqdisc -j detach ve0 2>/dev/null | jq .changed)" false "detach of another program's qdisc"
	is "$(root ve0 kind)" tbf "the root qdisc after detach"
	is "$(bqdisc -j show 2>&1)" "[]" "show after detach"
	no_pins
	# If the default qdisc is back, the previous state is restored: nothing is reported as lost.
	must bqdisc attach ve1 pfifo
	tc qdisc del dev ve1 root
	is "$(bqdisc -j show 2>&1)" "[]" "show of a default"
	must bqdisc detach ve1
	no_pins
}

# Another program takes over bqdisc's kind name and its options. The device must stay unchanged.
test_impostor() {
	local before

	plain_pair 0
	ip link add du0 type dummy
	must bqdisc attach du0 pfifo
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	before=$(configuration ve0)
	rm /sys/fs/bpf/bqdisc/bq_pfifo/link
	must bpftool struct_ops register /test/impostor.bpf.o /sys/fs/bpf/other
	mv /sys/fs/bpf/other/impostor /sys/fs/bpf/bqdisc/bq_pfifo/link || fail "no link to plant"
	refuses 2 "bq_pfifo: another program has registered this kind; unregister" \
		bqdisc attach ve0 pfifo limit 5 --force
	is "$(configuration ve0)" "$before" "ve0 after the refusal"
	must bqdisc detach du0
	rmdir /sys/fs/bpf/other
	no_pins
}

run_tests "$@"
