#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hfq with real packets, checked by its counters and by the packets that arrive.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# runs: long suite=hfq_long time=600 limit=7200 HFQ_ROUNDS=120
# icount
# append: nohz=off
# needs: flows
# time: 110
. "${0%/*}/lib.sh"

# class NAME KEY...: print counters of a class of ve0 at one instant.
class() {
	bqdisc -j stats ve0 | jq -c --args '$ARGS.positional as $words |
		[.[0].classes[] | select(.name == $words[0]).stats | .[$words[1:][]]]' "$@"
}

# pair: a pair with a neighbour that need not answer, and does not ask, so that ve0 sends nothing
# but what a test sends.
pair() {
	veth_pair 0
	quiet ve0
	ip -n peer link set vf0 address 02:00:00:00:00:02 arp off
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	wait_for 5 carrier ve0 || fail "ve0 has no carrier"
}

# A bandwidth of 8bit lets one or two of these datagrams leave, and the others wait.
# send FLOW COUNT [GAP]: COUNT datagrams of 1000 bytes from port 9001 + FLOW, GAP ns apart.
send() {
	awk -v flow="$1" -v n="$2" -v gap="${3:-0}" \
		'BEGIN { for (i = 0; i < n; i++) printf "%.0f %d 958\n", i * gap, flow }' >/tmp/script
	flows send /tmp/script >/tmp/sent
}

test_options() {
	plain_pair 0
	must bqdisc attach ve0 hfq bandwidth 100mbit class voice prio 0 rate 5mbit match dscp 46 \
		class web weight 3 ceil 50mbit match dport 443 class rest prio 1
	is "$(bqdisc -j show ve0 | jq -c '.[0] | [.options.bandwidth_bits_per_second, .options.limit_packets,
		(.classes[] | .name, .options.weight, .options.prio, .match.dscp, .match.dport)]')" \
		'[100000000,10240,"voice",1,0,"46",null,"web",3,0,null,"443","rest",1,1,null,null]' options
	must bqdisc detach ve0
}

test_wrong_trees() {
	plain_pair 0
	refuses 1 "no class takes the packets that no match holds for; add 'class rest'" \
		bqdisc attach ve0 hfq
	refuses 1 "class b: has no match, as class a" bqdisc attach ve0 hfq class a class b
	refuses 1 "no class 'up' can be its parent" bqdisc attach ve0 hfq class a parent up
	refuses 1 "rates of 12mbit together, more than its 10mbit" \
		bqdisc attach ve0 hfq bandwidth 10mbit class a rate 6mbit match dport 1 class b rate 6mbit
	refuses 1 "ceil is below its rate" bqdisc attach ve0 hfq class a rate 2mbit ceil 1mbit
	refuses 1 "has a match, but packets belong to the classes below it" \
		bqdisc attach ve0 hfq class a match dport 1 class b parent a
	refuses 1 "unknown option 'rtae'; the nearest is 'rate'" bqdisc attach ve0 hfq class a rtae 1mbit
	refuses 1 "cannot be a default: it needs options" bqdisc default hfq
	tc qdisc add dev ve0 root bq_hfq 2>/dev/null && fail "the kernel made an hfq without classes"
	is "$(root ve0 kind)" noqueue "the root qdisc"
}

# Each packet belongs to the first class that matches, and to the classes above that.
test_classes() {
	pair
	must bqdisc attach ve0 hfq class up class a parent up match sport 9001 \
		class b parent up match sport 9001-9002 class c match sport 9002-9003 class d match sport 9004 class rest
	for flow in 0 1 1 2 2 2 3 3 3 3; do
		send $flow 1
	done
	is "$(class a packets bytes)$(class b packets bytes)$(class c packets)$(class d packets)" \
		'[1,1000][2,2000][3][4]' "packets and bytes"
	is "$(class up packets bytes backlog_packets)" '[3,3000,0]' "of the class above"
}

# A packet that may not leave waits in its class, and the limit drops of the fattest.
test_backlog_and_limit() {
	pair
	must bqdisc attach ve0 hfq bandwidth 8bit limit 20 class a match sport 9001 class rest fifo
	send 0 15
	send 1 15
	between "$(class a drops | jq .[0])" 5 7 "drops in a"
	between "$(class rest drops | jq .[0])" 5 9 "drops in the other class"
	is "$(class a packets drops backlog_packets | jq add)" 15 "packets of a"
	between "$(stat ve0 backlog_packets)" 15 20 "packets waiting"
	is "$(stat ve0 drop_overlimit)" "$(stat ve0 drops)" "drops by the limit"
	bqdisc change ve0 bandwidth 100mbit
	wait_for 5 drained || fail "packets stay"
	is "$(class a packets drops | jq add)$(class a backlog_packets)" "15[0]" "packets of a at the end"
}

# overload FLOW...: send 1,500 datagrams of 1000 bytes a second in each flow, for 2 s.
overload() {
	echo "$@" | awk '{ for (i = 0; i < 3000; i++) for (f = 1; f <= NF; f++)
		printf "%.0f %d 958\n", i * 666666, $f }' >/tmp/script
	flows send /tmp/script >/tmp/sent
}

# shares CLASS...: print the bytes that each has sent, in parts of 1,000 of their sum.
shares() {
	bqdisc -j stats ve0 | jq -c --args '[.[0].classes[] | select(.name | IN($ARGS.positional[])).stats.bytes] |
		add as $all | map(. * 1000 / $all | round)' "$@"
}

# promised HOW SHARES: those of a, b and c in the tree below, each within 2 %.
promised() {
	between "$(jq '.[0]' <<<"$2")" 353 367 "a's share ($1: $2)"
	between "$(jq '.[1]' <<<"$2")" 470 490 "b's share ($1: $2)"
	between "$(jq '.[2]' <<<"$2")" 157 163 "c's share ($1: $2)"
}

# The same tree as of htb.
htb_tree() {
	must tc qdisc add dev ve0 root handle 1: htb default 3
	must tc class add dev ve0 parent 1: classid 1:9 htb rate 10mbit quantum 1600
	must tc class add dev ve0 parent 1:9 classid 1:1 htb rate 2mbit ceil 10mbit quantum 1600
	must tc class add dev ve0 parent 1:9 classid 1:2 htb rate 8bit ceil 10mbit quantum 4800
	must tc class add dev ve0 parent 1:9 classid 1:3 htb rate 8bit ceil 10mbit quantum 1600
	must tc filter add dev ve0 parent 1: protocol ip prio 1 u32 match ip sport 9001 0xffff flowid 1:1
	must tc filter add dev ve0 parent 1: protocol ip prio 2 u32 match ip sport 9002 0xffff flowid 1:2
}

# Class a has 2 of 10 Mbit/s for itself and a fifth of the rest, b three fifths, and c a fifth.
test_rates_beside_htb() {
	local span

	pair
	htb_tree
	overload 0 1 2
	promised htb "$(tc -s class show dev ve0 | awk '$1 == "class" { id = $3 }
		$1 == "Sent" && id ~ /^1:[123]$/ { sent[id] = $2; all += $2 }
		END { printf "[%d,%d,%d]", sent["1:1"] * 1000 / all, sent["1:2"] * 1000 / all, sent["1:3"] * 1000 / all }')"
	tc qdisc del dev ve0 root
	must bqdisc attach ve0 hfq bandwidth 10mbit class a rate 2mbit match sport 9001 \
		class b weight 3 match sport 9002 class c
	ip netns exec peer flows span vf0 900 >/tmp/span &
	span=$!
	overload 0 1 2
	promised hfq "$(shares a b c)"
	kill $span
	wait $span
	between "$(jq '.bytes * 8000000 / .ns | floor' /tmp/span)" 9800 10100 "kilobits a second"
}

queued() { [ "$(stat ve0 backlog_packets)" -ge 10 ]; }

# arriving: print the large packets a second that arrive in the next half of a second.
arriving() {
	local span

	ip netns exec peer flows span vf0 400 >/tmp/span &
	span=$!
	sleep 0.5
	kill $span
	wait $span
	jq '(.packets - 1) * 1000000000 / .ns | round' /tmp/span
}

# A change has its effect when the first packet is looked at, within the time that flows takes to start.
test_changes_at_once() {
	local sender

	pair
	must bqdisc attach ve0 hfq bandwidth 8mbit class a fifo match sport 9001 class b
	overload 0 0 &
	sender=$!
	wait_for 5 queued || fail "no packets wait"
	between "$(arriving)" 990 1010 "packets a second"
	must bqdisc change ve0 class a ceil 2mbit
	between "$(arriving)" 248 252 "with another ceil"
	must bqdisc change ve0 bandwidth 1mbit
	between "$(arriving)" 123 128 "with another bandwidth"
	wait $sender
	is "$(stat ve0 drops)" 0 "drops"
}

# 986 bytes of IP and 40 of headers take 22 cells of 53 bytes. Each segment of 86 takes three of them,
# and eight come as a packet of 506 bytes.
test_bytes_on_the_link() {
	pair
	must bqdisc attach ve0 hfq bandwidth 8mbit link pppoe-llcsnap class rest
	is "$(bqdisc -j show ve0 | jq -c '.[0].options | [.overhead_bytes, .mpu_bytes, .linklayer]')" \
		'[40,0,"atm"]' "link"
	overload 0 0 &
	wait_for 5 queued || fail "no packets wait"
	between "$(arriving)" 849 866 "packets a second in cells"
	wait $!
	wait_for 10 drained || fail "packets stay"
	awk 'BEGIN { for (i = 0; i < 2000; i++) printf "%.0f 0 464 gso 58\n", i * 1000000 }' >/tmp/script
	flows send /tmp/script >/tmp/sent &
	wait_for 5 queued || fail "no packets wait"
	between "$(arriving)" 779 794 "packets a second of segments in cells"
	wait $!
	wait_for 10 drained || fail "packets stay"
	must bqdisc change ve0 linklayer ethernet overhead 4 mpu 100
	overload 0 0 &
	wait_for 5 queued || fail "no packets wait"
	between "$(arriving)" 1006 1014 "packets a second with a shorter header"
	wait $!
	wait_for 10 drained || fail "packets stay"
	refuses 1 "'isdn' is no kind of link" bqdisc change ve0 link isdn
	refuses 1 "missing NAME" bqdisc change ve0 link
}

# Bytes that a class sent while no other had packets do not count against it.
test_no_debt_of_the_past() {
	local before

	pair
	must bqdisc attach ve0 hfq bandwidth 1gbit class a match sport 9001 class b
	send 0 3000
	wait_for 5 drained || fail "packets stay"
	before=$(class a bytes | jq .[0])
	must bqdisc change ve0 bandwidth 10mbit
	overload 0 1
	between "$(bqdisc -j stats ve0 | jq "[.[0].classes[].stats.bytes] |
		(.[0] - $before) * 1000 / .[1] | floor")" 950 1050 "thousandths of b's bytes that a sent"
}

# Each of 1,000 classes, in ten classes, gets its packet.
test_thousand_classes() {
	local words

	pair
	words=$(awk 'BEGIN { for (i = 0; i < 10; i++) printf " class g%d rate 1mbit", i
		for (i = 0; i < 989; i++) printf " class c%d parent g%d match sport %d", i, i % 10, 9001 + i }')
	# shellcheck disable=SC2086 # words
	must bqdisc attach ve0 hfq bandwidth 100mbit $words class rest
	awk 'BEGIN { for (i = 0; i < 989; i++) printf "0 %d 958\n", i }' >/tmp/script
	flows send /tmp/script >/tmp/sent
	wait_for 5 drained || fail "packets stay"
	must bqdisc change ve0 class c7 ceil 1mbit class c988 delete
	is "$(bqdisc -j stats ve0 | jq -c '.[0].classes | [length, ([.[] | select(.name | startswith("c"))] |
		length), ([.[] | select(.name | startswith("c")).stats.packets] | unique),
		([.[] | select(.name | startswith("g")).stats.packets] | add)]')" "[999,988,[1],989]" "packets"
}

# The lowest prio borrows first, up to its ceil, but a guarantee comes before it.
test_prio_and_ceil() {
	pair
	must bqdisc attach ve0 hfq bandwidth 10mbit class a prio 0 ceil 6mbit match sport 9001 \
		class b prio 1 rate 1mbit match sport 9002 class up prio 2 \
		class c prio 2 parent up match sport 9003 class rest prio 3
	overload 0 1 2
	shares a b c >/tmp/shares
	between "$(jq '.[0]' /tmp/shares)" 588 612 "a's share ($(cat /tmp/shares))"
	between "$(jq '.[1]' /tmp/shares)" 392 408 "b's share ($(cat /tmp/shares))"
	must bqdisc change ve0 class a ceil 2mbit class b ceil 3mbit
	is "$(bqdisc -j show ve0 | jq '.[0].classes[0].options.ceil_bits_per_second')" 2000000 ceil
	must bqdisc change ve0 bandwidth 100mbit
	wait_for 5 drained || fail "packets stay"
}

# Packets of a class that goes away leave with those of the default class.
test_change_of_classes() {
	local before a rest

	pair
	must bqdisc attach ve0 hfq bandwidth 8bit class a match sport 9001 class b match sport 9002 \
		class rest
	send 0 10
	send 1 20
	before=$(received 0)
	a=$(class a backlog_packets | jq .[0])
	rest=$(class rest backlog_packets | jq .[0])
	between "$a" 8 9 "packets waiting"
	must bqdisc change ve0 class a delete class new match sport 9001
	send 0 5
	is "$(class rest backlog_packets)$(class new backlog_packets)" "[$((a + rest))][5]" "after a class is gone"
	must bqdisc change ve0 hfq class b match sport 9002 class other
	send 0 1
	is "$(class b backlog_packets)$(class other backlog_packets)" "[20][$((a + rest + 6))]" "in another tree"
	must bqdisc change ve0 class up class b parent up
	is "$(class b backlog_packets)" "[20]" "below a new class"
	must bqdisc change ve0 bandwidth 100mbit
	arrive 0 "$before" $((a + rest + 26))
	is "$(stat ve0 drops)" 0 drops
}

test_expiry() {
	pair
	must bqdisc attach ve0 hfq bandwidth 8bit class a match sport 9001 class rest --for 1s
	send 0 20
	wait_for 10 drained || fail "packets stay"
	is "$(class a packets)" "[20]" "packets that left"
}

test_down_and_up() {
	pair
	must bqdisc attach ve0 hfq bandwidth 8bit class a match sport 9001 class rest
	send 0 20
	between "$(class a backlog_packets | jq .[0])" 18 19 "packets waiting"
	ip link set ve0 down
	is "$(stat ve0 backlog_packets)$(class a backlog_packets)" "0[0]" "packets waiting when down"
	ip link set ve0 up
}

test_detach_under_traffic() {
	kind_goes
	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 hfq bandwidth 200mbit class a match dport 5201 class rest
	start_transfer
	must bqdisc change ve0 bandwidth 100mbit class a rate 50mbit
	must bqdisc detach ve0
	end_transfer
	no_pins
}

test_removal_with_packets() {
	kind_goes
	pair
	must bqdisc attach ve0 hfq bandwidth 8bit class rest
	send 0 500
	timeout 20 ip link del ve0 || fail "the device is still held"
	bqdisc detach lo >/dev/null
	no_pins
}

# random_tree: print the words of a tree of up to 13 classes; each inner class has a leaf.
random_tree() {
	local inner=$((RANDOM % 4)) i parent

	for ((i = 1; i <= inner; i++)); do
		parent=$((RANDOM % i))
		echo "class in$i weight $((RANDOM % 5 + 1))"
		((parent == 0)) || echo "parent in$parent"
	done
	for ((i = 1; i <= inner + RANDOM % 6; i++)); do
		parent=$((i <= inner ? i : RANDOM % (inner + 1)))
		echo "class leaf$i prio $((RANDOM % 8)) weight $((RANDOM % 9 + 1)) match sport $((9001 + RANDOM % 6))"
		((parent == 0)) || echo "parent in$parent"
		((RANDOM % 3)) || echo "rate $((RANDOM % 1000 + 1))kbit"
		((RANDOM % 3)) || echo "ceil $((RANDOM % 20 + 14))mbit"
		((RANDOM % 5)) || echo fifo
	done
	echo "class rest$((RANDOM % 2))"
}

# Every packet that arrived is sent, dropped or waits, in the qdisc and in its classes.
all_is_accounted() {
	snap ve0
	[ "$(jq -c '.[0] | [(.stats | .packets + .drops + .backlog_packets - .queue_length_packets.count),
		([.classes[] | select(.name | startswith("in") | not).stats.backlog_packets] | add) -
			.stats.backlog_packets]' /tmp/snap)" = "[0,0]" ]
}

# Trees come and go while packets of all classes wait. A bandwidth of 8bit stops them to be counted.
test_random_trees() {
	local round tree seed=${BQDISC_SEED:-$RANDOM}

	echo "# BQDISC_SEED=$seed"
	RANDOM=$((seed % 32768))
	pair
	must bqdisc attach ve0 hfq limit 200 class rest
	for ((round = 0; round < ${HFQ_ROUNDS:-3}; round++)); do
		overload 0 1 2 &
		tree=$(random_tree)
		# shellcheck disable=SC2086 # words
		must bqdisc change ve0 hfq bandwidth 13mbit $tree
		sleep 0.5
		tree=$(random_tree)
		# shellcheck disable=SC2086 # words
		must bqdisc change ve0 hfq $tree
		wait $!
		# shellcheck disable=SC2046 # words
		must bqdisc change ve0 hfq bandwidth 8bit $(grep -v '^rate' <<<"$tree")
		wait_for 5 all_is_accounted || fail "round $round: packets are lost: $(tr '\n' ' ' <<<"$tree") $(cat /tmp/snap)"
	done
	must bqdisc change ve0 hfq bandwidth 1gbit class rest
	wait_for 10 drained || fail "packets stay"
	is "$(class rest backlog_packets)" "[0]" "packets in the class at the end"
	is "$(accounted ve0)" "$(counter ve0 queue_length_packets.count)" "packets at the end"
}

kind_stays hfq
run_tests "$@"
