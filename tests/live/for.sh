#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# attach --for: an expired qdisc passes all packets without a running bqdisc, and the next bqdisc
# command detaches it.
#
# runs: check kernels@6.17,6.18,7.2
# suite: state
. "${0%/*}/lib.sh"

left() { # DEV
	bqdisc -j show "$1" | jq '.[0].expires_in_ns'
}

is_over() {
	[ "$(left "$1")" = 0 ]
}

test_time_left() {
	plain_pair 0
	must bqdisc attach ve0 pfifo --for 1h
	between "$(left ve0)" 3500000000000 3600000000000 "what is left of an hour"
	bqdisc show ve0 --commands | grep -Eq '^bqdisc attach ve0 pfifo --for 59\.?[0-9]*m|--for 3[0-9.]*s' ||
		fail "the command: $(bqdisc show ve0 --commands)"
	must sh -c "$(bqdisc show ve0 --commands)"
	between "$(left ve0)" 3400000000000 3600000000000 "what is left by the command"
	must bqdisc change ve0 limit 7
	between "$(left ve0)" 3400000000000 3600000000000 "what is left after a change"
	must bqdisc attach ve0 pfifo limit 7 --for 10m
	between "$(left ve0)" 500000000000 600000000000 "what is left of ten minutes"
	is "$(bqdisc -j attach ve0 pfifo limit 7 | jq .changed)" true "attach for ever"
	is "$(left ve0)" null "what is left of for ever"
	is "$(bqdisc -j attach ve0 pfifo limit 7 | jq .changed)" false "the same again"
	refuses 1 "invalid value '10'; give a time" bqdisc attach ve0 pfifo --for 10
	refuses 1 "invalid value '0s'; give a time" bqdisc attach ve0 pfifo --for 0s
}

# A full queue drops packets; after it expired, the device drops none.
limit_ends() { # QDISC WORDS...
	holding_pair 0
	must bqdisc attach ve0 "$@" --for 1h
	hold 0
	packets send ve0 1000 >/tmp/before
	[ "$(jq .refused /tmp/before)" -gt 0 ] || fail "nothing was refused: $(cat /tmp/before)"
	must bqdisc attach ve0 "$@" --for 100ms
	wait_for 20 is_over ve0 || fail "it is not over: $(left ve0)"
	packets send ve0 100 >/tmp/after
	is "$(jq .refused /tmp/after)" 0 "refused when it was over"
}

test_limit_of_pfifo() { limit_ends pfifo limit 5; }
test_limit_of_bfifo() { limit_ends bfifo limit 2kb; }
test_limit_of_fq() { limit_ends fq limit 5 flow_limit 5; }

test_head_drop() {
	holding_pair 0
	must bqdisc attach ve0 pfifo_head_drop limit 5 --for 1h
	hold 0
	packets send ve0 1000 >/dev/null
	is "$(stat ve0 backlog_packets)" 5 "packets waiting"
	must bqdisc attach ve0 pfifo_head_drop limit 5 --for 100ms
	wait_for 20 is_over ve0 || fail "it is not over"
	packets send ve0 100 >/dev/null
	is "$(stat ve0 backlog_packets)" 105 "packets waiting when it was over"
}

all_sent() {
	[ "$(stat ve0 backlog_packets)" = 0 ]
}

# Packets waiting for their time leave when the qdisc expires, without any further event.
test_held_packets_leave() {
	local start

	plain_pair 0
	must bqdisc attach ve0 fq maxrate 8kbit orphan_mask 1 --for 12s
	packets send ve0 50 1000 >/dev/null
	[ "$(stat ve0 backlog_packets)" -gt 40 ] || fail "they do not wait"
	# At this rate the last would leave after 50 s.
	wait_for 40 is_over ve0 || fail "it is not over"
	start=$SECONDS
	wait_for 5 all_sent || fail "$(stat ve0 backlog_packets) wait on"
	between $((SECONDS - start)) 0 2 "seconds until they had left"
	packets send ve0 50 1000 >/dev/null
	wait_for 1 all_sent || fail "packets wait when it is over"
}

test_the_next_run_detaches() {
	local before

	plain_pair 0
	plain_pair 1
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	before=$(tc qdisc show dev ve0)
	must bqdisc attach ve0 pfifo --force --for 300ms
	wait_for 10 is_over ve0 || fail "it is not over"
	is "$(root ve0 kind)" bq_pfifo "the root qdisc, over but there"
	must bqdisc attach ve1 pfifo
	is "$(tc qdisc show dev ve0)" "$before" "ve0 after a run for another device"
	must bqdisc detach ve1
	must bqdisc attach ve0 pfifo --force --for 300ms
	wait_for 10 is_over ve0 || fail "it is not over"
	is "$(bqdisc -j sweep | jq .detached)" 1 "detached by sweep"
	is "$(tc qdisc show dev ve0)" "$before" "ve0 after sweep"
	is "$(bqdisc -j sweep | jq .detached)" 0 "detached by another sweep"
	nothing_recorded
}

test_a_set_of_queues() {
	plain_pair 0 numtxqueues 3 numrxqueues 3
	must bqdisc attach ve0 pfifo --for 300ms
	wait_for 10 is_over ve0 || fail "it is not over"
	is "$(bqdisc -j sweep | jq .detached)" 1 "detached by sweep"
	is "$(root ve0 kind)" noqueue "the root qdisc"
	nothing_recorded
}

peer_is_over() {
	[ "$(bqdisc -n peer -j show vf0 | jq '.[0].expires_in_ns')" = 0 ]
}

is_elsewhere() { # PID
	[ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$1/ns/net")" ]
}

test_sweep_of_other_namespaces() {
	local sleeper

	plain_pair 0
	must bqdisc -n peer attach vf0 pfifo --for 300ms
	unshare -n sleep 1000 &
	sleeper=$!
	wait_for 5 is_elsewhere $sleeper || fail "no namespace without a name"
	nsenter --net=/proc/$sleeper/ns/net ip link add du0 type dummy
	must bqdisc -n /proc/$sleeper/ns/net attach du0 pfifo --for 300ms
	must bqdisc attach ve0 pfifo --for 300ms
	wait_for 10 is_over ve0 || fail "it is not over"
	wait_for 10 peer_is_over || fail "it is not over in the peer's namespace"
	is "$(bqdisc -j sweep | jq .detached)" 1 "detached here"
	must bqdisc -j sweep --all
	is "$(jq .detached /tmp/out)" 2 "detached everywhere"
	is "$(bqdisc -j sweep --all | jq .detached)" 0 "detached by another"
	is "$(tc -n peer -j qdisc show dev vf0 | jq -r '.[0].kind')" noqueue "the peer's root qdisc"
	kill $sleeper
	nothing_recorded
	refuses 1 "exclude each other" bqdisc -n peer sweep --all
}

# A qdisc that another program installed meanwhile stays.
test_replaced_meanwhile() {
	plain_pair 0
	must bqdisc attach ve0 pfifo --for 300ms
	tc qdisc replace dev ve0 root handle 9: fq
	sleep 0.3
	is "$(bqdisc -j sweep | jq .detached)" 0 "detached by sweep"
	is "$(root ve0 kind)" fq "the root qdisc"
}

kind_stays pfifo fq
run_tests "$@"
