#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Printed text: commands that can be run again, rates, bare numbers. schema.sh tests the JSON.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: every_option_can_be_fed_back
# suite: more
# needs: every_option.jq
. "${0%/*}/lib.sh"

three_instances() {
	plain_pair 0
	plain_pair 1 numtxqueues 2 numrxqueues 2
	tc qdisc add dev ve1 root handle 1: mq
	must bqdisc attach ve0 pfifo limit 55
	must bqdisc attach ve1 bfifo limit 12345 --parent 1:1
	must bqdisc attach ve1 pfifo_head_drop --parent 1:2
}

test_commands_can_be_fed_back() {
	local before

	three_instances
	bqdisc show --commands >/tmp/commands
	before=$(bqdisc -j show | jq -cS 'map({dev, qdisc, parent, options}) | sort')
	must bqdisc detach ve0
	tc qdisc replace dev ve1 root handle 2: pfifo
	is "$(bqdisc -j show)" "[]" "show without them"
	tc qdisc replace dev ve1 root handle 1: mq
	must sh -e /tmp/commands
	is "$(bqdisc -j show | jq -cS 'map({dev, qdisc, parent, options}) | sort')" "$before" \
		"the state that the commands made: $(cat /tmp/commands)"
	is "$(bqdisc show --commands)" "$(cat /tmp/commands)" "the commands once more"
}

# Every option of every qdisc, with its smallest, largest and a middle value, in every form, all
# options of a qdisc in one command. The command that show prints must give the same.
test_every_option_can_be_fed_back() {
	local qdisc level words before

	# An instance on another device keeps the kind loaded, which saves most of the time.
	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		ip link add "du_${qdisc::10}" type dummy
		# shellcheck disable=SC2046 # words
		must bqdisc attach "du_${qdisc::10}" $(least_words "$qdisc")
	done
	bqdisc -j list | jq -rf /test/every_option.jq >/tmp/every
	[ "$(wc -l </tmp/every)" -ge 20 ] || fail "only $(wc -l </tmp/every) commands"
	plain_pair 0
	while read -r qdisc level words; do
		# shellcheck disable=SC2086 # many words
		must bqdisc attach ve0 "$qdisc" $words --memory 1gb
		bqdisc show ve0 --commands >/tmp/commands
		before=$(bqdisc -j show ve0 | jq -cS '.[0].options')
		must bqdisc detach ve0
		must sh -e /tmp/commands
		is "$(bqdisc -j show ve0 | jq -cS '.[0].options')" "$before" \
			"$qdisc, $level values, as fed back by: $(cat /tmp/commands)"
		is "$(bqdisc show ve0 --commands)" "$(cat /tmp/commands)" "the command once more"
		must bqdisc detach ve0
	done </tmp/every
}

test_watch() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	bqdisc -j stats ve0 --watch 0.3 >/tmp/watch &
	wait_for 10 lines 1
	packets send ve0 50 >/dev/null
	wait_for 10 lines 3 || fail "only $(wc -l </tmp/watch) lines"
	kill %1
	is "$(jq -s 'map(.[0].stats.packets) | max' /tmp/watch)" 50 "packets in the end"
	is "$(jq -s 'map(.[0].rates.packets // 0) | max > 0' /tmp/watch)" true "a rate above 0"
	is "$(jq -s 'map(.[0].rates.queue_length_packets // 0) | max > 0' /tmp/watch)" true \
		"a rate of a histogram above 0"
	refuses 1 "invalid value '0'; give a number of seconds" bqdisc stats --watch 0
}

# Only what comes between the two readings counts.
test_delta() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 20ms
	packets send ve0 10 100 >/dev/null
	wait_for 10 is_sent 10 || fail "not sent"
	during_delta packets send ve0 50 100
	is "$(jq -c '.[0] | [.delta.packets, .delta.bytes, .delta.delay_given_ns.count,
		.rates.packets * .seconds | round]' /tmp/delta)" "[50,5000,50,50]" "in JSON"
	# The middle of its bucket is at most an eighth off. A busy machine is late with some.
	is "$(jq '.[0].delta.delay_given_ns | .p50 >= 17.5e6 and .p50 <= 68e6' /tmp/delta)" true \
		"median of the delay: $(cat /tmp/delta)"
	refuses 1 "--watch and --delta exclude each other" bqdisc stats --watch 1 --delta 1
	refuses 1 "leave out 'packets'" bqdisc stats ve0 packets --delta 1
	bqdisc stats ve0 --delta 0.1 --all >/tmp/delta
	grep -Eq '^bytes +0 +0bit$' /tmp/delta || fail "text: $(cat /tmp/delta)"
	grep -Eq '^packets +0 +0.0 packets/s$' /tmp/delta || fail "text: $(cat /tmp/delta)"
}

# during_delta COMMAND...: run it after the first reading of stats --delta.
during_delta() {
	local pid

	bqdisc -j stats ve0 --delta 2 >/tmp/delta &
	pid=$!
	wait_for 10 grep -q nanosleep "/proc/$pid/wchan" || fail "no first reading"
	must "$@"
	wait "$pid" || fail "stats --delta failed"
}

lines() {
	[ "$(wc -l </tmp/watch)" -ge "$1" ]
}

test_bare_number() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	packets send ve0 7 >/dev/null
	is "$(bqdisc stats ve0 packets)" 7 "a bare number"
	is "$(bqdisc -j stats ve0 packets | jq -c .)" '{"dev":"ve0","packets":7}' "the same in JSON"
	refuses 1 "unknown counter 'packet'; the nearest is 'packets'" bqdisc stats ve0 packet
	refuses 1 "lo: no qdisc of bqdisc is attached" bqdisc stats lo packets
}

# The commands accept the options that help names.
test_help_names_the_options_there_are() {
	local command option value

	bqdisc -j help | jq -r '.commands[] | .name as $c | .options[] |
		"\($c) \(.name) \(if .metavar then "1:1" else "" end)"' >/tmp/options
	[ "$(wc -l </tmp/options)" -ge 25 ] || fail "only $(wc -l </tmp/options) options"
	while read -r command option value; do
		bqdisc "$command" "$option" ${value:+"$value"} --no-such-option >/tmp/out 2>&1
		grep -q "unknown option '$option'" /tmp/out && fail "$command: $(cat /tmp/out)"
		grep -q "unknown option '--no-such-option'\|invalid value '1:1'" /tmp/out ||
			fail "$command $option: $(cat /tmp/out)"
	done </tmp/options
}

test_nothing_attached() {
	plain_pair 0
	bqdisc >/tmp/out || fail "bqdisc alone failed"
	grep -q "No qdisc of bqdisc is attached" /tmp/out || fail "bqdisc says: $(cat /tmp/out)"
	grep -q "'bqdisc attach DEV QDISC'" /tmp/out || fail "bqdisc names no command: $(cat /tmp/out)"
	is "$(bqdisc show ve0)" "ve0: no qdisc of bqdisc is attached; attach one with $(
		)'bqdisc attach ve0 QDISC'" "show of a device"
	is "$(bqdisc stats ve0)" "$(bqdisc show ve0)" "stats of a device"
	is "$(bqdisc show --commands)" "" "the commands"
	is "$(bqdisc -j)" "[]" "JSON"
}

# Values that were not given, and defaults, are printed with --all only.
test_show_has_what_was_set() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 50ms loss 1% seed 7
	is "$(bqdisc show ve0 | sed -n '2{s/^ *//;p}')" "delay 50ms loss random 1% seed 7" "the options"
	must bqdisc attach ve0 fq horizon 5s
	is "$(bqdisc show ve0 | sed -n '2{s/^ *//;p}')" "horizon 5s" "the options"
	is "$(bqdisc show ve0 | wc -l)" 2 "lines"
	is "$(bqdisc show ve0 --all | grep -c '(default)')" "$(($(bqdisc -j list |
		jq '.[] | select(.qdisc == "fq").options | length') - 1))" "options that are defaults"
	bqdisc show ve0 --all | grep -q 'maxrate *no limit (default)' ||
		fail "maxrate: $(bqdisc show ve0 --all)"
}

test_queues_are_in_order() {
	plain_pair 0 numtxqueues 12 numrxqueues 12
	must bqdisc attach ve0 pfifo
	bqdisc show ve0 | grep -q 'mq, 12 queues' || fail "show: $(bqdisc show ve0)"
	is "$(bqdisc -j show ve0 --per-queue | jq -r '.[].parent' | sed 's/.*://' | xargs)" \
		"1 2 3 4 5 6 7 8 9 a b c" "the queues in JSON"
	is "$(bqdisc show ve0 --per-queue | sed -n 's/.*parent [0-9a-f]*:\([0-9a-f]*\),.*/\1/p' | xargs)" \
		"1 2 3 4 5 6 7 8 9 a b c" "the queues as text"
}

# Groups whose counters are all zero are omitted. The bars of a histogram add up to its count.
test_stats_in_groups() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 3ms
	bqdisc stats ve0 >/tmp/out
	is "$(grep '^[a-z]' /tmp/out | tail -n +2 | xargs)" core "groups of a new qdisc"
	packets send ve0 20 >/dev/null
	wait_for 10 is_sent 20 || fail "not sent: $(bqdisc stats ve0)"
	bqdisc stats ve0 >/tmp/out
	is "$(grep '^[a-z]' /tmp/out | tail -n +2 | xargs)" "core emulation delay queue length" "groups"
	is "$(sed -n 's/.* \([0-9]*\) #*$/\1/p' /tmp/out | awk '{ n += $1 } END { print n }')" 40 \
		"packets in the histograms: $(cat /tmp/out)"
	is "$(grep -c 'p50 .*p90 .*p99 .*p99.9 .*max ' /tmp/out)" 2 "percentiles: $(cat /tmp/out)"
	is "$(bqdisc stats ve0 --all | grep -c drops_)" 4 "drops with --all"
}

is_sent() { [ "$(stat ve0 packets)" = "$1" ]; }

kind_stays pfifo bfifo fq netem
run_tests "$@"
