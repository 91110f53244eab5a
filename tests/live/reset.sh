#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every qdisc with many waiting packets loses its device, its link or its place. All packets are
# freed, no reference to the device is left, the counters add up, and traffic passes afterwards.
#
# PACKETS=N: so many wait in fq and netem.
#
# runs: check PACKETS=20000
# runs: kernels@6.17,6.18,7.3
# long: bfifo bucket drr edt eiffel elastic many netem_ordered pfifo pifo prio8 rounds
# needs: build/tests/byo/*.bpf.o:byo/
# time: 300
# limit: 3600
. "${0%/*}/lib.sh"

O=${0%/*}/byo
# Long enough for 1,000 packets. Tests with more packets set it.
HOLD=4
PACKETS=${PACKETS:-100000}
# Limit for deleting a device, in seconds. The kernel waits for references in steps of a second, and
# an emulator takes some seconds to free 100,000 packets.
GONE=8

# in_ns COMMAND...: run COMMAND in the namespace of ve0.
in_ns() {
	if [ -n "${ns:-}" ]; then
		ip netns exec "$ns" "$@"
	else
		"$@"
	fi
}

of() { # FIELD of the root qdisc of ve0
	in_ns tc -j -s qdisc show dev ve0 | jq -r "[.[] | select(.root)][0].$1"
}

# Packets come from outside of the namespace, because a packet holds its sender's namespace.
move_into() { # NAMESPACE
	ip netns add "$1"
	ip link set ve0 netns "$1"
	ip link add vg0 type veth peer name vg1 netns "$1" || fail "no veth pair to $1"
	quiet vg0
	in_ns bash -c "$(declare -f quiet); quiet ve0; quiet vg1"
	tc -n "$1" qdisc add dev vg1 ingress
	tc -n "$1" filter add dev vg1 parent ffff: matchall action mirred egress redirect dev ve0
	ip -n "$1" link set ve0 up
	ip -n "$1" link set vg1 up
	ip link set vg0 up
}

# Hold PACKETS in the qdisc; set given, sent, dropped, waiting. Return 1 if the far end polled.
fill_once() { # PACKETS QDISC...
	local from=ve0

	holding_pair 0
	[ -z "${ns:-}" ] || { move_into "$ns" && from=vg0; }
	must bqdisc ${ns:+-n "$ns"} attach ve0 "${@:2}"
	wait_for 5 in_ns grep -q 1 /sys/class/net/ve0/carrier || fail "ve0 has no carrier"
	packets send $from 1 >/dev/null
	sleep 0.2 # the poll that takes this packet; after it the far end defers
	packets send $from $(($1 + 400)) >/tmp/flood
	given=$(($1 + 401)) sent=$(of packets) dropped=$(of drops) waiting=$(of qlen)
	[ "$waiting" -ge "$1" ]
}

# Double HOLD if the machine was too busy to fill the queue in time.
fill() { # PACKETS QDISC...
	until fill_once "$@"; do
		HOLD=$((HOLD * 2))
		[ "$HOLD" -le 500 ] || fail "$waiting packets wait, not $1: $(cat /tmp/flood)"
		clean_up
	done
	# A packet that the device returned was counted as sent, and waits again.
	between $((sent + dropped + waiting)) "$given" $((given + 1)) "sent + dropped + waiting"
}

far_end_received() { # PACKETS
	[ "$(ip netns exec peer cat /sys/class/net/vf0/statistics/rx_packets)" -gt "$1" ]
}

# Wait until the far end has polled its full ring, and make it poll at once from then on. Nothing
# else restarts veth's queue, not even setting it down and up.
release() {
	ip netns exec peer sh -c 'echo 0 >/sys/class/net/vf0/napi_defer_hard_irqs
		echo 0 >/sys/class/net/vf0/gro_flush_timeout'
	wait_for "$HOLD" far_end_received 200 || fail "the far end does not look at its ring"
	wait_for 5 carrier ve0 || fail "ve0 has no carrier again"
	sleep 0.2
}

receives() { ip netns exec peer grep -qi ' 88b5 ' /proc/net/packet; }

# Ten packets are sent, and ten arrive.
flows() {
	ip netns exec peer packets receive vf0 10 30000 >/tmp/received &
	wait_for 5 receives || fail "no receiver"
	packets send ve0 10 >/tmp/flood
	wait $!
	is "$(jq -c '[.sent, .refused]' /tmp/flood)" '[10,0]' "sent and refused afterwards"
	is "$(jq .received /tmp/received)" 10 \
		"received afterwards, with $(of qlen) waiting and $(of packets) sent"
}

# The kernel reports a device whose references are not released.
no_device_is_held() {
	! dmesg | grep -q 'waiting for .* to become free' || fail "$(dmesg | grep 'waiting for')"
}

gone() { # COMMAND...: it takes devices away, and must end soon
	timeout $((GONE * 2)) "$@" || fail "'$*' ended with $?"
	no_device_is_held
}

link_down_and_up() { # PACKETS QDISC...
	fill "$@"
	ip link set ve0 down
	is "$(of qlen) $(of backlog)" "0 0" "packets and bytes that wait while the link is down"
	is "$(of packets) $(of drops)" "$sent $dropped" "sent and dropped while the link is down"
	ip link set ve0 up
	release
	flows
	is "$(of qlen) $(of backlog)" "0 0" "packets and bytes that wait afterwards"
	is "$(of packets) $(of drops)" "$((sent + 10)) $dropped" "sent and dropped afterwards"
	is "$(stat ve0 backlog_packets)" 0 "backlog, as bqdisc tells"
	gone ip link del ve0
}

grafted() { # PACKETS QDISC...
	fill "$@"
	gone tc qdisc replace dev ve0 root handle 77: pfifo limit 100
	is "$(of kind) $(of qlen) $(of backlog)" "pfifo 0 0" "what tc put there"
	release
	flows
	gone ip link del ve0
}

device_deleted() { # PACKETS QDISC...
	fill "$@"
	gone ip link del ve0
}

no_device() { [ ! -e "/sys/class/net/$1" ]; }

far_end_is_gone() {
	! ip -n peer link show vf0 >/dev/null 2>&1
}

namespace_deleted() { # PACKETS QDISC...
	ns=held
	fill "$@"
	ip netns del held
	ns=''
	wait_for "$GONE" far_end_is_gone || fail "the namespace's device is still there"
	no_device_is_held
}

module_removed() { # PACKETS QDISC...
	fill "$@"
	gone rmmod veth
	no_device ve0 || fail "ve0 is still there"
	modprobe veth
}

ways="link_down_and_up grafted device_deleted namespace_deleted module_removed"

# in_every_way PACKETS QDISC [OPTION]...
in_every_way() {
	local way

	must bqdisc load "$2"
	for way in $ways; do
		("$way" "$@") || exit 1
		clean_up
	done
	# The kind still works.
	plain_pair 0
	must bqdisc attach ve0 "${@:2}"
	flows
	gone ip link del ve0
	must bqdisc unload "$(basename "$2" .bpf.o)"
	no_pins
}

clean_up() {
	ip link del ve0 2>/dev/null
	ip link del vg0 2>/dev/null
	[ -z "${ns:-}" ] || ip netns del "$ns"
	ip netns del peer
}

test_pfifo() { in_every_way 1000 pfifo limit 1100; }
test_bfifo() { in_every_way 1000 bfifo limit 110000; }
test_pfifo_head_drop() { in_every_way 1000 pfifo_head_drop limit 1100; }

many_in_every_way() { # QDISC [OPTION]...
	HOLD=$((PACKETS / 5000)) in_every_way "$PACKETS" "$@"
}

# Limit with room for PACKETS.
ROOM=$((PACKETS + 100))
test_fq() { many_in_every_way fq limit $ROOM flow_limit $ROOM; }
test_netem() { many_in_every_way netem limit $ROOM delay 2ms 1ms; }
test_netem_ordered() { in_every_way 1000 netem limit 1100 delay 2ms rate 1gbit; }

test_prio8() { in_every_way 1000 "$O/prio8.bpf.o" band_limit 1100; }
test_drr() { in_every_way 1000 "$O/drr.bpf.o" limit 1100; }
test_bucket() { in_every_way 1000 "$O/bucket.bpf.o" limit 1100 rate 10gbit; }
test_edt() { in_every_way 1000 "$O/edt.bpf.o" limit 1100; }
test_eiffel() { in_every_way 1000 "$O/eiffel.bpf.o" limit 1100; }
test_elastic() { in_every_way 1000 "$O/elastic.bpf.o" limit 110000; }
test_pifo() { in_every_way 1000 "$O/pifo.bpf.o" limit 110000; }

# The source that `bqdisc new` writes.
test_mine() { in_every_way 1000 "$O/mine.bpf.o" limit 1100; }

# With loops of at most 512 steps: a queue that is longer than one loop is still emptied.
test_rounds() {
	local kind

	for kind in mine drr elastic pifo; do
		(link_down_and_up 1000 "$O/rounds_$kind.bpf.o") || exit 1
		clean_up
	done
}

# Too many packets for in_every_way.
test_many() {
	HOLD=60 link_down_and_up 300000 pfifo limit 1048576
	must bqdisc sweep
	no_pins
}

# tc makes a pool instance, without bqdisc.
test_pool() {
	must bqdisc load pfifo
	holding_pair 0
	tc qdisc add dev ve0 root handle 7: bq_pfifo
	hold 0
	packets send ve0 1500 >/dev/null
	ip link set ve0 down
	is "$(of qlen) $(of backlog)" "0 0" "packets and bytes that wait while the link is down"
	ip link set ve0 up
	release
	flows
	gone ip link del ve0
	must bqdisc unload pfifo
}

# The in-tree qdisc has the same counts.
test_in_tree() {
	holding_pair 0
	tc qdisc add dev ve0 root handle 7: pfifo limit 1100
	hold 0
	packets send ve0 1400 >/dev/null
	sent=$(of packets) dropped=$(of drops)
	ip link set ve0 down
	is "$(of qlen) $(of backlog)" "0 0" "packets and bytes that wait while the link is down"
	is "$(of packets) $(of drops)" "$sent $dropped" "sent and dropped while the link is down"
}

run_tests "$@"
