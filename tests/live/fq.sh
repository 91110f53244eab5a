# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# fq with real packets, checked by its counters and by the packets that arrive.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# needs: flows netemopt
# time: 100
set -u
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

test_defaults_and_words() {
	plain_pair 0
	must bqdisc attach ve0 fq
	is "$(opt ve0 limit_packets)" 10000 limit
	is "$(opt ve0 quantum_bytes)" 3028 quantum
	is "$(opt ve0 initial_quantum_bytes)" 15140 "initial quantum"
	is "$(opt ve0 maxrate_bits_per_second)" null maxrate
	is "$(opt ve0 pacing)" true pacing
	is "$(opt ve0 weights_bytes)" "[589824,196608,65536]" weights
	must bqdisc change ve0 nopacing maxrate 5mbps horizon 1s horizon_cap weights 20000 30000 40000
	is "$(opt ve0 pacing)" false pacing
	is "$(opt ve0 maxrate_bits_per_second)" 40000000 maxrate
	is "$(opt ve0 horizon_drop)" false horizon_drop
	is "$(opt ve0 weights_bytes)" "[20000,30000,40000]" weights
	is "$(opt ve0 quantum_bytes)" 3028 "quantum, not named"
}

test_wrong_words() {
	plain_pair 0
	refuses 1 "the nearest is 'quantum'" bqdisc attach ve0 fq quantun 1000
	refuses 1 "needs 3 values" bqdisc attach ve0 fq weights 20000 30000
	refuses 1 "out of range" bqdisc attach ve0 fq weights 20000 30000 3
	refuses 1 "out of range" bqdisc attach ve0 fq priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3
	refuses 1 "given twice" bqdisc attach ve0 fq pacing nopacing
}

test_band_limit() {
	holding_pair 0
	must bqdisc attach ve0 fq limit 300 flow_limit 10000
	hold 0
	packets send ve0 2000 >/tmp/sent
	snap ve0
	is "$(jq .refused /tmp/sent)" "$(snapped 'band_drops|add')" "refused and dropped"
	# Up to 8 packets in the bypass and 1 that the core requeued belong to no band.
	between "$(snapped backlog_packets)" 300 309 backlog
	is "$(snapped 'band_pkt_count|add')" 300 "packets in the bands"
}

test_flow_limit() {
	holding_pair 0
	must bqdisc attach ve0 fq flow_limit 20
	hold 0
	packets send ve0 1000 >/tmp/sent
	snap ve0
	is "$(jq .refused /tmp/sent)" "$(snapped flows_plimit)" "refused and dropped"
	is "$(snapped 'band_pkt_count|add')" 20 "packets of the flow"
}

test_down_and_up_frees_everything() {
	local HOLD=5 before

	holding_pair 0
	must bqdisc attach ve0 fq flow_limit 1000
	hold 0
	packets send ve0 900 >/dev/null
	between "$(counter ve0 backlog_packets)" 500 900 backlog
	ip link set ve0 down
	is "$(counter ve0 backlog_packets)" 0 "backlog when down"
	is "$(counter ve0 flows)" 0 "flows when down"
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
	must bqdisc attach ve0 fq flow_limit 1000
	hold 0
	packets send ve0 900 >/dev/null
	between "$(counter ve0 backlog_packets)" 500 900 backlog
	timeout 20 ip link del ve0 || fail "the device is still held"
	bqdisc detach lo >/dev/null
	no_pins
}

test_instances_do_not_mix() {
	holding_pair 0
	holding_pair 1
	must bqdisc attach ve0 fq flow_limit 20
	must bqdisc attach ve1 fq flow_limit 50
	hold 0
	hold 1
	packets send ve0 800 >/dev/null
	packets send ve1 800 >/dev/null
	is "$(counter ve0 'band_pkt_count|add')" 20 "packets of ve0"
	is "$(counter ve1 'band_pkt_count|add')" 50 "packets of ve1"
}

# Fill the queue. At this low rate only one packet leaves each second.
fill() { # DEV
	packets send "$1" 120 1000 >/dev/null
}

test_change_is_for_one_device() {
	plain_pair 0
	plain_pair 1
	must bqdisc attach ve0 fq maxrate 1kbit flow_limit 20
	must bqdisc attach ve1 fq maxrate 1kbit flow_limit 20 horizon 3s
	must bqdisc change ve1 flow_limit 50 quantum 900
	is "$(opt ve0 flow_limit_packets)-$(opt ve0 quantum_bytes)-$(opt ve0 horizon_ns)" \
		20-3028-10000000000 "options of ve0"
	is "$(opt ve1 flow_limit_packets)-$(opt ve1 quantum_bytes)-$(opt ve1 horizon_ns)" \
		50-900-3000000000 "options of ve1"
	fill ve0
	fill ve1
	between "$(counter ve0 'band_pkt_count|add')" 15 20 "packets of ve0"
	between "$(counter ve1 'band_pkt_count|add')" 40 50 "packets of ve1"
	ip link set ve1 down
	between "$(counter ve0 'band_pkt_count|add')" 10 20 "packets of ve0 when ve1 is down"
	is "$(counter ve1 'band_pkt_count|add')" 0 "packets of ve1 when it is down"
}

# Each queue has a qdisc with options of its own.
test_four_under_mq() {
	local n

	plain_pair 0 numtxqueues 4 numrxqueues 4
	tc qdisc add dev ve0 root handle 1: mq || fail "no mq"
	for n in 1 2 3 4; do
		must bqdisc attach ve0 fq maxrate 1kbit flow_limit $((20 * n)) --parent 1:$n
	done
	# Add clsact before there are packets: kernels before 7.0 empty all queues when it comes or
	# goes.
	tc qdisc add dev ve0 clsact
	for n in 1 2 3 4; do
		tc filter del dev ve0 egress 2>/dev/null
		tc filter add dev ve0 egress matchall action skbedit queue_mapping $((n - 1)) ||
			fail "no filter"
		fill ve0
	done
	bqdisc -j show ve0 >/tmp/json
	is "$(jq -c 'map(.options.flow_limit_packets) | sort' /tmp/json)" "[20,40,60,80]" limits
	is "$(jq -c 'map((.stats.band_pkt_count | add) / .options.flow_limit_packets |
		. <= 1 and . > 0.7) | unique' /tmp/json)" "[true]" \
		"queues that hold what they may: $(jq -c 'map(.stats.band_pkt_count)' /tmp/json)"
}

bytes_of() { bqdisc -j show "$1" | jq '.[0].memory_bytes'; }
left_device() { cat "/sys/class/net/$1/statistics/tx_packets"; }

# grow LIMIT PACKETS: set the limit and send PACKETS of one flow, of which one leaves each second.
grow() {
	must bqdisc change ve0 limit "$1"
	packets send ve0 "$2" 1000 >/dev/null
	between "$(counter ve0 'band_pkt_count|add')" $(($1 - 60)) "$1" "packets with limit $1"
}

# A larger limit adds slots while packets wait; waiting packets stay in their slots.
test_growing() {
	local memory before held

	kind_goes
	plain_pair 0
	must bqdisc attach ve0 fq limit 300 flow_limit 100000 maxrate 1kbit
	memory=$(bytes_of ve0)
	grow 300 800
	grow 3000 5000
	# 3 bands of 8 bytes a slot and 32 bytes a record; the estimate for older slots is too high.
	between "$(($(bytes_of ve0) - memory))" $((9064 * 40)) $((9064 * 42)) "bytes that it grew by"
	# Each part is at least four times as large as the one before: this is the third part.
	grow 14000 14000
	is "$(counter ve0 drops_no_slot)" 0 "packets without a slot"
	before=$(left_device ve0)
	held=$(counter ve0 backlog_packets)
	must bqdisc change ve0 maxrate 10gbit
	wait_for 20 drained || fail "packets stay"
	between $(($(left_device ve0) - before - held)) 0 60 "packets that left but were not held"
	# A reset empties all slot ranges, and they can be filled again.
	must bqdisc change ve0 maxrate 1kbit
	grow 14000 16000
	ip link set ve0 down
	is "$(counter ve0 backlog_packets)" 0 "backlog when down"
	ip link set ve0 up
	wait_for 5 carrier ve0 || fail "no carrier"
	grow 14000 16000
	timeout 20 ip link del ve0 || fail "the device is still held"
	bqdisc detach lo >/dev/null
	no_pins
}

# Print when the packets leave that three clocks stamp 200 ms ahead, in ms.
stamped_ms() {
	local n watcher clocks=(0 1 11)

	for n in 0 1 2; do
		echo "$((n * 1000000)) $n 100 clock ${clocks[n]} time 200000000"
	done >/tmp/script
	flows watch ve0 >/tmp/left &
	watcher=$!
	sleep 0.5
	flows send /tmp/script >/dev/null
	wait_for 20 drained || fail "packets stay"
	sleep 0.5
	kill "$watcher"
	wait "$watcher"
	is "$(wc -l </tmp/left)" 3 "packets"
	awk '{ print int($3 / 1000000) }' /tmp/left
}

check_clocks() {
	local ms

	# Read the output first: `fail` in a substitution ends only the substitution.
	ms=$(stamped_ms) || exit 1
	for ms in $ms; do
		between "$ms" 200 900 "when a packet left, ms ($1)"
	done
}

# The flow table does not grow, which is reported once for all queues.
test_buckets_do_not_grow() {
	plain_pair 0 numtxqueues 2 numrxqueues 2
	must bqdisc attach ve0 fq
	is "$(bqdisc -j show ve0 | jq .[0].queues)" 2 queues
	bqdisc change ve0 buckets 4096 2>/tmp/err || fail "change: $(cat /tmp/err)"
	[[ $(</tmp/err) = *"fq: the table has 16384 entries since attach"*65536* ]] ||
		fail "said: $(cat /tmp/err)"
	is "$(wc -l </tmp/err)" 1 lines
	is "$(bqdisc -j show ve0 | jq .[0].options.buckets)" 4096 buckets
	bqdisc change ve0 quantum 3000 2>/tmp/err
	is "$(</tmp/err)" "" "said of another change"
	bqdisc change ve0 buckets 64 2>/tmp/err
	is "$(</tmp/err)" "" "said of fewer buckets"
}

test_clocks() {
	plain_pair 0
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	flows tai 37
	must bqdisc attach ve0 fq
	check_clocks "at attach"
	# After a leap second, the same attach command corrects the offset of the clock.
	flows tai 5
	is "$(bqdisc -j attach ve0 fq | jq .changed)" true "changed by another offset"
	is "$(bqdisc -j attach ve0 fq | jq .changed)" false "changed by nothing"
	check_clocks "after a change"
	flows tai 0
}

test_native_options() {
	plain_pair 0
	plain_pair 1
	modprobe sch_fq
	must bqdisc attach ve1 fq # its kind is loaded
	tc qdisc add dev ve0 root fq limit 77 flow_limit 7 quantum 2000 initial_quantum 9000 \
		maxrate 8mbit buckets 64 refill_delay 7ms orphan_mask 255 low_rate_threshold 80kbit \
		timer_slack 5us horizon 3s horizon_cap nopacing || fail "tc refused"
	ip link add du0 type dummy
	must netemopt ve0 copy du0 bq_fq
	bqdisc -j show du0 | jq -c '.[0].options | [.limit_packets, .flow_limit_packets, .quantum_bytes,
		.initial_quantum_bytes, .maxrate_bits_per_second, .buckets, .refill_delay_ns,
		.orphan_mask, .low_rate_threshold_bits_per_second, .timer_slack_ns, .horizon_ns,
		.horizon_drop, .pacing, .ce_threshold_ns]' >/tmp/got
	# The kernel keeps refill_delay in ticks of 4 ms, and rounds up.
	is "$(cat /tmp/got)" "[77,7,2000,9000,8000000,64,8000000,255,80000,5000,3000000000,false,\
false,null]" "what the kernel's options became"
	tc qdisc replace dev ve0 root fq ce_threshold 5ms
	must tc qdisc del dev du0 root
	must netemopt ve0 copy du0 bq_fq
	is "$(bqdisc -j show du0 | jq '.[0].options.ce_threshold_ns')" 5000000 "ce_threshold"
}

# The kernel survives arbitrary options; the qdisc carries packets or was refused.
test_native_options_damaged() {
	local before

	plain_pair 0
	plain_pair 1
	must bqdisc attach ve1 fq
	ip link add du0 type dummy
	tc qdisc add dev du0 root fq limit 77 maxrate 800mbit || fail "tc refused"
	is "$(netemopt du0 fuzz ve0 bq_fq "${BQDISC_SEED:-1}" 300 >/tmp/taken; echo $?)" 0 fuzz
	[ "$(cat /tmp/taken)" -gt 10 ] || fail "only $(cat /tmp/taken) of 300 were taken"
	before=$(accounted ve0)
	packets send ve0 20 >/dev/null
	is $(($(accounted ve0) - before)) 20 "packets sent, dropped or waiting"
	must tc qdisc del dev ve0 root
	before=$(received 0)
	packets send ve0 20 >/dev/null
	arrive 0 "$before" 20
}

# Send ECN-capable and other packets, one each every 10 ms, behind a full ring.
late_flows() {
	local i

	ip addr add 10.9.0.1/24 dev ve0
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	hold 0
	packets send ve0 400 >/dev/null
	for ((i = 0; i < 80; i++)); do
		echo "$((i * 10000000)) 1 100 tos 2"
		echo "$((i * 10000000)) 2 100"
	done >/tmp/script
	flows send /tmp/script >/dev/null
}

test_ce_threshold() {
	holding_pair 0
	must bqdisc attach ve0 fq
	must bqdisc change ve0 ce_threshold 200ms
	is "$(opt ve0 ce_threshold_ns)" 200000000 "the threshold"
	late_flows
	# Packets of one flow, from 200 ms after the first one on: 60, or more if the sender is
	# late.
	between "$(counter ve0 ce_mark)" 40 75 "packets marked"
	ip link set ve0 down
	must bqdisc attach ve0 fq
	is "$(find /sys/fs/bpf/bqdisc -name 'egress_*' | wc -l)" 0 "egress programs when none is needed"
}

test_ce_threshold_under_mq() {
	holding_pair 0 numtxqueues 4 numrxqueues 4
	must bqdisc attach ve0 fq ce_threshold 200ms
	tc qdisc add dev ve0 clsact
	tc filter add dev ve0 egress matchall action skbedit queue_mapping 2 || fail "no filter"
	late_flows
	between "$(counter ve0 ce_mark)" 40 75 "packets marked"
}

test_pool_instance() {
	plain_pair 1
	must bqdisc attach ve1 fq
	holding_pair 0
	tc qdisc add dev ve0 root bq_fq || fail "tc refused"
	hold 0
	packets send ve0 1000 >/dev/null
	is "$(counter ve0 'band_pkt_count|add')" 100 "packets, by the default flow_limit"
	tc qdisc del dev ve0 root
}

test_many_flows() {
	plain_pair 0
	must bqdisc attach ve0 fq buckets 64 maxrate 1gbit orphan_mask 1048575
	modprobe pktgen || skip "no pktgen"
	for word in "rem_device_all" "add_device ve0"; do echo "$word" >/proc/net/pktgen/kpktgend_0; done
	for word in "count 20000" "pkt_size 100" "xmit_mode queue_xmit" "dst 10.0.0.2" \
		"src_min 10.1.0.1" "src_max 10.1.40.1" "flag IPSRC_RND" "dst_mac 02:00:00:00:00:02"; do
		echo "$word" >/proc/net/pktgen/ve0
	done
	echo start >/proc/net/pktgen/pgctrl
	# The table has 1024 entries. Packets of further flows use the bypass and are counted.
	is "$(counter ve0 flows)" 1024 "flows in the table"
	[ "$(counter ve0 allocation_errors)" -gt 0 ] || fail "every packet had a flow"
	wait_for 5 drained || fail "packets stay"
}

kind_stays fq
run_tests "$@"
