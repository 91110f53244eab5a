#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# record and report, on traffic that is known: samples at the interval, values as stats has them.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# suite: ops
# needs: flows
# time: 30
. "${0%/*}/lib.sh"

recording=/tmp/recording.jsonl

# report FILTER: print from the data of the report.
report() {
	bqdisc -j report "$recording" 2>/tmp/err | jq -c "
		def series(chart; name): .charts[] | select(.title == chart).series[] |
			select(.name == name).values;
		# The sum of what grew, from the rates.
		def grown(chart; name): . as \$r | series(chart; name) as \$v |
			[range(1; \$v | length) | (\$v[.] // 0) * (\$r.seconds[.] - \$r.seconds[. - 1])] | add | round;
		$1"
}

# record ARGS...: record in the background, as process $recorder. Wait for the first sample.
record() {
	rm -f "$recording"
	bqdisc record "$@" "$recording" >/tmp/record.out 2>&1 &
	recorder=$!
	wait_for 10 has_lines 2 || fail "no sample: $(cat /tmp/record.out)"
}

has_lines() {
	[ -e "$recording" ] && [ "$(wc -l <"$recording")" -ge "$1" ]
}

# More samples follow: wait for N of them.
samples() { # N
	wait_for 10 has_lines $(($(wc -l <"$recording") + $1)) || fail "only $(wc -l <"$recording") lines"
}

# stop SIGNAL STATUS
stop() {
	local status=0

	kill "-$1" "$recorder"
	wait "$recorder" 2>/dev/null || status=$?
	is "$status" "$2" "exit status after SIG$1: $(cat /tmp/record.out)"
}

# 250 UDP packets a second of 1,000 bytes, through a delay of 20 ms and a loss of 10 %.
test_known_traffic() {
	local n started

	veth_pair 0
	address_pair 0
	serve
	must bqdisc attach ve0 netem delay 20ms loss 10% seed 7
	started=${EPOCHREALTIME/[.,]/}
	record ve0 --every 100ms
	must iperf3 -c 10.9.0.2 -u -b 2M -l 1000 -t 3
	wait_for 20 all_is_sent || fail "the connection does not end: $(leaving)"
	samples 2 # the last packets
	stop INT 0
	started=$(((${EPOCHREALTIME/[.,]/} - started) / 100000))
	n=$(report .samples)
	# A busy machine skips many.
	between "$n" 10 $((started + 1)) "samples in $started tenths of a second"
	is "$(cat /tmp/record.out)" "ve0: $n samples written to $recording" "record says"
	# Each is in an interval of its own: one that is late does not delay the others.
	is "$(report '[.seconds[] * 10 | floor] | . == unique')" true "at their times: $(report .seconds)"
	is "$(report 'grown("Throughput"; "sent") / 8')" "$(stat ve0 bytes)" "bytes"
	is "$(report 'grown("Drops"; "emulated loss")')" "$(stat ve0 dropped)" "packets lost"
	[ "$(stat ve0 dropped)" -gt 30 ] || fail "only $(stat ve0 dropped) packets lost"
	is "$(report '[series("Emulated loss"; "loss asked for")[1:][]] | unique')" "[10]" "loss asked for"
	is "$(report '[series("Delay given"; "delay asked for")[1:][]] | unique')" "[20]" "delay asked for"
	# The middle of a bucket is at most an eighth off. A busy machine is late with some.
	is "$(report '[series("Delay given"; "p50")[] | numbers] | sort |
		.[0] >= 17.5 and .[length / 2 | floor] <= 34')" true \
		"p50 of the delays: $(report 'series("Delay given"; "p50")')"
}

# Three flows of 20, 40 and 80 packets in a second, paced so that none bypasses fq's flows; a rule
# of netem.
test_flows() {
	local n to='> 10.9.0.2:9000'

	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 fq
	record ve0 --every 100ms
	for n in 0 1 2; do
		seq 0 $((50000000 >> n)) 999999999 | sed "s/$/ $n 1000 rate 1000000/"
	done | sort -n >/tmp/script
	must flows send /tmp/script
	samples 2
	stop INT 0
	is "$(report '.charts[] | select(.title == "Flows").series | map(.name)')" \
		"[\"udp 10.9.0.1:9003 $to\",\"udp 10.9.0.1:9002 $to\",\"udp 10.9.0.1:9001 $to\"]" names
	for n in 1 2 3; do
		is "$(report "grown(\"Flows\"; \"udp 10.9.0.1:900$n $to\") / 8 / 1042")" \
			$((10 << n)) "packets of flow $n"
	done
	must bqdisc attach ve0 netem match sport 9001 rule delay 1ms match sport 9002
	record ve0 --every 100ms
	must flows send /tmp/script
	samples 2
	stop INT 0
	is "$(report '[grown("Flows"; "rule 1", "rule 2") / 8 / 1042]')" "[40,20]" "packets of the rules"
}

# An option changes, the qdisc is detached, and another one comes.
test_changes() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 1ms
	record ve0 --every 50ms
	packets send ve0 30 100 >/dev/null
	samples 2
	must bqdisc change ve0 delay 2ms
	samples 2
	must bqdisc detach ve0
	wait_for 10 grep -q gone "$recording" || fail "the end of netem is not noted"
	must bqdisc attach ve0 pfifo limit 10
	packets send ve0 12 100 >/dev/null
	samples 3
	stop INT 0
	is "$(report '.changes | map(.words)')" '["netem delay 1ms","netem delay 2ms","pfifo limit 10p"]' \
		"changes"
	is "$(report '[series("Backlog"; "waiting")[] | . == null] | any')" true "a gap without a qdisc"
	# The counters of both, as if they were one.
	is "$(report 'grown("Throughput"; "sent") / 8')" $((42 * 100)) "bytes"
}

# The file of a record that was killed can be reported, without a line that is cut off.
test_killed() {
	local lines

	plain_pair 0
	must bqdisc attach ve0 pfifo
	record ve0 --every 50ms
	samples 5
	stop KILL 137
	lines=$(wc -l <"$recording")
	is "$(report .cut)" false "cut off"
	is "$(report .samples)" $((lines - 1)) "samples"
	head -c $(($(wc -c <"$recording") - 3)) "$recording" >"$recording.cut"
	mv "$recording.cut" "$recording"
	is "$(report .cut)" true "cut off"
	is "$(report .samples)" $((lines - 2)) "samples without the last line"
	grep -q "last line is incomplete" /tmp/err || fail "no warning: $(cat /tmp/err)"
}

test_refusals() {
	plain_pair 0 numtxqueues 2 numrxqueues 2
	tc qdisc add dev ve0 root handle 1: mq
	refuses 1 "^bqdisc: ve0: no qdisc of bqdisc is attached" bqdisc record ve0 "$recording"
	must bqdisc attach ve0 pfifo --parent 1:1
	must bqdisc attach ve0 bfifo --parent 1:2
	echo precious >"$recording"
	refuses 1 "'ve0' has 2 qdiscs of bqdisc; name one with --parent" bqdisc record ve0 "$recording"
	is "$(cat "$recording")" precious "a file that was there"
	refuses 1 "at least 10ms" bqdisc record ve0 --every 1ms "$recording"
	refuses 2 "/dev/full: cannot write" bqdisc record ve0 --parent 1:1 /dev/full
	refuses 1 "recording.jsonl:1: not JSON" bqdisc report "$recording"
	must bqdisc record ve0 --parent 1:2 --every 50ms --for 200ms "$recording"
	is "$(report '.changes[0].words')" '"bfifo"' "the qdisc of the class"
	sed -i '3s/{/{{/' "$recording"
	refuses 1 "^bqdisc: $recording:3: not JSON" bqdisc report "$recording"
	sed -i '3s/.*/{}/' "$recording"
	refuses 1 "^bqdisc: $recording:3: a sample without t_ns" bqdisc report "$recording"
	echo '{"bqdisc_record":2}' >"$recording"
	refuses 1 "^bqdisc: $recording:1: not the first line" bqdisc report "$recording"
	refuses 1 "fewer than two samples" bqdisc report /dev/null
	refuses 1 "/nowhere: No such file" bqdisc report /nowhere
}

# The page needs nothing else, and its table has a row for each point.
test_page() {
	plain_pair 0
	must bqdisc attach ve0 pfifo limit 5
	must bqdisc record ve0 --every 50ms --for 300ms "$recording"
	must bqdisc report "$recording" -o /tmp/page.html
	is "$(bqdisc report - <"$recording" | cmp - /tmp/page.html)" "" "the page on stdout"
	is "$(grep -c '<svg viewBox="0 0 760' /tmp/page.html)" "$(report '.charts | length')" "charts"
	is "$(grep -c '^<tr><td>' /tmp/page.html)" "$(report '.seconds | length')" "rows"
	grep -q "<h1><code>ve0: pfifo limit 5p</code></h1>" /tmp/page.html || fail "no title"
	! grep -Eq '<script|https?:|src=|href=|nan|inf' /tmp/page.html || fail "not self-contained"
}

kind_stays pfifo fq netem
run_tests "$@"
