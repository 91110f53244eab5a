#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# pfifo, bfifo and pfifo_head_drop: which packets they hold, drop and send.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# runs: arm64@newest-arm64,newest-arm64-16k
# suite: live
# needs: frames
# time: 90
. "${0%/*}/lib.sh"

# A TCP transfer of BYTES from here to the peer.
transfer() {
	serve -1
	iperf3 -J -c 10.9.0.2 -n "$1" >/tmp/iperf || fail "the transfer failed: $(jq -r .error /tmp/iperf)"
}

carries_tcp() {
	local sent

	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 "$@"
	transfer 20M
	# Every received packet passed the qdisc, whatever was dropped and sent again.
	sent=$(jq .end.sum_received.bytes /tmp/iperf)
	[ "$sent" -ge 10000000 ] || fail "only $sent bytes arrived"
	[ "$(stat ve0 bytes)" -ge "$sent" ] || fail "counted $(stat ve0 bytes) bytes of $sent"
	# The connection's last packets may pass between two queries.
	wait_for 5 agrees bytes || fail "bytes: $(stat ve0 bytes), tc says $(root ve0 bytes)"
	wait_for 5 agrees packets || fail "packets: $(stat ve0 packets), tc says $(root ve0 packets)"
	is "$(stat ve0 backlog_packets)" 0 "backlog afterwards"
}

agrees() {
	[ "$(stat ve0 "$1")" = "$(root ve0 "$1")" ]
}

test_pfifo_carries_tcp() { carries_tcp pfifo limit 100; }
test_bfifo_carries_tcp() { carries_tcp bfifo limit 1mb; }
test_head_drop_carries_tcp() { carries_tcp pfifo_head_drop limit 100; }

# Two devices and a child of mq at once: one is flooded, and only that one drops.
test_instances_share_nothing() {
	local sent refused

	holding_pair 0
	holding_pair 1
	holding_pair 2 numtxqueues 2 numrxqueues 2
	tc qdisc add dev ve2 root handle 1: mq
	must bqdisc attach ve0 pfifo limit 350
	must bqdisc attach ve1 pfifo limit 5
	must bqdisc attach ve2 pfifo limit 7 --parent 1:2
	is "$(bqdisc -j show | jq -c 'map(.options.limit_packets) | sort')" "[5,7,350]" "the limits"
	hold 0
	packets send ve0 1000 >/tmp/flood
	sent=$(jq .sent /tmp/flood) refused=$(jq .refused /tmp/flood)
	[ "$refused" -gt 0 ] || fail "nothing was refused: $(cat /tmp/flood)"
	is "$(root ve0 qlen)" 350 "packets waiting, as tc tells"
	is "$(stat ve0 backlog_packets)" 350 "packets waiting"
	is "$(stat ve0 backlog_bytes)" 35000 "bytes waiting"
	is "$(stat ve0 drops)" "$refused" "drops and the sender's ENOBUFS"
	is "$(stat ve0 drops_limit)" "$refused" "drops by the limit"
	is "$(stat ve0 enqueued)" $((sent + 1)) "packets stored"
	# A packet that the device returned was counted as sent and waits again.
	is $(($(stat ve0 packets) + 350)) $((sent + 1 + $(stat ve0 requeues))) "packets sent and waiting"
	is "$(stat ve0 peak_backlog_packets)" 350 "the highest backlog"
	for dev in ve1 ve2; do
		is "$(stat $dev drops)" 0 "drops of $dev"
		is "$(stat $dev backlog_packets)" 0 "backlog of $dev"
	done
}

# Fill a qdisc whose far end does not poll, then check what the peer receives after the release.
flood_and_receive() {
	ip netns exec peer packets receive vf0 2000 $((HOLD * 1000 + 2000)) >/tmp/received &
	sleep 0.3 # a receiver that starts late misses frames, and the sums below fail
	hold 0
	packets send ve0 "$1" "${2:-100}" >/tmp/flood
}

test_pfifo_drops_the_new() {
	local sent HOLD=5

	holding_pair 0
	must bqdisc attach ve0 pfifo limit 20
	flood_and_receive 500
	is "$(stat ve0 backlog_packets)" 20 "packets waiting"
	sent=$(jq .sent /tmp/flood)
	wait
	is "$(jq .received /tmp/received)" $((sent + 1)) "frames received"
	# A tail drop leaves no gap: the last packet is the one before the first refused.
	is "$(jq .last /tmp/received)" $((sent - 1)) "the last frame"
}

test_head_drop_keeps_the_new() {
	local HOLD=5

	holding_pair 0
	must bqdisc attach ve0 pfifo_head_drop limit 20
	flood_and_receive 500
	is "$(jq .refused /tmp/flood)" 0 "refused by a qdisc that drops the oldest"
	is "$(stat ve0 backlog_packets)" 20 "packets waiting"
	is "$(stat ve0 drops_oldest)" "$(stat ve0 drops)" "drops of the oldest"
	[ "$(stat ve0 drops)" -gt 0 ] || fail "nothing was dropped"
	wait
	is "$(jq .last /tmp/received)" 499 "the last frame"
	is "$(jq .received /tmp/received)" $((501 - $(stat ve0 drops))) "frames received"
}

test_head_drop_limit_0_drops_all() {
	veth_pair 0
	up_pair 0
	must bqdisc attach ve0 pfifo_head_drop limit 0
	packets send ve0 10 >/tmp/flood
	is "$(jq .refused /tmp/flood)" 10 "refused"
	is "$(stat ve0 drops_limit)" 10 "drops by the limit"
}

test_bfifo_counts_bytes() {
	holding_pair 0
	must bqdisc attach ve0 bfifo limit 5050
	hold 0
	packets send ve0 500 100 >/tmp/flood
	is "$(stat ve0 backlog_bytes)" 5000 "bytes waiting of 100-byte packets under 5050"
	is "$(stat ve0 drops)" "$(jq .refused /tmp/flood)" "drops"
	packets send ve0 1 60 >/tmp/flood
	is "$(jq .refused /tmp/flood)" 1 "60 bytes do not fit any more"
}

# Send the same packets with the same options through the in-tree qdisc and bqdisc's.
same_as_in_tree() {
	local in_tree by_bqdisc

	holding_pair 0
	holding_pair 1
	tc qdisc add dev ve0 root "$@" || fail "tc has no $*"
	must bqdisc attach ve1 "$@"
	hold 0
	in_tree="$(packets send ve0 700) $(root ve0 qlen) $(root ve0 backlog) $(root ve0 drops)"
	hold 1
	by_bqdisc="$(packets send ve1 700) $(root ve1 qlen) $(root ve1 backlog) $(root ve1 drops)"
	# The far end's ring takes 248 to 257 packets before it stops the queue, so sent and drops
	# vary.
	is "$(cut -d' ' -f2,3 <<<"$by_bqdisc")" "$(cut -d' ' -f2,3 <<<"$in_tree")" "queue of $*"
	between "$(jq .sent <<<"${by_bqdisc%% *}")" $(($(jq .sent <<<"${in_tree%% *}") - 10)) \
		$(($(jq .sent <<<"${in_tree%% *}") + 10)) "sent through $*"
}

test_pfifo_as_in_tree() { same_as_in_tree pfifo limit 33; }
test_bfifo_as_in_tree() { same_as_in_tree bfifo limit 12345; }
test_head_drop_as_in_tree() { same_as_in_tree pfifo_head_drop limit 33; }

test_defaults_from_txqueuelen() {
	veth_pair 0 txqueuelen 77
	must bqdisc attach ve0 pfifo
	is "$(bqdisc -j show ve0 | jq '.[0].options.limit_packets')" 77 "pfifo"
	must bqdisc attach ve0 bfifo
	is "$(bqdisc -j show ve0 | jq '.[0].options.limit_bytes')" $((77 * 1514)) "bfifo"
	must bqdisc attach ve0 pfifo_head_drop
	is "$(bqdisc -j show ve0 | jq '.[0].options.limit_packets')" 77 "pfifo_head_drop"
}

# Held packets hold a reference to their device; deleting the device must free them at once.
goes_at_once() {
	local start=$SECONDS

	"$@"
	[ $((SECONDS - start)) -le 1 ] || fail "'$*' took $((SECONDS - start)) s"
	! dmesg | grep -q 'waiting for .* to become free' || fail "the device was still referenced"
}

test_device_goes_with_its_packets() {
	kind_goes
	holding_pair 0
	must bqdisc attach ve0 pfifo limit 350
	hold 0
	packets send ve0 1000 >/dev/null
	is "$(stat ve0 backlog_packets)" 350 "packets waiting"
	goes_at_once ip link del ve0
	is "$(bqdisc -j show)" "[]" "show afterwards"
	must bqdisc detach lo
	no_pins
}

test_detach_with_packets_waiting() {
	kind_goes
	holding_pair 0
	must bqdisc attach ve0 pfifo limit 350
	hold 0
	packets send ve0 1000 >/dev/null
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc afterwards"
	no_pins
	goes_at_once ip link del ve0
}

test_namespace_goes_with_its_packets() {
	kind_goes
	ip netns add gone
	ip netns exec gone ip link add du0 type dummy
	ip -n gone link set du0 up
	must bqdisc -n gone attach du0 pfifo limit 10
	is "$(bqdisc -n gone -j show | jq length)" 1 "instances in the namespace"
	goes_at_once ip netns del gone
	must bqdisc detach lo
	wait_for 5 swept || fail "left: $(find /sys/fs/bpf -mindepth 1)"
}

# The kernel deletes the namespace in the background.
swept() {
	bqdisc detach lo >/dev/null
	[ -z "$(find /sys/fs/bpf -mindepth 1)" ]
}

test_link_down_and_up() {
	holding_pair 0
	must bqdisc attach ve0 pfifo limit 350
	hold 0
	packets send ve0 1000 >/dev/null
	ip link set ve0 down
	is "$(stat ve0 backlog_packets)" 0 "packets waiting after link down"
	ip link set ve0 up
	wait_for 5 carrier ve0
	packets send ve0 10 >/tmp/flood
	is "$(jq .sent /tmp/flood)" 10 "sent after link up"
}

kind_stays pfifo bfifo
run_tests "$@"
