#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The examples, and tests/byo/forms.bpf.c with all operations of nodes, lists and trees, order and
# time real packets as their first lines say.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: all_examples_free_a_device elastic eiffel
# needs: flows scripts
# needs: build/tests/byo/*.bpf.o:byo/
# time: 150
. "${0%/*}/lib.sh"

O=${0%/*}/byo
HOLD=4

# A pair whose far end polls its ring only every HOLD seconds, so that packets wait in the qdisc.
ready() { # OBJECT [OPTION...]
	holding_pair 0
	ip addr add 10.9.0.1/24 dev ve0
	ip -n peer addr add 10.9.0.2/24 dev vf0
	ip neigh replace 10.9.0.2 lladdr "$(cat_mac)" dev ve0
	must bqdisc attach ve0 "$O/$1.bpf.o" "${@:2}"
}

cat_mac() {
	ip -n peer -j link show vf0 | jq -r '.[0].address'
}

# Print a script: COUNT packets of FLOW, each with WORDS.
packets_of() { # FLOW COUNT SIZE WORDS...
	local i

	for ((i = 0; i < $2; i++)); do
		echo "0 $1 $3 ${*:4}"
	done
}

# Send the script to a far end that does not poll; flow 0 fills its ring first. Write the packets of
# the other flows to /tmp/came, one flow a line, in the order of arrival.
send_held() { # SCRIPT
	ip netns exec peer flows receive vf0 $((HOLD * 1000 + 3000)) >/tmp/all &
	receiver=$!
	wait_for 5 carrier ve0 || fail "no carrier"
	{
		packets_of 0 1 100
		echo "300000000 0 100"
		packets_of 0 300 100 | sed 's/^0/300000000/'
		sed 's/^0/400000000/' "$1"
	} >/tmp/script
	flows send /tmp/script >/tmp/sent
	is "$(jq .refused /tmp/sent)" 0 "packets refused"
	wait $receiver
	awk '$2 > 0 { print $2 }' /tmp/all >/tmp/came
	is "$(wc -l </tmp/came)" "$(wc -l <"$1")" "packets that came"
}

no_trace() {
	must bqdisc detach ve0
	no_pins
}

test_prio8() {
	ready prio8
	{
		packets_of 1 5 100 prio 0
		packets_of 2 5 100 prio 6
		packets_of 3 5 100 prio 3
		packets_of 4 5 100 prio 9
		packets_of 1 5 100 prio 0
	} >/tmp/what
	send_held /tmp/what
	is "$(uniq -c /tmp/came | xargs)" "5 4 5 2 5 3 10 1" "flows in the order of arrival"
	is "$(bqdisc -j stats ve0 | jq -c '.[0].stats.enqueued | [.[3], .[6], .[7]]')" '[5,5,5]' enqueued
	no_trace
}

test_prio8_band_limit() {
	ready prio8 band_limit 7
	must bqdisc change ve0 band_limit 9
	hold 0
	packets send ve0 400 >/dev/null
	# The core may hold one more packet, which the device returned.
	between "$(root ve0 qlen)" 9 10 "packets waiting in one band"
	no_trace
}

# Two classes with equal shares, of small and of large packets, send the same number of bytes.
test_drr() {
	ready drr quantum 1000
	{
		packets_of 1 60 958 mark 1
		packets_of 2 300 208 mark 2
	} >/tmp/what
	send_held /tmp/what
	# With half of the bytes for each class, 20 of the first 120 packets have 1000 bytes and 100
	# have 250.
	between "$(head -n 150 /tmp/came | grep -c '^1$')" 28 32 "large ones among the first 150"
	is "$(tail -n 1 /tmp/came)" 2 "the last flow"
	no_trace
}

test_drr_many_classes() {
	local n

	ready drr quantum 100
	for n in {1..50}; do
		packets_of "$n" 3 100 mark $((n + 7))
	done >/tmp/what
	send_held /tmp/what
	is "$(head -n 50 /tmp/came | sort -nu | wc -l)" 50 "flows among the first 50 packets"
	no_trace
}

# 1 Mbit/s are 125 packets of 1000 bytes a second; a burst of ten goes first.
test_bucket() {
	plain_pair 0
	ip addr add 10.9.0.1/24 dev ve0
	ip -n peer addr add 10.9.0.2/24 dev vf0
	ip neigh replace 10.9.0.2 lladdr "$(cat_mac)" dev ve0
	must bqdisc attach ve0 "$O/bucket.bpf.o" rate 1mbit burst 10000
	ip netns exec peer flows receive vf0 4000 >/tmp/all &
	receiver=$!
	sleep 0.5
	packets_of 1 135 958 >/tmp/script
	flows send /tmp/script >/tmp/sent
	wait $receiver
	is "$(wc -l </tmp/all)" 135 "packets that came"
	# Time from the first packet to the tenth, and from the 11th to the last: 124 at 8 ms, less
	# the delay with which a busy machine sees the 11th.
	read -r burst rest < <(awk 'NR == 1 { a = $3 } NR == 10 { b = $3 } NR == 11 { c = $3 }
		END { print b - a, $3 - c }' /tmp/all)
	[ "$burst" -lt 200000000 ] || fail "the burst took $burst ns"
	between "$rest" 930000000 1250000000 "nanoseconds for 124 packets at 1 Mbit/s"
	[ "$(stat ve0 waits)" -gt 50 ] || fail "waits: $(stat ve0 waits)"
	no_trace
}

# Sent together, with departure times in reverse order, 20 ms apart.
test_edt() {
	local i

	plain_pair 0
	ip addr add 10.9.0.1/24 dev ve0
	ip -n peer addr add 10.9.0.2/24 dev vf0
	ip neigh replace 10.9.0.2 lladdr "$(cat_mac)" dev ve0
	must bqdisc attach ve0 "$O/edt.bpf.o" horizon 5s
	ip netns exec peer flows receive vf0 4000 >/tmp/all &
	receiver=$!
	sleep 0.5
	for i in {10..1}; do
		echo "0 $i 100 time $((200000000 + i * 20000000))"
	done >/tmp/script
	echo "0 99 100 time 7000000000" >>/tmp/script
	flows send /tmp/script >/tmp/sent
	wait $receiver
	is "$(awk '{ print $2 }' /tmp/all | xargs)" "1 2 3 4 5 6 7 8 9 10" "flows in the order of arrival"
	awk '{ late = $3 - 200000000 - $2 * 20000000
		if (late < 0 || late > 100000000) print "flow " $2 " was " late " ns late" }' /tmp/all >/tmp/late
	[ ! -s /tmp/late ] || fail "$(cat /tmp/late)"
	is "$(stat ve0 drops_horizon)" 1 "packets beyond the horizon"
	is "$(stat ve0 late_ns)" 10 "packets in the histogram"
	no_trace
}

test_eiffel() {
	local i ranks=(4095 17 64 63 1 2048 640 65 3000 128)

	ready eiffel
	for i in {1..10}; do
		packets_of "$i" 3 100 mark "${ranks[i - 1]}"
	done >/tmp/what
	send_held /tmp/what
	is "$(uniq -c /tmp/came | xargs)" "3 5 3 2 3 4 3 3 3 8 3 10 3 7 3 6 3 9 3 1" \
		"flows in the order of arrival"
	must bqdisc change ve0 shift 6
	no_trace
}

test_elastic() {
	local i

	for i in {1..5}; do
		packets_of "$i" 3 $((i * 100))
	done >/tmp/what
	ready elastic
	send_held /tmp/what
	is "$(uniq -c /tmp/came | xargs)" "3 1 3 2 3 3 3 4 3 5" "flows in the order of arrival"
	no_trace
	clean
	ready elastic lifo
	send_held /tmp/what
	is "$(uniq -c /tmp/came | xargs)" "3 5 3 4 3 3 3 2 3 1" "flows in the order of arrival, lifo"
	no_trace
}

# 50 frames of 100 bytes are 5000 bytes. Also request more slots than any kind has.
test_elastic_limit() {
	ready elastic limit 5000
	hold 0
	packets send ve0 400 100 >/dev/null
	between "$(root ve0 backlog)" 4900 5100 "bytes waiting"
	must bqdisc change ve0 limit 4gb
	packets send ve0 30000 60 >/dev/null
	[ "$(root ve0 qlen)" -gt 30000 ] || fail "$(root ve0 qlen) packets wait"
	no_trace
}

test_pifo() {
	local i ranks=(4095 17 4000000000 63 1 2048 640 4294967295 3000 128)

	ready pifo
	for i in {1..10}; do
		packets_of "$i" 3 100 mark "${ranks[i - 1]}"
	done >/tmp/what
	send_held /tmp/what
	is "$(uniq -c /tmp/came | xargs)" "3 5 3 2 3 4 3 10 3 7 3 6 3 9 3 1 3 3 3 8" \
		"flows in the order of arrival"
	no_trace
}

# One packet every 20 ms after the first; then all others together.
test_pifo_spacing() {
	local i

	plain_pair 0
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr "$(cat_mac)" dev ve0
	must bqdisc attach ve0 "$O/pifo.bpf.o" spacing 20ms
	ip netns exec peer flows receive vf0 4000 >/tmp/all &
	receiver=$!
	sleep 0.5
	for i in {10..1}; do
		echo "0 $i 100 mark $i"
	done >/tmp/script
	flows send /tmp/script >/tmp/sent
	wait_for 5 all_left || fail "$(root ve0 qlen) wait"
	must bqdisc change ve0 spacing 1s
	flows send /tmp/script >/tmp/sent
	must bqdisc change ve0 spacing 0ns
	wait $receiver
	is "$(awk '{ print $2 }' /tmp/all | head -n 10 | xargs)" "10 1 2 3 4 5 6 7 8 9" \
		"flows in the order of arrival"
	awk 'NR > 1 && NR <= 10 && $3 - before < 19000000 { print $3 - before } { before = $3 }' \
		/tmp/all >/tmp/close
	[ ! -s /tmp/close ] || fail "nanoseconds between two: $(xargs </tmp/close)"
	is "$(wc -l </tmp/all)" 20 "packets that came"
	no_trace
}

all_left() {
	[ "$(root ve0 qlen)" = 0 ]
}

# 7.2 can insert nodes into the middle of a list and remove them.
has_list_del() {
	bpftool btf dump file /sys/kernel/btf/vmlinux format raw | grep -q "FUNC 'bpf_list_del'"
}

# Wait until HELD - 4 packets of flow 0 are queued, then send the script.
send_into_full() { # SCRIPT
	ip netns exec peer flows receive vf0 $((HOLD * 1000 + 3000)) >/tmp/all &
	receiver=$!
	hold 0
	packets send ve0 300 >/dev/null
	held=$(stat ve0 held)
	[ "$held" -gt 0 ] || fail "none is held"
	must bqdisc change ve0 limit $((held + 4))
	flows send "$1" >/tmp/sent
	is "$(jq .refused /tmp/sent)" 0 "packets refused"
	is "$(stat ve0 held)" $((held + 4)) "packets held"
}

test_forms_worst_is_dropped() {
	local flow=0 held mark

	ready forms
	for mark in 5 1 9 3 7 2 8; do
		packets_of $((++flow)) 1 100 mark $mark
	done >/tmp/what
	send_into_full /tmp/what
	is "$(stat ve0 front_mark) $(stat ve0 back_mark) $(stat ve0 lowest_mark)" "0 8 0" "marks seen"
	wait $receiver
	is "$(awk '{ print $2 }' /tmp/all | xargs)" "1 2 4 6" "flows in the order of arrival"
	is "$(stat ve0 drops_worst) $(stat ve0 wrong) $(stat ve0 held)" "3 0 0" "drops, wrong, held"
	if has_list_del; then
		is "$(stat ve0 passed_over)" 0 "empty nodes left in the list"
	else
		is "$(stat ve0 passed_over)" 3 "empty nodes left in the list"
	fi
	no_trace
}

test_forms_order() {
	local i expected="1 2 3 4 5"

	for i in {1..5}; do
		packets_of "$i" 1 100
	done >/tmp/what
	ready forms newest
	send_held /tmp/what
	is "$(xargs </tmp/came)" "5 4 3 2 1" "newest first"
	no_trace
	clean
	ready forms second
	send_held /tmp/what
	! has_list_del || expected="5 4 3 2 1"
	is "$(xargs </tmp/came)" "$expected" "each behind the first"
	no_trace
}

# Print the memory charged to a socket to port 9, in hexadecimal.
charged() {
	awk '$3 ~ /:0009$/ { split($5, queue, ":"); print queue[1] }' /proc/net/udp
}

is_charged() {
	[ "$(charged)" != 00000000 ]
}

is_free() {
	! is_charged
}

# A device that goes down is reset: all packets are freed, while the qdisc stays.
test_nodes_free_their_packets() {
	local name

	for name in elastic pifo forms; do
		ready "$name"
		exec 7>/dev/udp/10.9.0.2/9
		hold 0
		packets send ve0 300 >/dev/null
		for _ in {1..50}; do echo packet >&7; done
		is_charged || fail "$name holds nothing"
		ip link set ve0 down
		wait_for 5 is_free || fail "$name keeps packets, bytes: 0x$(charged)"
		is "$(root ve0 qlen)" 0 "packets waiting"
		exec 7>&-
		no_trace
		clean
	done
}

# Deleting the device frees all packets of every example.
test_all_examples_free_a_device() {
	local name

	for name in prio8 drr bucket edt eiffel elastic pifo forms; do
		ready "$name"
		hold 0
		packets send ve0 300 >/dev/null
		[ "$(root ve0 qlen)" -gt 0 ] || fail "$name holds nothing"
		timeout 20 ip link del ve0 || fail "$name does not let the device go"
		must bqdisc detach lo
		no_pins
	done
}

run_tests "$@"
