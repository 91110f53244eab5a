#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Change a qdisc under traffic: no packet is lost, reordered or stalled. torn.sh tests torn reads.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# suite: more
# needs: frames
. "${0%/*}/lib.sh"

test_change_sets_what_is_named() {
	plain_pair 0
	must bqdisc attach ve0 pfifo limit 50
	packets send ve0 10 >/dev/null
	is "$(bqdisc -j change ve0 limit 60 | jq .changed)" true "another limit"
	is "$(bqdisc -j change ve0 limit 60 | jq .changed)" false "the same limit"
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":60}' options
	is "$(stat ve0 packets)" 10 "packets counted before"
	refuses 1 "unknown option 'limt'; the nearest is 'limit'" bqdisc change ve0 limt 5
	refuses 1 "'-1' is negative" bqdisc change ve0 limit -1
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":60}' options
}

# nothing_to_change [-n NETNS] DEV [OPTION]...: a usage error that names attach.
nothing_to_change() {
	local ns=()

	[ "$1" != -n ] || { ns=(-n "$2") && shift 2; }
	refuses 1 "no qdisc of bqdisc to change.*'bqdisc attach $1 QDISC" \
		bqdisc "${ns[@]}" change "$1" limit 5 "${@:2}"
}

test_nothing_to_change() {
	plain_pair 0
	nothing_to_change ve0 # noqueue
	nothing_to_change ve0 --dry-run
	nothing_to_change -n peer vf0
	tc qdisc add dev ve0 root handle 7: pfifo_fast
	nothing_to_change ve0
	tc qdisc replace dev ve0 root handle 1: htb
	nothing_to_change ve0
	nothing_to_change ve0 --dry-run
	refuses 1 "but htb 1:; run 'bqdisc attach ve0 QDISC --force'" bqdisc change ve0 limit 5
	refuses 1 "no qdisc" bqdisc change ve0 limit 5 --parent 1:1
	is "$(root ve0 kind)" htb "the qdisc that is there"
	ip link add du0 type dummy
	ip link set du0 up # with the default qdisc
	nothing_to_change du0
	refuses 1 "nodev" bqdisc change nodev limit 5
	# A qdisc of bqdisc on another device makes no difference.
	must bqdisc attach du0 pfifo limit 50
	nothing_to_change ve0
	nothing_to_change -n peer vf0
	veth_pair 1 numtxqueues 2 numrxqueues 2
	up_pair 1
	tc qdisc add dev ve1 root handle 1: mq
	nothing_to_change ve1
	nothing_to_change ve1 --parent 1:1
	must bqdisc attach ve1 pfifo limit 5 --parent 1:2
	nothing_to_change ve1
	nothing_to_change ve1 --parent 1:1
	must bqdisc change ve1 limit 6 --parent 1:2
}

# attach with other options changes them; options that are not given get their defaults.
test_attach_changes_live() {
	local handle

	plain_pair 0 txqueuelen 500
	must bqdisc attach ve0 pfifo limit 50
	handle=$(root ve0 handle)
	packets send ve0 10 >/dev/null
	must bqdisc attach ve0 pfifo limit 60
	must bqdisc attach ve0 pfifo
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":500}' options
	is "$(root ve0 handle)" "$handle" "the handle"
	is "$(stat ve0 packets)" 10 "packets counted before"
}

# A smaller limit refuses new packets and drops none that wait.
test_smaller_limit_keeps_what_waits() {
	holding_pair 0
	must bqdisc attach ve0 pfifo limit 100
	hold 0
	packets send ve0 1000 >/dev/null
	is "$(stat ve0 backlog_packets)" 100 "packets waiting"
	must bqdisc change ve0 limit 10
	is "$(stat ve0 backlog_packets)" 100 "packets waiting after the change"
	packets send ve0 7 >/tmp/flood
	is "$(jq .refused /tmp/flood)" 7 "refused under the smaller limit"
}

# From 20 packets to 5000 twice, which needs more slots: all packets arrive, in order.
test_larger_limit_keeps_the_order() {
	local sent HOLD=8

	holding_pair 0
	must bqdisc attach ve0 pfifo limit 20
	ip netns exec peer packets receive vf0 20000 $((HOLD * 1000 + 2000)) >/tmp/received &
	sleep 0.3 # a receiver that starts late misses frames, and the sums below fail
	hold 0
	packets send ve0 400 >/tmp/flood
	sent=$(jq .sent /tmp/flood)
	is "$(stat ve0 backlog_packets)" 20 "packets waiting"
	must bqdisc change ve0 limit 3000
	packets continue ve0 "$sent" 2000 >/tmp/flood
	is "$(jq .refused /tmp/flood)" 0 "refused under the larger limit"
	must bqdisc change ve0 limit 9000
	packets continue ve0 $((sent + 2000)) 4000 >/tmp/flood
	is "$(jq .refused /tmp/flood)" 0 "refused under the largest limit"
	is "$(stat ve0 backlog_packets)" 6020 "packets waiting"
	wait
	is "$(jq .received /tmp/received)" $((sent + 6001)) "frames received"
	is "$(jq .in_order /tmp/received)" true "frames in order"
	is "$(jq .last /tmp/received)" $((sent + 5999)) "the last frame"
	is "$(stat ve0 drops_no_slot)" 0 "drops for want of slots"
}

# During a TCP transfer: attach, ten changes and detach keep the connection, and the changes lose no
# packet.
test_changes_under_tcp() {
	local i transfer at_first

	veth_pair 0
	address_pair 0
	start_transfer
	must bqdisc attach ve0 pfifo limit 1000
	for i in $(seq 10); do
		must bqdisc change ve0 limit $((1000 + 1000 * i))
	done
	is "$(stat ve0 drops)" 0 "drops"
	between "$(stat ve0 packets)" 1 1000000000 "packets through the qdisc"
	must bqdisc detach ve0
	end_transfer
	wait_for 5 arrived || fail "of $(sent_by ve0) packets $(received_by vf0) arrived"
}

received_by() {
	ip netns exec peer cat "/sys/class/net/$1/statistics/rx_packets"
}

arrived() {
	[ "$(sent_by ve0)" = "$(received_by vf0)" ]
}

kind_stays pfifo
run_tests "$@"
