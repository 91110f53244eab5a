# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Replay of traces in virtual time: the time at which each packet leaves. LONG=yes: a minute of it.
#
# runs: check kernels@6.18
# runs: long suite=netem_trace_long LONG=yes
# needs: arrivals
# suite: netem_time
# icount
# time: 50
. "${0%/*}/lib.sh"

# Send COUNT full frames at once; write "NUMBER NS" of each arrival to /tmp/got.
replay() { # COUNT
	ip netns exec peer arrivals vf0 "$1" 5000 >/tmp/got &
	sleep 0.3
	packets send ve0 "$1" 1514 >/tmp/sent
	wait $!
	is "$(wc -l </tmp/got)" "$1" "packets that arrived"
}

# /tmp/expected has a time in ns for each packet. All are compared from the first one on.
compare() { # MAX-NS
	paste -d ' ' /tmp/got /tmp/expected | awk -v max="$1" '
		NR == 1 { got = $2; expected = $3 }
		{ d = ($2 - got) - ($3 - expected); if (d < 0) d = -d; if (d > worst) { worst = d; at = NR } }
		$1 != NR - 1 { print "packet " $1 " came as number " NR; exit }
		END { if (worst > max) print "packet " at " is " worst " ns off" }' >/tmp/off
	[ ! -s /tmp/off ] || fail "$(cat /tmp/off)"
}

# Opportunities at random times, several in one millisecond now and then.
random_trace() { # COUNT MEAN-MS
	awk -v n="$1" -v mean="$2" -v seed="${SEED:=$RANDOM}" 'BEGIN {
		srand(seed)
		for (ms = 700; n; n--) { print ms; ms += int(rand() * (2 * mean + 1)) }
	}' >/tmp/trace
	echo "# SEED=$SEED"
}

test_opportunities() {
	local n=${LONG:+20000}

	plain_pair 0
	random_trace "${n:=600}" 3
	must bqdisc attach ve0 netem trace /tmp/trace once
	awk '{ printf "%d000000\n", $1 }' /tmp/trace >/tmp/expected
	replay "$n"
	compare 1000000
}

test_opportunities_again_and_again() {
	plain_pair 0
	printf '700\n701\n701\n709\n' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace
	for ((cycle = 0; cycle < 5; cycle++)); do
		for ms in 700 701 701 709; do echo $((cycle * 709 + ms))000000; done
	done >/tmp/expected
	replay 20
	compare 1000000
}

# 10 ms a packet, then nothing, then 1 ms a packet and 50 ms later.
test_rows() {
	plain_pair 0
	printf '0s 0bit 0s 0%%\n0.7s 1200kbit 0s 0%%\n1.2s 0bit 0s 0%%\n2s 12mbit 50ms 0%%\n' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace once
	{
		for ((i = 1; i <= 50; i++)); do echo $((700 + 10 * i))000000; done
		for ((i = 1; i <= 50; i++)); do echo $((2050 + i))000000; done
	} >/tmp/expected
	replay 100
	compare 1000000
}

# A packet takes 3,000,000,000 repetitions: its time is computed, not looked for.
test_rows_of_tiny_rates() {
	plain_pair 0
	printf '0s 8bit 0s 0%%\n500ns 0bit 0s 0%%\n1us\n' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace
	packets send ve0 10 1514 >/dev/null
	is "$(stat ve0 drops_trace)" 0 "packets whose time was not found"
	is "$(stat ve0 backlog_packets)" 10 "packets that wait"
	# A link that never passes anything says so at once.
	printf '0s 0bit 0s 0%%\n1us\n' >/tmp/trace
	must bqdisc change ve0 trace /tmp/trace
	packets send ve0 10 1514 >/dev/null
	is "$(stat ve0 drops_trace)" 10 "packets that never leave"
	must bqdisc detach ve0
}

test_row_of_loss() {
	plain_pair 0
	printf '0s - 0s 100%%\n1000s\n' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace
	packets send ve0 50 >/dev/null
	is "$(stat ve0 dropped)" 50 "packets lost"
}

# The queue of a trace's link is memory of one instance, also if tc made the qdisc.
test_trace_of_a_qdisc_of_tc() {
	plain_pair 0
	plain_pair 1
	must bqdisc load netem
	must tc qdisc add dev ve0 root handle 1: bq_netem
	must tc qdisc add dev ve1 root handle 1: bq_netem
	must bqdisc change ve1 delay 1s
	printf '1\n%.0s' {1..100} >/tmp/trace
	must bqdisc change ve0 trace /tmp/trace limit 100000
	packets send ve0 20000 >/dev/null
	is "$(stat ve0 drops)" 0 "packets that the trace lost"
	packets send ve1 5 >/dev/null
	is "$(stat ve1 backlog_packets) $(stat ve1 delayed)" "5 5" "packets that wait in the other qdisc"
	must tc qdisc del dev ve0 root
	must tc qdisc del dev ve1 root
	must bqdisc unload netem
}

test_queue_in_packets_and_bytes() {
	plain_pair 0
	echo 1000000 >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace queue 100
	packets send ve0 150 1514 >/dev/null
	is "$(stat ve0 drops_queue)" 50 "lost to a queue of 100 packets"
	must bqdisc detach ve0
	must bqdisc attach ve0 netem trace /tmp/trace queue_bytes 15000
	packets send ve0 15 1514 >/dev/null
	is "$(stat ve0 drops_queue)" 5 "lost to a queue of ten packets' bytes"
	must bqdisc detach ve0
}

# A change of other options of a traced qdisc continues the replay.
test_change_does_not_begin_again() {
	plain_pair 0
	awk 'BEGIN { for (ms = 700; ms < 1700; ms += 10) print ms }' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace
	awk '{ printf "%d000000\n", $1 }' /tmp/trace | head -80 >/tmp/expected
	(sleep 1 && bqdisc change ve0 limit 5000 >/dev/null) &
	replay 80
	compare 1000000
}

# The trace starts with the first packet, not with the attach.
test_clock_starts_with_the_first_packet() {
	plain_pair 0
	for ((i = 1; i <= 20; i++)); do echo $((500 + 10 * i)); done >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace once
	sleep 1
	for ((i = 1; i <= 20; i++)); do echo $((500 + 10 * i))000000; done >/tmp/expected
	replay 20
	compare 1000000
	is "$(stat ve0 drops_trace)" 0 "lost to the end of the trace"
}

test_once_says_that_it_is_over() {
	plain_pair 0
	printf '400\n700\n1200\n' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace once
	grep -q 'trace /tmp/trace: once: 1.2s after the first packet .* all packets are dropped' /tmp/out ||
		fail "attach said: $(cat /tmp/out)"
	packets send ve0 3 1514 >/dev/null
	is "$(stat ve0 trace_over)" 0 "over at the first packets"
	wait_for 10 all_left
	sleep 0.2
	packets send ve0 5 1514 >/dev/null
	is "$(stat ve0 trace_over)" 1 "over behind the last line"
	is "$(stat ve0 drops_trace)" 5 "lost to the end of the trace"
	bqdisc stats ve0 >/tmp/out 2>&1
	grep -q 'the trace is over' /tmp/out || fail "stats does not say so: $(cat /tmp/out)"
	# Another trace starts from its beginning.
	printf '400\n1700\n' >/tmp/trace
	must bqdisc change ve0 trace /tmp/trace
	packets send ve0 1 1514 >/dev/null
	is "$(stat ve0 trace_over)" 0 "over with a trace that repeats"
	is "$(stat ve0 drops_trace)" 5 "lost to the end of the trace, after a change"
}

all_left() {
	[ "$(stat ve0 backlog_packets)" = 0 ]
}

test_last_rate_stays_of_rows_that_play_once() {
	plain_pair 0
	printf '0s 120mbit 0s 0%%\n0.1s 12mbit 0s 0%%\n' >/tmp/trace
	refuses 1 'add a last line with a TIME only' bqdisc attach ve0 netem trace /tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace once
	grep -q 'once: 100ms after the first packet the last line stays' /tmp/out ||
		fail "attach said: $(cat /tmp/out)"
	packets send ve0 1 1514 >/dev/null
	sleep 0.3
	for ((i = 1; i <= 20; i++)); do echo ${i}000000; done >/tmp/expected
	replay 20
	compare 1000000
	is "$(stat ve0 trace_over)" 1 "behind the last line"
}

test_warning_of_a_short_trace() {
	plain_pair 0
	printf '1\n2\n12\n' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace
	grep -q 'trace /tmp/trace: 12ms long, less than a second; its lines are milliseconds' /tmp/out ||
		fail "attach said: $(cat /tmp/out)"
	printf '0s 10mbit 1ms 0%%\n999ms\n' >/tmp/trace
	must bqdisc change ve0 trace /tmp/trace
	grep -q 'trace /tmp/trace: 999ms long, less than a second$' /tmp/out || fail "change said: $(cat /tmp/out)"
	printf '0s 10mbit 1ms 0%%\n1s\n' >/tmp/trace
	must bqdisc change ve0 trace /tmp/trace
	! grep -q 'less than a second' /tmp/out || fail "a second is no less: $(cat /tmp/out)"
	# An option of older versions names the default behaviour.
	must bqdisc change ve0 trace /tmp/trace loop
}

kind_stays netem
run_tests "$@"
