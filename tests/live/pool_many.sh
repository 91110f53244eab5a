#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The pool of instances under load: many queues, many namespaces, long queues.
#
# runs: kernels@6.18,7.3
# needs: newqdisc
# time: 140
. "${0%/*}/lib.sh"

fq_limit() { # PACKETS: TCA_FQ_PLIMIT and TCA_FQ_FLOW_PLIMIT
	printf '08000100%s08000200%s' "$(le32 "$1")" "$(le32 "$1")"
}

netem_minute() { # LIMIT: struct tc_netem_qopt with a delay of 60 s
	printf '601de137%s00000000000000000000000000000000' "$(le32 "$1")"
}

le32() {
	printf '%02x%02x%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24))
}

queued() { # DEV
	root "$1" qlen
}

# holds KIND OPTIONS LIMIT: another program's qdisc holds LIMIT packets.
holds() {
	local kind=$1 options=$2 limit=$3

	must bqdisc load "${kind#bq_}"
	holding_pair 0
	must newqdisc ve0 "$kind" "$options"
	hold 0
	packets send ve0 $((limit + 2000)) >/dev/null
	# fq counts packets that found it empty in no band.
	between "$(queued ve0)" "$limit" $((limit + 10)) "packets that wait in $kind"
	is "$(bqdisc -j stats ve0 | jq '.[0].stats.drops_no_slot')" 0 "dropped without a slot"
	ip link set ve0 down
	is "$(root ve0 backlog)" 0 "backlog of $kind after down"
	timeout 10 ip link del ve0 || fail "$kind holds the device"
	pool_is_empty "$kind"
}

test_pfifo_holds_its_limit() { holds bq_pfifo "$(le32 6000)" 6000; }
test_fq_holds_its_limit() { holds bq_fq "$(fq_limit 6000)" 6000; }
test_netem_holds_its_limit() { holds bq_netem "$(netem_minute 6000)" 6000; }

# children DEV KIND: print how many queues of DEV's mq have that kind.
children() {
	tc qdisc show dev "$1" | grep -c "^qdisc $2 "
}

default_is() { # QDISC
	must bqdisc default "$1"
}

no_fallback() {
	! dmesg | grep -q 'fallback to noqueue' || fail "$(dmesg | grep 'fallback to noqueue')"
}

# two_devices QDISC: 256 queues each, and traffic through the first and the last.
two_devices() {
	local kind=bq_$1 dev

	dmesg -c >/dev/null
	default_is "$1"
	for dev in ve0 ve1; do
		ip link add "$dev" numtxqueues 256 numrxqueues 256 type veth \
			peer name "${dev/e/f}" numtxqueues 256 numrxqueues 256 || fail "no $dev"
		quiet "$dev"
		quiet "${dev/e/f}"
		tc qdisc add dev "$dev" root handle 1: mq || fail "no mq on $dev"
		ip link set "$dev" up
		ip link set "${dev/e/f}" up
		is "$(children "$dev" "$kind")" 256 "queues of $dev with $kind"
	done
	is "$(bqdisc -j show | jq length)" 512 "instances"
	for dev in ve0 ve1; do
		wait_for 5 carrier "$dev"
		packets send "$dev" 40 >/dev/null
		is "$(sent_by "$dev")" 40 "packets sent by $dev"
	done
	no_fallback
	ip link del ve0
	ip link del ve1
	pool_is_empty "$kind"
}

test_two_devices_of_256_queues_fq() { two_devices fq; }
test_two_devices_of_256_queues_pfifo() { two_devices pfifo; }

# Create the whole pool twice: nothing is left of the first time.
test_whole_pool_in_sequence() {
	local round

	default_is fq
	for round in 1 2; do
		ip link add du0 numtxqueues 4096 type dummy
		tc qdisc add dev du0 root handle 1: mq || fail "no mq of 4096 queues, round $round"
		is "$(children du0 bq_fq)" 4096 "queues with fq, round $round"
		ip link del du0
		pool_is_empty bq_fq
	done
}

# Beyond the pool, a qdisc without options still has a queue, and one with options is refused.
test_spare_queues() {
	local kind

	for kind in pfifo fq netem; do
		default_is "$kind"
		ip link add du0 numtxqueues 4096 type dummy
		tc qdisc add dev du0 root handle 1: mq || fail "no mq of 4096 queues of $kind"
		holding_pair 0
		tc qdisc add dev ve0 root "bq_$kind" || fail "the 4097th $kind is refused"
		newqdisc du0 "bq_$kind" 0a000000 2>/dev/null && fail "one with options was taken"
		hold 0
		packets send ve0 2000 >/dev/null
		# The core holds one more packet, which the device returned.
		between "$(queued ve0)" 64 65 "packets in the spare queue of $kind"
		tc qdisc replace dev ve0 root pfifo
		is "$(pool_of "bq_$kind" taken)" 0 "words with areas taken afterwards, of $kind"
		ip link del ve0
		ip link del du0
		pool_is_empty "bq_$kind"
	done
}

# First the pool's areas are used, then slots that bqdisc adds; at the end all are freed.
test_change_gives_a_pool_instance_more() {
	local kind

	for kind in pfifo fq; do
		must bqdisc load "$kind"
		holding_pair 0
		if [ "$kind" = fq ]; then
			must newqdisc ve0 bq_fq "$(fq_limit 400)"
		else
			must newqdisc ve0 bq_pfifo "$(le32 400)"
		fi
		hold 0
		packets send ve0 1000 >/dev/null
		between "$(queued ve0)" 400 410 "packets in $kind"
		must bqdisc change ve0 limit 3000
		[ "$kind" = pfifo ] || must bqdisc change ve0 flow_limit 3000
		packets send ve0 4000 >/dev/null
		between "$(queued ve0)" 3000 3010 "packets in $kind after the change"
		ip link del ve0
		bqdisc show >/dev/null
		pool_is_empty "bq_$kind"
	done
}

test_default_and_load_say_what_will_not_fit() {
	ip link add du0 numtxqueues 4000 type dummy
	must bqdisc default fq
	! grep -q instances /tmp/out || fail "it warned: $(cat /tmp/out)"
	ip link add du1 numtxqueues 352 type dummy
	must bqdisc default fq
	grep -q '435[0-9] transmit queues, but 4096 instances' /tmp/out || fail "default said: $(cat /tmp/out)"
	must bqdisc load pfifo
	grep -q '435[0-9] transmit queues, but 4096 instances' /tmp/out || fail "load said: $(cat /tmp/out)"
	must bqdisc unload pfifo
}

namespaces() { # add|del COUNT
	local i

	for i in $(seq 1 "$2"); do
		echo "netns $1 cn$i"
	done >/tmp/batch
	ip -batch /tmp/batch || fail "cannot $1 $2 namespaces"
}

test_500_namespaces() {
	local i

	dmesg -c >/dev/null
	default_is fq
	namespaces add 500
	for i in $(seq 1 500); do
		echo "link add ce0 netns cn$i type ifb"
	done >/tmp/batch
	ip -batch /tmp/batch || fail "cannot make 500 devices"
	ip -all netns exec ip link set ce0 up >/dev/null
	is "$(ip -all netns exec tc qdisc show dev ce0 | grep -c '^qdisc bq_fq ')" 500 "devices with fq"
	no_fallback
	ip netns exec cn500 packets send ce0 20 >/dev/null
	wait_for 5 sent_in cn500 20 || fail "$(tc -n cn500 -s qdisc show)"
	namespaces del 500
	wait_for 20 pool_is_unused bq_fq || fail "instances that are left: $(pool_in_use bq_fq)"
	pool_is_empty bq_fq
}

sent_in() { # NETNS PACKETS: at least, as IPv6 sends some of its own
	[ "$(tc -n "$1" -s -j qdisc show dev ce0 | jq '.[0].packets')" -ge "$2" ]
}

pool_is_unused() {
	[ "$(pool_in_use "$1")" = 0 ]
}

run_tests "$@"
