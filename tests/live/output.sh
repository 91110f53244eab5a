#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What is printed: commands that can be fed back, rates, bare numbers. The form of JSON: schema.sh.
#
# runs: check kernels@6.17,6.18,7.2,7.3
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

# Every option of every qdisc, each at its least, its greatest and a middle value, in every form: all
# of a qdisc in one command. The command that show prints makes the same again.
test_every_option_can_be_fed_back() {
	local qdisc level words before

	# An instance elsewhere keeps a kind loaded, which saves most of the time.
	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		ip link add "du_${qdisc::10}" type dummy
		must bqdisc attach "du_${qdisc::10}" "$qdisc"
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
	refuses 1 "'0' is not a number of seconds" bqdisc stats --watch 0
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
	refuses 1 "no counter 'packet'; did you mean 'packets'" bqdisc stats ve0 packet
	refuses 1 "lo has no qdisc of bqdisc" bqdisc stats lo packets
}

run_tests "$@"
