#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# One test for each row of the tables in lib/snapshot/fixup.c: build it with tc, replace it by
# bqdisc's qdisc, and detach. The kernel's dump must be the same as before, byte for byte.
#
# runs: safety kernels@6.18
# suite: undo
# needs: rawtc
# limit: 3600
. "${0%/*}/lib.sh"

everything() {
	rawtc du0 | sort
}

device() {
	ip link add du0 numtxqueues 4 type dummy || fail "no dummy device"
	quiet du0
	ip link set du0 up
}

# build TC-WORDS...: make one part of the configuration of du0 that detach must restore.
build() {
	local object=$1 verb=$2

	shift 2
	tc "$object" "$verb" dev du0 "$@" 2>/tmp/tc-said || fail "tc $object $*: $(cat /tmp/tc-said)"
}

# first KIND WORDS...: make the root qdisc; skip the test if the kernel or tc lacks the kind.
first() {
	device
	tc qdisc add dev du0 root handle 1: "$@" 2>/tmp/tc-said && return
	grep -q "kind is unknown\|qdisc not found\|Unknown qdisc" /tmp/tc-said &&
		skip "the qdisc $1 in the kernel or tc"
	fail "tc qdisc add $*: $(cat /tmp/tc-said)"
}

# tc cannot express every step of these kinds; it must for all others.
wordless="red choke netem netem_with_distribution sfq_red basic"

# same_as BEFORE WHAT
same_as() {
	local after

	after=$(everything)
	[ "$after" = "$1" ] ||
		fail "$2: $(diff <(echo "$1") <(echo "$after") | grep '^[<>]' | tr '\n' ' ')"
}

# by_words TEST BEFORE: run the commands that detach --dry-run prints in a shell.
by_words() {
	must bqdisc detach du0 --dry-run
	mv /tmp/out /tmp/steps
	if [[ " $wordless " = *" $1 "* ]]; then
		grep -q '^# .*, as it was recorded$' /tmp/steps || fail "has words: $(cat /tmp/steps)"
		return
	fi
	! grep '^# .*, as it was recorded$' /tmp/steps >/tmp/unsaid || fail "no words: $(cat /tmp/unsaid)"
	must sh -e /tmp/steps
	same_as "$2" "not as before, after the words $(tr '\n' ';' </tmp/steps)"
	must bqdisc attach du0 pfifo limit 9 --force --root
}

# put_back [LOST]: attach and detach, twice: with the commands of --dry-run and with bqdisc. LOST:
# the parts that are reported as not restored.
put_back() {
	local before said

	before=$(everything)
	said=", and detach restores it\$"
	[ $# -eq 0 ] || said=", but detach cannot restore $1\$"
	refuses 3 "--force replaces it$said" bqdisc attach du0 pfifo limit 9
	is "$(everything)" "$before" "the refused device"
	must bqdisc attach du0 pfifo limit 9 --force --root
	is "$(root du0 kind)" bq_pfifo "the root qdisc"
	by_words "${FUNCNAME[1]#test_}" "$before"
	must bqdisc detach du0
	[ $# -eq 0 ] || grep -Eq "not restored: $1\$" /tmp/out || fail "detach said: $(cat /tmp/out)"
	same_as "$before" "not as before"
	nothing_recorded
}

test_pfifo() { first pfifo limit 77 && put_back; }
test_bfifo() { first bfifo limit 7777 && put_back; }
test_pfifo_head_drop() { first pfifo_head_drop limit 77 && put_back; }
test_pfifo_fast() { first pfifo_fast && put_back; }
test_noqueue() { first noqueue && put_back; }
test_fq() { first fq limit 1234 flow_limit 56 quantum 3000 maxrate 10mbit ce_threshold 3ms && put_back; }
test_cake() { first cake bandwidth 20mbit rtt 50ms nat diffserv4 overhead 18 && put_back; }
test_sfq() { first sfq perturb 10 quantum 2000 limit 100 && put_back; }
test_sfq_red() { first sfq limit 120 headdrop redflowlimit 100000 min 8000 max 60000 probability 0.20 && put_back; }
test_codel() { first codel limit 99 target 7ms interval 77ms ce_threshold 1234us ecn && put_back; }
test_fq_codel() { first fq_codel limit 99 flows 77 target 7ms interval 77ms ce_threshold 1234us && put_back; }
test_pie() { first pie limit 99 target 10007us tupdate 30ms alpha 3 beta 21 ecn && put_back; }
test_fq_pie() { first fq_pie limit 99 flows 64 target 10007us tupdate 28ms && put_back; }
test_hhf() { first hhf limit 99 quantum 2000 hh_limit 50 evict_timeout 500ms && put_back; }
test_sfb() { first sfb limit 99 max 30 target 20 && put_back; }
test_skbprio() { first skbprio limit 99 && put_back; }
test_multiq() { first multiq && put_back; }
test_cbs() { first cbs idleslope 98688 sendslope -901312 hicredit 153 locredit -1389 && put_back; }
test_etf() { first etf clockid CLOCK_TAI delta 300000 && put_back; }

test_red() {
	first red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn adaptive bandwidth 10mbit
	put_back "the avpkt and bandwidth of red \(restored with typical ones\)"
}

test_choke() {
	first choke limit 1000 min 83 max 250 bandwidth 10mbit ecn
	put_back "the avpkt and bandwidth of choke \(restored with typical ones\)"
}

test_netem() {
	first netem limit 99 delay 100ms loss 1% 25% rate 10mbit
	build qdisc add parent 1:1 handle 21: pfifo limit 33
	put_back
}

test_netem_with_distribution() {
	first netem delay 100ms 10ms
	put_back "the distribution table of netem, if it has one"
}

test_tbf() {
	first tbf rate 5mbit burst 20kb latency 30ms peakrate 7mbit mtu 1600
	build qdisc add parent 1:1 handle 10: sfq limit 50
	put_back
}

test_prio() {
	first prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 3
	build qdisc add parent 1:1 handle 10: pfifo limit 7
	build qdisc add parent 1:4 handle 8001: tbf rate 5mbit burst 20kb latency 30ms
	build qdisc add parent 8001:1 handle 40: fq_codel limit 50
	build filter add parent 1: protocol ip prio 5 matchall flowid 1:2
	put_back
}

test_ets() {
	first ets bands 4 strict 2 quanta 3000 2000 priomap 3 2 1 0
	build qdisc add parent 1:1 handle 10: pfifo limit 7
	put_back
}

test_drr() {
	first drr
	build class add parent 1: classid 1:1 drr quantum 700
	build class add parent 1: classid 1:2 drr quantum 1400
	build qdisc add parent 1:2 handle 10: pfifo limit 7
	build filter add parent 1: protocol ip prio 5 matchall flowid 1:2
	put_back
}

test_qfq() {
	first qfq
	build class add parent 1: classid 1:1 qfq weight 10 maxpkt 2048
	build class add parent 1: classid 1:2 qfq weight 20
	build qdisc add parent 1:2 handle 10: pfifo limit 7
	put_back
}

test_hfsc() {
	first hfsc default 11
	build class add parent 1: classid 1:1 hfsc sc rate 100mbit ul rate 100mbit
	build class add parent 1:1 classid 1:11 hfsc sc umax 1500b dmax 53ms rate 40mbit
	build class add parent 1:1 classid 1:12 hfsc rt m1 1mbit d 10ms m2 2mbit ls m2 10mbit
	build qdisc add parent 1:12 handle 12: fq_codel
	build filter add parent 1: protocol ip prio 5 handle 7 fw classid 1:11
	put_back
}

# The child class is created before its parent's number, so numeric order would be wrong.
test_htb() {
	first htb default 20 r2q 5 direct_qlen 55
	build class add parent 1: classid 1:30 htb rate 100mbit ceil 100mbit burst 30k
	build class add parent 1:30 classid 1:5 htb rate 50mbit ceil 100mbit
	build class add parent 1:5 classid 1:20 htb rate 5mbit prio 3 quantum 3000
	build class add parent 1:5 classid 1:4 htb rate 7gbit ceil 40gbit
	build qdisc add parent 1:20 handle 20: tbf rate 5mbit burst 20kb latency 30ms
	build qdisc add parent 20:1 handle 21: pfifo limit 33
	build filter add parent 1: protocol ip prio 5 matchall flowid 1:30
	build filter add parent 1:30 protocol all prio 6 matchall flowid 1:5
	put_back
}

test_mq() {
	first mq
	build qdisc add parent 1:2 handle 10: fq limit 500
	build qdisc add parent 1:4 handle 8001: htb
	build class add parent 8001: classid 8001:1 htb rate 5mbit
	put_back
}

test_mqprio() {
	first mqprio num_tc 2 map 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 queues 2@0 2@2 hw 0
	build qdisc add parent 1:2 handle 10: fq limit 500
	put_back
}

test_size_table() {
	device
	build qdisc add root handle 1: stab overhead 20 linklayer atm mtu 3000 tsize 128 mpu 64 htb
	build class add parent 1: classid 1:1 htb rate 5mbit
	put_back
}

test_overhead_without_table() {
	device
	build qdisc add root handle 1: stab overhead 20 linklayer ethernet fq
	put_back
}

htb_with_class() {
	first htb
	build class add parent 1: classid 1:1 htb rate 5mbit
	build class add parent 1: classid 1:2 htb rate 6mbit
}

# Priorities out of order, a hash table with its own number, and a link to it. When the kernel has
# to load an action's module, it restarts the request and loses the table's number; so load it
# first.
test_u32() {
	tc actions add action gact drop index 99 && tc actions del action gact index 99
	htb_with_class
	build filter add parent 1: protocol ip prio 9 u32 match ip dport 22 0xffff flowid 1:1
	build filter add parent 1: protocol ip prio 5 handle 2: u32 divisor 16
	build filter add parent 1: protocol ip prio 5 u32 ht 2:3: match ip src 10.0.0.3 flowid 1:2
	build filter add parent 1: protocol ip prio 5 u32 link 2: hashkey mask 0x000000ff at 12 \
		match ip src 10.0.0.0/24
	build filter add parent 1: protocol ipv6 prio 7 u32 match ip6 dport 80 0xffff flowid 1:1 \
		action drop
	put_back
}

test_flower() {
	htb_with_class
	build filter add parent 1: protocol ip prio 5 flower dst_ip 10.0.0.0/24 classid 1:1
	build filter add parent 1: protocol ip prio 5 chain 3 flower ip_proto udp dst_port 53 \
		skip_hw classid 1:2 action gact pass
	put_back
}

test_fw() {
	htb_with_class
	build filter add parent 1: protocol ip prio 5 handle 7/0xff fw classid 1:1
	build filter add parent 1: protocol ip prio 5 handle 9/0xff fw classid 1:2
	put_back
}

# Without marks, the packet's mark names the class; the kernel's dump ends there.
test_fw_without_marks() {
	htb_with_class
	build filter add parent 1: protocol ip prio 5 fw
	put_back "filters of 1: that the kernel does not dump"
}

test_basic() {
	htb_with_class
	build filter add parent 1: protocol ip prio 5 basic \
		match 'cmp(u16 at 2 layer transport gt 1024) and not meta(priority eq 6)' flowid 1:2
	put_back
}

test_matchall_actions() {
	htb_with_class
	build filter add parent 1: protocol all prio 5 matchall flowid 1:1 \
		action skbedit priority 1:2 pipe action mirred egress mirror dev lo
	put_back
}

test_unknown_action() {
	htb_with_class
	build filter add parent 1: protocol all prio 5 matchall action police rate 1mbit burst 10k
	refuses 3 "cannot restore a filter with an action that cannot be restored" \
		bqdisc attach du0 pfifo
}

test_unknown_filter() {
	htb_with_class
	build filter add parent 1: protocol ip prio 5 route from 3 flowid 1:1
	refuses 3 "cannot restore a filter of an unknown kind" bqdisc attach du0 pfifo
}

test_u32_with_holes() {
	htb_with_class
	build filter add parent 1: protocol ip prio 9 u32 match ip dport 22 0xffff flowid 1:1
	build filter add parent 1: protocol ip prio 8 u32 match ip dport 23 0xffff flowid 1:1
	build filter del parent 1: prio 9
	refuses 3 "cannot restore u32 filters whose tables are not numbered" bqdisc attach du0 pfifo
}

# Detach restores the default in place of an unknown kind, and reports it.
test_unknown_kind() {
	first plug
	refuses 3 "but detach cannot restore plug 1: \(unknown kind\)" \
		bqdisc attach du0 pfifo
	must bqdisc attach du0 pfifo --force --root
	must bqdisc detach du0
	grep -q "not restored: plug 1: (unknown kind)" /tmp/out ||
		fail "detach said: $(cat /tmp/out)"
	is "$(root du0 kind)" noqueue "the root qdisc"
	nothing_recorded
}

# Repeated attach does not take the handles that the kernel allocates automatically.
test_handle_of_the_kernel() {
	local before

	device
	build qdisc add root prio
	build qdisc add parent 8001:1 fq
	before=$(everything)
	must bqdisc attach du0 pfifo --force --root
	for _ in 1 2 3; do
		must bqdisc attach du0 bfifo --root
		must bqdisc attach du0 pfifo --root
	done
	must bqdisc detach du0
	is "$(everything)" "$before" "the device after detach"
}

kind_stays pfifo
run_tests "$@"
