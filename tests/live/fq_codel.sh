# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# fq_codel with real packets, checked by its counters and by the packets that arrive.
# tests/fq_codel/same.sh compares its decisions with those of the in-tree qdisc.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: ecn noecn
# suite: fq
# needs: flows netemopt
# time: 60
set -u
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

test_defaults_and_words() {
	plain_pair 0
	must bqdisc attach ve0 fq_codel
	bqdisc -j show ve0 | jq -c '.[0].options | [.limit_packets, .flows, .target_ns, .interval_ns,
		.quantum_bytes, .ecn, .ce_threshold_ns, .ce_threshold_selector, .ce_threshold_mask,
		.memory_limit_bytes, .drop_batch_packets]' >/tmp/got
	is "$(cat /tmp/got)" "[10240,1024,5000000,100000000,1514,true,null,0,0,33554432,64]" defaults
	must bqdisc change ve0 target 10ms noecn ce_threshold_selector 0x1/3 quantum 100 drop_batch 0
	bqdisc -j show ve0 | jq -c '.[0].options | [.target_ns, .ecn, .ce_threshold_selector,
		.ce_threshold_mask, .quantum_bytes, .drop_batch_packets, .interval_ns]' >/tmp/got
	is "$(cat /tmp/got)" "[10000000,false,1,3,256,1,100000000]" "changed options"
	must bqdisc change ve0 ce_threshold_selector 4 7
	is "$(opt ve0 ce_threshold_selector) $(opt ve0 ce_threshold_mask)" "4 7" "as show prints it"
	refuses 1 "out of range" bqdisc attach ve0 fq_codel flows 65537
	refuses 1 "out of range" bqdisc attach ve0 fq_codel ce_threshold_selector 1/256
	refuses 1 "missing value" bqdisc attach ve0 fq_codel ce_threshold_selector 1
}

# Beyond the limit the only flow drops half of what it has, at most drop_batch at once.
test_limit() {
	holding_pair 0
	must bqdisc attach ve0 fq_codel limit 300 drop_batch 10
	hold 0
	packets send ve0 2000 >/tmp/sent
	snap ve0
	between "$(snapped backlog_packets)" 291 300 backlog
	is "$(snapped drops)" "$(snapped drop_overlimit)" "drops and those by the limit"
	is $(($(snapped drop_overlimit) % 10)) 0 "drops in batches of 10"
	is "$(($(snapped packets) + $(snapped drops) + $(snapped backlog_packets)))" \
		$((2001 + $(snapped requeues))) "packets sent, dropped and waiting"
	must bqdisc change ve0 limit 100 drop_batch 64
	packets send ve0 10 >/dev/null
	between "$(counter ve0 backlog_packets)" 37 100 "backlog after a lower limit"
}

# A far end that polls its ring of 256 packets every 200 ms. Between two polls of 64 packets the
# qdisc puts only 8 into the ring, so the device takes few more than 256 at a time.
slow_pair() {
	veth_pair 0
	ethtool -K ve0 tso off gso off >/dev/null 2>&1
	ip netns exec peer ethtool -K vf0 gro on >/dev/null 2>&1
	ip netns exec peer sh -c "echo 200000000 >/sys/class/net/vf0/gro_flush_timeout
		echo 10000 >/sys/class/net/vf0/napi_defer_hard_irqs"
	echo 8 >/proc/sys/net/core/dev_weight
	trap 'echo 64 >/proc/sys/net/core/dev_weight' EXIT
	ip link set ve0 up
	ip -n peer link set vf0 address 02:00:00:00:00:02 up
	ip addr add 10.9.0.1/24 dev ve0
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
}

# For 3 s send twice what the far end of a slow pair takes, with ECN in flow 1, without in flow 2.
overload() {
	wait_for 5 carrier ve0 || fail "ve0 has no carrier"
	awk 'BEGIN { for (i = 0; i < 9000; i++)
		print int(i / 300) * 100000000, i % 2 + 1, 500, i % 2 ? "" : "tos 2" }' >/tmp/script
	flows send /tmp/script >/dev/null
}

# Print the number of flows of the script, and the least drops of one.
drops_of_flows() {
	bqdisc -j flows ve0 |
		jq -c '[.[0].flows[] | select(.dport == 9000) | .drops] | [length, min]'
}

# Print the packets with CE that the peer has received.
marked() {
	ip netns exec peer cat /proc/net/netstat | awk '$1 == "IpExt:" {
		if (n++)
			print $ce
		else
			for (i = 2; i <= NF; i++)
				if ($i == "InCEPkts")
					ce = i
	}'
}

# all_marked BEFORE: the queue is empty, and all marks since BEFORE have arrived.
all_marked() { drained && [ $(($(marked) - $1)) = "$(counter ve0 ecn_mark)" ]; }

# CoDel marks about as many packets as in-tree, and drops those without ECN. All marks arrive.
test_ecn() {
	local marks drops before

	slow_pair
	tc qdisc replace dev ve0 root fq_codel || fail "no in-tree fq_codel"
	overload
	marks=$(root ve0 ecn_mark) drops=$(root ve0 drops)
	[ "$marks" -gt 20 ] || fail "the in-tree fq_codel marked only $marks packets"
	ip link del ve0
	before=$(marked)
	slow_pair
	must bqdisc attach ve0 fq_codel
	is "$(bqdisc -j show ve0 | jq -r '.[0].egress_program')" active "the egress program"
	overload
	snap ve0
	# A busy machine sends at other times; tests/fq_codel/same.sh counts exactly.
	between "$(snapped ecn_mark)" $((marks / 2)) $((marks * 2)) "marks"
	between "$(snapped drop_codel)" $((drops / 2)) $((drops * 2)) "drops"
	wait_for 10 all_marked "$before" ||
		fail "$(($(marked) - before)) of $(counter ve0 ecn_mark) marks arrived"
	is "$(drops_of_flows)" "[2,0]" "flows, and the drops of that with ECN"
}

test_noecn() {
	slow_pair
	must bqdisc attach ve0 fq_codel noecn
	is "$(find /sys/fs/bpf/bqdisc -name 'egress_*' | wc -l)" 0 "egress programs"
	overload
	is "$(counter ve0 ecn_mark)" 0 marks
	[ "$(drops_of_flows | jq '.[1]')" -gt 10 ] || fail "drops in one flow: $(bqdisc flows ve0)"
}

# Packets of flow 1 are marked whose flow is late, if they have ECN and the selector selects them.
test_ce_threshold() {
	slow_pair
	must bqdisc attach ve0 fq_codel noecn ce_threshold 10ms
	overload
	[ "$(counter ve0 ce_mark)" -gt 100 ] || fail "only $(counter ve0 ce_mark) marks"
	must bqdisc change ve0 ce_threshold_selector 0x1/0x3
	snap ve0
	overload
	is "$(counter ve0 ce_mark)" "$(snapped ce_mark)" "marks of ECT(1), which nobody sends"
}

# Forwarded packets have no socket, so they count for memory_limit.
test_memory_limit() {
	holding_pair 0
	veth_pair 1
	address_pair 1
	ip addr add 10.9.0.1/24 dev ve0
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	ip -n peer route add 10.9.0.0/24 via 10.9.1.1
	echo 1 >/proc/sys/net/ipv4/ip_forward
	must bqdisc attach ve0 fq_codel memory_limit 100kb
	hold 0
	ip netns exec peer bash -c 'exec 3>/dev/udp/10.9.0.2/9 && for i in {1..1000}; do echo >&3; done'
	wait_for 10 has_taken 1000 || fail "ve0 took $(accounted ve0) of 1000 packets"
	snap ve0
	between "$(snapped memory_used_bytes)" 40000 102400 "memory of the packets"
	[ "$(snapped drop_overmemory)" -gt 100 ] || fail "$(snapped drop_overmemory) drops"
	is "$(snapped drop_overlimit)" "$(snapped drop_overmemory)" "drops, and those by memory"
	packets send ve0 100 >/dev/null
	is "$(counter ve0 memory_used_bytes)" "$(snapped memory_used_bytes)" "with packets of a socket"
	echo 0 >/proc/sys/net/ipv4/ip_forward
}

has_taken() { [ "$(accounted ve0)" -ge "$1" ]; }

test_down_and_up_frees_everything() {
	local HOLD=5 before

	holding_pair 0
	must bqdisc attach ve0 fq_codel
	hold 0
	packets send ve0 900 >/dev/null
	between "$(counter ve0 backlog_packets)" 500 900 backlog
	ip link set ve0 down
	snap ve0
	is "$(jq -c '.[0].stats | [.backlog_packets, .new_flows_len, .old_flows_len]' /tmp/snap)" "[0,0,0]" \
		"packets and flows when down"
	ip link set ve0 up
	wait_for 5 carrier ve0 || fail "no carrier"
	before=$(counter ve0 packets)
	packets send ve0 5 >/dev/null
	wait_for 20 drained || fail "packets stay"
	is $(($(counter ve0 packets) - before)) 5 "packets sent after it was up again"
}

test_removal_with_packets() {
	kind_goes
	holding_pair 0
	must bqdisc attach ve0 fq_codel
	hold 0
	packets send ve0 900 >/dev/null
	between "$(counter ve0 backlog_packets)" 500 900 backlog
	timeout 20 ip link del ve0 || fail "the device is still held"
	bqdisc detach lo >/dev/null
	no_pins
}

# A limit that is raised live takes more packets than there were slots at attach.
test_growth() {
	holding_pair 0
	must bqdisc attach ve0 fq_codel limit 100
	must bqdisc change ve0 limit 3000
	hold 0
	packets send ve0 4000 >/dev/null
	snap ve0
	between "$(snapped backlog_packets)" 2937 3000 backlog
	is "$(snapped drops_no_slot)" 0 "drops without a slot"
}

test_native_options() {
	plain_pair 0
	plain_pair 1
	must bqdisc attach ve1 fq_codel # its kind is loaded
	tc qdisc replace dev ve0 root fq_codel limit 77 flows 7 target 2ms interval 30ms quantum 2000 \
		noecn ce_threshold 5ms memory_limit 1mb drop_batch 3 || fail "tc refused"
	ip link add du0 type dummy
	must netemopt ve0 copy du0 bq_fq_codel
	bqdisc -j show du0 | jq -c '.[0].options | [.limit_packets, .flows, .target_ns, .interval_ns,
		.quantum_bytes, .ecn, .ce_threshold_ns, .memory_limit_bytes, .drop_batch_packets]' >/tmp/got
	# The kernel keeps times in units of 1024 ns, and prints them in us.
	is "$(cat /tmp/got)" "[77,7,1999000,29999000,2000,false,4999000,1048576,3]" \
		"what the kernel's options became"
}

test_pool_instance() {
	plain_pair 1
	must bqdisc attach ve1 fq_codel
	holding_pair 0
	tc qdisc add dev ve0 root bq_fq_codel || fail "tc refused"
	hold 0
	packets send ve0 1000 >/dev/null
	snap ve0
	is "$(snapped drops)" 0 drops
	between "$(snapped backlog_packets)" 700 800 backlog
	tc qdisc del dev ve0 root
}

kind_stays fq_codel
run_tests "$@"
