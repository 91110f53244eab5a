#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# metrics: the text agrees with the JSON, and is printed, written to a file or served.
# tests/metrics/prometheus.sh lets Prometheus read it.
#
# runs: check kernels@6.17,6.18,7.2
# suite: more
# needs: killat build/tests/byo/mine.bpf.o build/tests/byo/globals.bpf.o /usr/lib/*/libmicrohttpd.so.12
# time: 40
. "${0%/*}/lib.sh"

kind_stays pfifo fq netem

# Print what node_qdisc_* must be, from the JSON.
expected_core() {
	bqdisc -j stats --per-queue | jq -r '.[] |
		"{device=\"\(.dev)\",kind=\"\(.kind)\",parent=\"\(.parent)\",handle=\"\(.handle)\"}" as $labels |
		.stats | {bytes_total: .bytes, packets_total: .packets, drops_total: .drops,
			overlimits_total: .overlimits, requeues_total: .requeues,
			backlog: .backlog_bytes, current_queue_length: .backlog_packets} |
		to_entries[] | "node_qdisc_\(.key)\($labels) \(.value)"'
}

# value NAME [LABEL...]: print the value of the only sample in /tmp/metrics with these labels.
value() {
	local lines label

	lines=$(grep -E "^$1(\{| )" /tmp/metrics)
	for label in "${@:2}"; do
		lines=$(grep -F -- "$label" <<<"$lines")
	done
	is "$(grep -c . <<<"$lines")" 1 "samples of $*: $lines"
	echo "${lines##* }"
}

scrape() {
	bqdisc metrics "$@" >/tmp/metrics || fail "metrics $*"
}

# Each family has its help, its type and its samples together, once, and no sample occurs twice.
well_formed() { # FILE
	awk '
		$2 == "HELP" { if (seen[$3]++ || NF < 4) print; family = $3; next }
		$2 == "TYPE" { if ($3 != family) print; type = $4; next }
		/^# EOF$/ { next }
		{
			name = $0
			sub(/[{ ].*/, "", name)
			rest = substr(name, length(family) + 1)
			if (index(name, family) != 1 || (rest != "" &&
			    !(type == "counter" && rest == "_total") &&
			    !(type == "histogram" && rest ~ /^_(bucket|count|sum)$/))) print
			key = $0
			sub(/ [^ ]*$/, "", key)
			if (samples[key]++ || $NF !~ /^-?[0-9.]+(e[-+][0-9]+)?$/) print
		}' "$1" >/tmp/wrong
	is "$(cat /tmp/wrong)" "" "lines that are wrong in $1"
}

test_every_qdisc_agrees_with_stats() {
	local qdisc n=0

	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		ip link add "du$n" type dummy && quiet "du$n" && ip link set "du$n" up
		# shellcheck disable=SC2046 # words
		must bqdisc attach "du$n" $(least_words "$qdisc")
		packets send "du$n" $((10 + n)) >/dev/null
		n=$((n + 1))
	done
	four_queues
	must bqdisc attach ve0 pfifo limit 50
	packets send ve0 7 >/dev/null
	scrape
	is "$(grep ^node_ /tmp/metrics | sort)" "$(expected_core | sort)" "core counters"
	is "$(grep -c '^node_qdisc_packets_total{device="ve0".*parent="[0-9a-f]*:[1-4]"' /tmp/metrics)" 4 \
		"queues of the mq"
	is "$(tail -n 1 /tmp/metrics)" "# EOF" "the last line"
	well_formed /tmp/metrics
	value bqdisc_band_pkt 'kind="bq_fq"' 'index="0"' >/dev/null # no reserved suffix
	value bqdisc_sojourn_seconds_count 'kind="bq_fq"' >/dev/null
	is "$(value bqdisc_enqueued_total 'device="du0"')" 10 "a counter of pfifo"
	is "$(value bqdisc_peak_backlog_packets 'device="du0"')" "$(stat du0 peak_backlog_packets)" \
		"a gauge of pfifo"
	is "$(value bqdisc_option_limit_packets 'device="ve0"' ':1"')" 50 "an option"
	is "$(value bqdisc_qdisc_info 'device="du0"' 'qdisc="pfifo"' 'egress_program="none"')" 1 info
	is "$(value bqdisc_memory_bytes 'device="du0"')" "$(bqdisc -j show du0 | jq '.[0].memory_bytes')" \
		memory
	is "$(value bqdisc_info)" 1 "version"
}

four_queues() {
	plain_pair 0 numtxqueues 4 numrxqueues 4
}

# Base units: seconds, bytes a second, ratios.
test_units_of_options() {
	ip link add du0 type dummy
	must bqdisc attach du0 netem delay 15ms loss 25% rate 80mbit
	scrape
	is "$(value bqdisc_option_delay_seconds)" 0.015000000 delay
	is "$(value bqdisc_option_rate_bytes_per_second)" 10000000 rate
	is "$(value bqdisc_option_loss_ratio | awk '{ printf "%.3f", $1 }')" 0.250 "loss"
	is "$(grep -c '_bits_\|_percent\|_ns[{ ]' /tmp/metrics)" 0 "names with other units"
}

# A tagged counter shares the family of built-in qdiscs; a variable has no known type.
test_user_objects() {
	ip link add du0 type dummy && quiet du0 && ip link set du0 up
	ip link add du1 type dummy
	must bqdisc attach du0 /test/mine.bpf.o
	must bqdisc attach du1 /test/globals.bpf.o
	packets send du0 10 >/dev/null
	scrape
	well_formed /tmp/metrics
	is "$(value bqdisc_enqueued_total 'device="du0"')" 10 "a counter of the kit"
	is "$(value bqdisc_drops_total 'device="du0"' 'reason="limit"')" 0 "drops of the kit"
	value bqdisc_enqueued_pacer_of_tests >/dev/null
	is "$(grep -c '^# TYPE bqdisc_enqueued_pacer_of_tests unknown$' /tmp/metrics)" 1 "a variable's type"
}

test_drops_by_reason() {
	plain_pair 0
	must bqdisc attach ve0 pfifo limit 0
	packets send ve0 10 >/dev/null
	scrape
	is "$(value bqdisc_drops_total 'reason="limit"')" 10 "drops at the limit"
	is "$(value bqdisc_drops_total 'reason="no_slot"')" 0 "other drops"
	is "$(value node_qdisc_drops_total)" 10 "all drops"
}

test_filters() {
	local n

	for n in 1 2 30; do
		ip link add "du$n" type dummy
		must bqdisc attach "du$n" pfifo
	done
	is "$(devices)" "du1 du2 du30" "without a filter"
	is "$(devices --device-include '^du[12]$')" "du1 du2" "include"
	is "$(devices --device-include 3)" "du30" "a part of the name"
	is "$(devices --device-exclude '^du[12]$')" "du30" "exclude"
	is "$(devices --device-include '^du' --device-exclude 30)" "du1 du2" "both"
	refuses 1 "device-include: invalid value 'x\('" bqdisc metrics --device-include 'x('
	refuses 1 "has no JSON" bqdisc -j metrics
}

devices() {
	scrape "$@"
	sed -n 's/^bqdisc_qdisc_info{device="\([^"]*\)".*/\1/p' /tmp/metrics | sort | xargs
}

# A name that would break the text: quotes, a backslash, a byte that is not UTF-8.
test_names_are_escaped() {
	local quoted="du\"\\"

	ip link add "$quoted" type dummy || skip "such a name"
	ip link add $'du\xff' type dummy
	must bqdisc attach "$quoted" pfifo
	must bqdisc attach $'du\xff' pfifo
	scrape
	value bqdisc_memory_bytes 'device="du\"\\"' >/dev/null
	value bqdisc_memory_bytes 'device="du?"' >/dev/null
}

test_histogram() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 20ms
	packets send ve0 30 >/dev/null
	wait_for 10 is_sent 30 || fail "not sent: $(stat ve0 packets)"
	scrape
	is "$(value bqdisc_delay_given_seconds_count)" 30 count
	is "$(value bqdisc_delay_given_seconds_bucket 'le="+Inf"')" 30 "the last bucket"
	sed -n 's/^bqdisc_delay_given_seconds_bucket.*le="\([^+"]*\)"} \(.*\)/\1 \2/p' /tmp/metrics >/tmp/buckets
	awk '{ if ($1 <= le || $2 < n) exit 1; le = $1; n = $2 }' /tmp/buckets ||
		fail "the buckets do not rise: $(cat /tmp/buckets)"
	between "$(wc -l </tmp/buckets)" 30 40 "buckets, one for each power of two"
	# None is early; an idle guest delays no packet by more than 2 s.
	is "$(awk '$1 < 0.017 { n = $2 } END { print n }' /tmp/buckets)" 0 "packets below 17 ms"
	is "$(awk '$1 > 2 { print $2; exit }' /tmp/buckets)" 30 "packets below 2 s"
	between "$(value bqdisc_delay_given_seconds_sum | awk '{ printf "%d", $1 / 30 * 1000 }')" 17 2000 \
		"the mean in ms"
}

is_sent() { [ "$(stat ve0 packets)" = "$1" ]; }

test_rules() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 1ms match proto udp rule loss 0% match proto tcp
	scrape
	is "$(value bqdisc_rule_packets_total 'rule="2"' 'match="match proto tcp"')" 0 "packets of a rule"
}

# Killed at any of its last system calls, it leaves the old text or the new one.
# names_in DIR: print the text without its values.
names_in() {
	sed 's/ [^ ]*$//' "$1/bqdisc.prom"
}

test_textfile_is_replaced_at_once() {
	local calls n status=0

	mkdir /tmp/textfile /tmp/new
	plain_pair 0
	must bqdisc attach ve0 pfifo
	must bqdisc metrics --textfile /tmp/textfile
	well_formed /tmp/textfile/bqdisc.prom
	is "$(command stat -c %a /tmp/textfile/bqdisc.prom)" 644 mode
	is "$(ls /tmp/textfile)" bqdisc.prom "the files"
	mv /tmp/textfile/bqdisc.prom /tmp/old
	packets send ve0 5 >/dev/null
	must bqdisc metrics --textfile /tmp/new
	calls=$(killat --count --all bqdisc metrics --textfile /tmp/textfile)
	# A run can take a few calls more or less than another, so begin early and go on to its end.
	for ((n = calls - 20; status != 1 && n < calls + 50; n++)); do
		cp /tmp/old /tmp/textfile/bqdisc.prom
		status=0
		killat --all "$n" bqdisc metrics --textfile /tmp/textfile >/dev/null || status=$?
		cmp -s /tmp/old /tmp/textfile/bqdisc.prom && echo old || echo new
		# A packet of the kernel's may have changed a value meanwhile.
		cmp -s /tmp/old /tmp/textfile/bqdisc.prom ||
			cmp <(names_in /tmp/new) <(names_in /tmp/textfile) ||
			fail "killed at call $n of $calls: $(cat /tmp/textfile/bqdisc.prom)"
	done >/tmp/seen
	is "$(uniq /tmp/seen | xargs)" "old new" "texts after kills"
	refuses 2 "cannot write bqdisc.prom in '/tmp/none'" bqdisc metrics --textfile /tmp/none
}

get() { # PORT [OPTION...]
	wget -qO- "${@:2}" "http://127.0.0.1:$1/metrics" 2>/dev/null
}

answers() {
	get "$1" >/tmp/metrics
}

# listen ARGUMENTS...: start the server as its unit does, with the fewest capabilities.
listen() {
	LD_LIBRARY_PATH=/test setpriv --bounding-set -all,+net_admin,+bpf,+perfmon --inh-caps -all \
		bqdisc metrics "$@" 2>/tmp/err &
	server=$!
	wait_for 10 answers 9766 || fail "no answer: $(cat /tmp/err)"
}

test_listen() {
	local got=0

	plain_pair 0
	must bqdisc attach ve0 pfifo
	listen --listen 9766 --device-exclude hold
	packets send ve0 5 >/dev/null
	answers 9766
	is "$(value node_qdisc_packets_total)" 5 "packets"
	is "$(grep -c '^# EOF' /tmp/metrics)" 0 "ends in the text format"
	well_formed /tmp/metrics
	get 9766 --header "Accept: application/openmetrics-text;version=1.0.0" >/tmp/metrics
	is "$(tail -n 1 /tmp/metrics)" "# EOF" "the last line in OpenMetrics"
	wget -qO- http://127.0.0.1:9766/other 2>/dev/null && fail "another path"
	is "$(ss -Hltn 'sport = 9766' | awk '{ print $4 }')" 127.0.0.1:9766 "the address"
	LD_LIBRARY_PATH=/test refuses 2 "cannot listen on '9766'" bqdisc metrics --listen 9766
	refuses 1 "invalid address 'x:0'" env LD_LIBRARY_PATH=/test bqdisc metrics --listen x:0
	kill -TERM $server
	wait $server || got=$?
	is "$got" 0 "exit status after SIGTERM"
}

# It listens where it was started, and reports on the namespace of -n.
test_listen_for_a_namespace() {
	plain_pair 0
	must bqdisc -n peer attach vf0 pfifo
	LD_LIBRARY_PATH=/test bqdisc -n peer metrics --listen 127.0.0.1:9766 2>/tmp/err &
	wait_for 10 answers 9766 || fail "no answer: $(cat /tmp/err)"
	value node_qdisc_packets_total 'device="vf0"' >/dev/null
	must bqdisc -n peer detach vf0
	answers 9766
	is "$(grep -c vf0 /tmp/metrics)" 0 "samples after detach"
	kill %1
	wait %1
}

run_tests "$@"
