# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# netem with real packets: its impairments, and changes of its options.
#
# runs: check kernels@6.17,6.18,7.2,7.3 netem@6.18
# long: growing random_changes_lose_nothing
# suite: netem
# needs: netemopt
# time: 90
. "${0%/*}/lib.sh"

# delayed_pair N: a pair with addresses and static neighbours, which sends no packets of its own.
delayed_pair() {
	plain_pair "$1"
	address_pair "$1"
	ip neigh replace "10.9.$1.2" lladdr "$(address_of peer "vf$1")" dev "ve$1"
	ip -n peer neigh replace "10.9.$1.1" lladdr "$(cat "/sys/class/net/ve$1/address")" \
		dev "vf$1"
}

address_of() { ip -n "$1" -j link show "$2" | jq -r '.[0].address'; }

# Print the milliseconds of one round trip; 0 without an answer within 5 s.
round_trip() { # HOST
	ping -n -q -c 1 -W 5 "$1" | sed -n 's|.*= \([0-9]*\)\..*|\1|p'
}

backlog() { stat "$1" backlog_packets; }
holds() { [ "$(backlog "$1")" = "$2" ]; }

test_delay() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 200ms
	between "$(round_trip 10.9.0.2)" 200 400 "round trip with 200 ms"
	is "$(stat ve0 delayed)" 1 "packets delayed"
	is "$(backlog ve0)" 0 "packets waiting after"
}

test_seed_is_shown() {
	delayed_pair 0
	must bqdisc attach ve0 netem
	bqdisc -j show ve0 >/tmp/a
	[ "$(jq '.[0].options.seed' /tmp/a)" != 0 ] || fail "no seed was drawn: $(cat /tmp/a)"
	must bqdisc attach ve0 netem seed 4242
	is "$(bqdisc -j show ve0 | jq '.[0].options.seed')" 4242 "seed"
}

# A change of the delay applies to packets already held, without another packet's arrival.
test_change_reaches_held_packets() {
	local before

	delayed_pair 0
	before=$(received 0)
	must bqdisc attach ve0 netem delay 1000s
	packets send ve0 5 >/dev/null
	is "$(backlog ve0)" 5 "packets held"
	must bqdisc change ve0 delay 0s
	wait_for 2 holds ve0 0 || fail "$(backlog ve0) of 5 packets are still held"
	is "$(stat ve0 packets)" 5 "packets sent"
	arrive 0 "$before" 5
}

# The same for a packet that found the queue empty, and that netem did not delay. The device stops
# without a packet of its qdisc, so that the first one waits in the front slot.
test_change_reaches_the_front_slot() {
	local before

	HOLD=20 holding_pair 0
	must bqdisc attach ve0 netem
	hold 0
	before=$(received 0)
	must packets fill ve0 1000
	packets send ve0 5 >/dev/null
	is "$(backlog ve0)" 5 "packets held"
	must bqdisc change ve0 delay 1000s
	wait_for 30 has_received 0 $((before + 200)) || fail "the far end does not poll"
	is "$(backlog ve0)" 5 "packets held after the change"
	must bqdisc change ve0 delay 0s
	wait_for 10 holds ve0 0 || fail "$(backlog ve0) of 5 packets are still held"
}

test_limit() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 1000s limit 3
	packets send ve0 5 >/dev/null
	is "$(backlog ve0)" 3 "packets held"
	is "$(stat ve0 drops_limit)" 2 "drops by limit"
	is "$(stat ve0 drops)" 2 "drops"
	must bqdisc detach ve0
}

# fill LIMIT PACKETS: set the limit, send PACKETS, and expect LIMIT of them to be held.
fill() {
	must bqdisc change ve0 limit "$1"
	packets send ve0 "$2" >/dev/null
	is "$(backlog ve0)" "$1" "packets held with limit $1"
}

memory_of() { bqdisc -j show "$1" | jq '.[0].memory_bytes'; }

# A larger limit adds slots while packets wait, in order and out of order.
test_growing() {
	local memory before

	delayed_pair 0
	must bqdisc attach ve0 netem delay 1000s 2s limit 1000
	memory=$(memory_of ve0)
	fill 1024 1100
	is "$(memory_of ve0)" "$memory" "bytes, with room to spare"
	fill 5000 6000
	# At least four times as much: for each slot 8 bytes and a record of 32, 16 for the heap,
	# and some 4 for a bucket of the wheel.
	between "$(($(memory_of ve0) - memory))" $((8192 * 60)) $((8192 * 68)) "bytes that it grew by"
	# Enough packets to overrun a heap that did not grow.
	fill 70000 66000
	is "$(stat ve0 drops_no_slot)" 0 "packets without a slot"
	must bqdisc change ve0 delay 1s 1s
	wait_for 20 holds ve0 0 || fail "$(backlog ve0) packets stay"
	is "$(stat ve0 packets)" 70000 "packets that left"
	# After a reset all slots can be used again, and no packet is left out of order.
	must bqdisc change ve0 delay 1000s 2s
	packets send ve0 500 >/dev/null
	is "$(backlog ve0)" 500 "packets held"
	ip link set ve0 down
	is "$(backlog ve0)" 0 "packets held when down"
	ip link set ve0 up
	wait_for 5 carrier ve0 || fail "no carrier"
	packets send ve0 71000 >/dev/null
	is "$(backlog ve0)" 70000 "packets held after a reset"
	before=$(stat ve0 packets)
	must bqdisc change ve0 delay 1s 1s
	wait_for 20 holds ve0 0 || fail "$(backlog ve0) packets stay after a reset"
	is "$(($(stat ve0 packets) - before))" 70000 "packets that left after a reset"
	timeout 20 ip link del ve0 || fail "the device is held"
}

# Deleting a device frees its packets.
test_device_is_deleted() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 1000s
	packets send ve0 100 >/dev/null
	is "$(backlog ve0)" 100 "packets held"
	timeout 20 ip link del ve0 || fail "the device is held"
	[ ! -e /sys/class/net/ve0 ] || fail "the device is there still"
}

option() { # DEV KEY
	bqdisc -j show "$1" | jq -c ".[0].options.$2"
}

# netem accepts all words of tc's netem in the same order, and shows them again.
test_all_words_come_back() {
	local words="limit 2000p delay 100ms 20ms 25% distribution normal ordered"

	words+=" loss gemodel 1% 10% 70% 0.1% reorder 25% 50% gap 3p rate 1mbit 20b 48b -5b"
	words+=" slot distribution pareto 10ms 2ms packets 3p bytes 4000b seed 4242"
	plain_pair 0
	# shellcheck disable=SC2086 # words
	must bqdisc attach ve0 netem $words
	is "$(bqdisc show --commands ve0)" "bqdisc attach ve0 netem $words" "the command"
	# shellcheck disable=SC2086 # words
	must bqdisc attach ve0 netem $words
	grep -q already /tmp/out || fail "the same again is not the same: $(cat /tmp/out)"
	is "$(option ve0 delay_correlation_percent)" 25 "correlation"
	is "$(option ve0 rate_cell_overhead_bytes)" -5 "cell overhead"
	is "$(option ve0 loss_1_k_percent)" 0.1 "loss in the good state"
	is "$(option ve0 loss_percent)" null "another form of loss"
}

test_bad_words_change_nothing() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 1ms seed 7
	bqdisc -j show ve0 >/tmp/before
	refuses 1 'out of range; use 0% to 100%' bqdisc change ve0 loss 100.1%
	refuses 1 "the nearest is 'loss gemodel'" bqdisc change ve0 loss gemodle 1%
	refuses 1 "needs 'reorder'" bqdisc change ve0 gap 5
	refuses 1 "needs a jitter" bqdisc change ve0 delay 1ms distribution normal
	refuses 1 "needs 'delay'" bqdisc change ve0 delay 0s reorder 5%
	refuses 1 "the nearest is 'pareto'" bqdisc change ve0 delay 1ms 1ms distribution parteo
	refuses 1 "MIN is greater" bqdisc change ve0 slot 10ms 5ms
	refuses 1 "need 'slot'" bqdisc change ve0 packets 5
	refuses 1 "too high for this LENGTH" bqdisc change ve0 loss burst 90% 2
	printf '1 2\n3 x\n' >/tmp/table
	refuses 1 '^bqdisc: /tmp/table:2:3: a whole number' \
		bqdisc change ve0 delay 1ms 1ms distribution /tmp/table
	yes 7 | head -n 20000 >/tmp/table
	refuses 1 '^bqdisc: /tmp/table:16385:1: ' \
		bqdisc change ve0 delay 1ms 1ms distribution /tmp/table
	bqdisc -j show ve0 >/tmp/after
	is "$(jq -c '.[0].options' /tmp/after)" "$(jq -c '.[0].options' /tmp/before)" "options"
}

# A change replaces each clause that it names, and keeps the others.
test_change_names_what_it_changes() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 10ms 1ms loss 1% rate 1mbit seed 7
	is "$(option ve0 limit_packets)" 1001 "limit for 1 Mbit/s and 11 ms"
	must bqdisc change ve0 delay 1s
	is "$(option ve0 jitter_ns)" 0 "jitter"
	is "$(option ve0 loss_percent)" 1 "loss"
	is "$(option ve0 seed)" 7 "seed"
	is "$(option ve0 limit_packets)" 1125 "limit for 1 Mbit/s and 1 s"
	must bqdisc change ve0 loss burst 2% 5
	is "$(option ve0 loss_percent)" null "loss"
	is "$(option ve0 loss_burst_percent)" 2 "bursts"
}

test_loss() {
	local before

	delayed_pair 0
	before=$(received 0)
	must bqdisc attach ve0 netem loss 20% seed 1
	packets send ve0 1000 >/dev/null
	between "$(stat ve0 dropped)" 150 250 "packets lost of 1000"
	is "$(stat ve0 drops)" "$(stat ve0 dropped)" "drops"
	is $(($(stat ve0 packets) + $(stat ve0 dropped))) 1000 "packets sent and lost"
	arrive 0 "$before" "$(stat ve0 packets)"
}

# A change of the rate applies to waiting packets: 100 packets at 8 kbit/s take over ten seconds.
test_change_of_rate_reaches_held_packets() {
	local before

	delayed_pair 0
	before=$(received 0)
	must bqdisc attach ve0 netem rate 8kbit
	packets send ve0 100 >/dev/null
	[ "$(backlog ve0)" -ge 90 ] || fail "only $(backlog ve0) packets wait"
	must bqdisc change ve0 rate 1gbit
	wait_for 2 holds ve0 0 || fail "$(backlog ve0) packets are still held"
	arrive 0 "$before" 100
}

test_change_of_jitter_reaches_held_packets() {
	local before

	delayed_pair 0
	before=$(received 0)
	must bqdisc attach ve0 netem delay 1000s 2s distribution normal
	packets send ve0 500 >/dev/null
	is "$(backlog ve0)" 500 "packets held"
	must bqdisc change ve0 delay 0s
	wait_for 2 holds ve0 0 || fail "$(backlog ve0) packets are still held"
	arrive 0 "$before" 500
}

# Packets held out of order follow a change that keeps the wheel's geometry: both delays are between
# 4.3 s and 8.6 s.
test_change_reaches_packets_out_of_order() {
	local before

	delayed_pair 0
	before=$(received 0)
	must bqdisc attach ve0 netem delay 8s 300ms
	packets send ve0 500 >/dev/null
	must bqdisc change ve0 delay 3700ms 600ms
	is "$(backlog ve0)" 500 "packets held"
	wait_for 20 holds ve0 0 || fail "$(backlog ve0) packets are still held"
	is "$(bqdisc -j stats ve0 | jq '[.[0].stats.delay_given_ns.buckets[]
		| select(.from >= 2e9 and .below < 5.4e9).count] | add')" 500 "packets held for 2 s to 5.4 s"
	arrive 0 "$before" 500
}

# Random changes while packets wait, in order and out of order, lose no packet and hold none
# forever.
test_random_changes_lose_nothing() {
	local seed=${BQDISC_SEED:-$RANDOM} sent=0 more shape before
	local shapes=("rate 0bit" "rate 1gbit" "rate 0bit reorder 20%" "reorder 0%"
		"rate 0bit distribution uniform" "rate 0bit distribution normal")

	delayed_pair 0
	RANDOM=$seed
	before=$(received 0)
	must bqdisc attach ve0 netem delay 1s limit 30000
	for _ in {1..40}; do
		shape=${shapes[RANDOM % ${#shapes[@]}]}
		# shellcheck disable=SC2086 # words
		must bqdisc change ve0 delay $((2200 + RANDOM % 1600))ms $((100 + RANDOM % 400))ms $shape
		more=$((RANDOM % 500))
		packets send ve0 $more >/dev/null
		sent=$((sent + more))
	done
	must bqdisc change ve0 delay 0s rate 0bit
	wait_for 20 holds ve0 0 || fail "seed $seed: $(backlog ve0) packets are still held"
	is "$(stat ve0 packets)" "$sent" "with seed $seed, packets that left"
	arrive 0 "$before" "$sent"
}

test_warning_of_limit() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 1000s limit 3
	packets send ve0 5 >/dev/null
	bqdisc stats ve0 >/dev/null 2>/tmp/err
	grep -q '^bqdisc: warning: ve0: 2 packets dropped at the limit' /tmp/err ||
		fail "stats says: $(cat /tmp/err)"
}

# Slots: five packets every 300 ms.
test_slots() {
	local before

	delayed_pair 0
	before=$(received 0)
	must bqdisc attach ve0 netem slot 300ms packets 5
	packets send ve0 20 >/dev/null
	[ "$(backlog ve0)" -ge 10 ] || fail "only $(backlog ve0) wait"
	wait_for 5 holds ve0 0 || fail "$(backlog ve0) packets are still held"
	arrive 0 "$before" 20
}

# --- the in-tree kind's own options ---

needs_netem() {
	modprobe sch_netem 2>/dev/null || skip "the kernel's own netem"
}

test_native_options() {
	needs_netem
	plain_pair 0
	plain_pair 1
	must bqdisc attach ve1 netem # its kind is loaded
	tc qdisc add dev ve0 root netem limit 77 delay 100ms 20ms 25% \
		loss gemodel 1% 10% 70% 0.1% reorder 25% 50% gap 3 rate 1mbit 20 48 5 \
		slot 10ms 20ms packets 3 bytes 4000 || fail "tc refused"
	ip link add du0 type dummy
	must netemopt ve0 copy du0 bq_netem
	# tc sends the share that passes in the bad state, 100% less 70%, which 2^32 cannot divide
	# exactly.
	local bad=70%
	[ "$(option du0 loss_1_h_percent)" = 70 ] || bad=69.99999999%
	is "$(bqdisc show --commands du0 | sed 's/ seed .*//')" "bqdisc attach du0 netem limit 77p \
delay 100ms 20ms 25% loss gemodel 1% 10% $bad 0.1% reorder 25% 50% gap 3p \
rate 1mbit 20b 48b 5b slot 10ms 20ms packets 3p bytes 4000b" "what the kernel's options became"
	tc qdisc replace dev ve0 root netem limit 77 delay 1ms duplicate 50% corrupt 25% loss 75% 25% \
		ecn || fail "tc refused"
	must tc qdisc del dev du0 root
	must netemopt ve0 copy du0 bq_netem
	is "$(bqdisc -j show du0 | jq -c '.[0].options | [.duplicate_percent, .corrupt_percent,
		.loss_percent, .loss_correlation_percent, .ecn]')" "[50,25,75,25,true]" \
		"options that need an egress program"
}

# The kernel survives arbitrary options; the qdisc carries packets or was refused.
test_native_options_damaged() {
	local before

	needs_netem
	delayed_pair 0
	plain_pair 1
	must bqdisc attach ve1 netem
	ip link add du0 type dummy
	tc qdisc add dev du0 root netem delay 1ms 1ms loss state 1% 2% 3% 4% 5% rate 1mbit \
		reorder 5% slot 1ms 2ms packets 3
	is "$(netemopt du0 fuzz ve0 bq_netem "${BQDISC_SEED:-1}" 300 >/tmp/taken; echo $?)" 0 fuzz
	[ "$(cat /tmp/taken)" -gt 10 ] || fail "only $(cat /tmp/taken) of 300 were taken"
	before=$(accounted ve0)
	packets send ve0 20 >/dev/null
	is $(($(accounted ve0) - before)) 20 "packets sent, dropped or waiting"
	must tc qdisc del dev ve0 root
	before=$(received 0)
	packets send ve0 20 >/dev/null
	arrive 0 "$before" 20
}

kind_stays netem
run_tests "$@"
