# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Histograms of packets whose waiting times and queue lengths are known, in virtual time.
#
# runs: check kernels@6.17,6.18,7.2
# icount
# time: 60
. "${0%/*}/lib.sh"

# histogram KEY FILTER: apply the filter to a histogram of ve0.
histogram() { bqdisc -j stats ve0 | jq -c ".[0].stats.$1 | $2"; }

# near KEY PERCENTILE NS: a bucket's middle differs from its values by at most 12.5 %, and the truth
# of a random draw from what was drawn by 5 %.
near() {
	between "$(histogram "$1" ".$2")" $(($3 * 83 / 100)) $(($3 * 118 / 100)) "$2 of $1"
}

counts() { [ "$(histogram "$1" .count)" = "$2" ]; }

# drawn OPTIONS P50 P90 P99: what 1,000 packets of netem are delayed by, in us.
drawn() {
	plain_pair 0
	# shellcheck disable=SC2086 # words
	must bqdisc attach ve0 netem limit 2000 $1
	packets send ve0 1000 >/dev/null
	wait_for 10 counts delay_given_ns 1000 || fail "count: $(histogram delay_given_ns .count)"
	near delay_given_ns p50 $(($2 * 1000))
	near delay_given_ns p90 $(($3 * 1000))
	near delay_given_ns p99 $(($4 * 1000))
}

test_netem_constant() { drawn "delay 10ms" 10000 10000 10000; }
test_netem_uniform() { drawn "delay 20ms 10ms" 20000 28000 29800; }
test_netem_normal() { drawn "delay 50ms 10ms distribution normal" 50000 62816 73263; }

# Each packet arrives after the previous one, and finds as many in the queue as there are.
test_netem_queue_length() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 1s
	packets send ve0 100 >/dev/null
	is "$(histogram queue_length_packets .count)" 100 "packets that arrived"
	is "$(histogram queue_length_packets '[.p50, .p90, .p99, .max]')" "[51,87,103,103]" percentiles
	is "$(histogram queue_length_packets '[.buckets[] | .below - .from - .count] | add')" 12 \
		"packets from 100 to 111"
}

# A packet of 1,000 bytes takes 16 ms, so packet n waits for n * 16 ms.
test_fq_at_a_rate() {
	plain_pair 0
	must bqdisc attach ve0 fq maxrate 500kbit
	packets send ve0 100 1000 >/dev/null
	wait_for 10 counts sojourn_ns 100 || fail "count: $(histogram sojourn_ns .count)"
	near sojourn_ns p50 784000000
	near sojourn_ns p90 1424000000
	near sojourn_ns p99 1568000000
	is "$(histogram unthrottle_ns .count)" "$(stat ve0 throttled)" "flows that were woken"
	between "$(histogram unthrottle_ns .p99)" 0 1000000 "how late they were"
}

# The device takes some packets at once, and 49 wait until the far end polls after 3 s. The one
# before them was refused by the device, so the core holds it.
test_pfifo_behind_a_stopped_device() {
	local HOLD=3 refused

	holding_pair 0
	must bqdisc attach ve0 pfifo limit 50
	hold 0
	packets send ve0 400 >/tmp/sent
	refused=$(jq .refused /tmp/sent)
	between "$refused" 1 150 "packets refused"
	is "$(histogram queue_length_packets .count)" 401 "packets that arrived"
	is "$(histogram queue_length_packets '.buckets[-1] | [.from, .count]')" "[48,$((refused + 2))]" \
		"packets that found 48 to 50"
	is "$(histogram queue_length_packets '.buckets[0].count')" $((401 - 49 - refused)) \
		"packets that found none"
	wait_for 5 drained || fail "packets still wait"
	is "$(histogram sojourn_ns '[.buckets[] | select(.from > 1e9).count] | add')" 49 "packets held"
	near sojourn_ns max 2800000000
}

# The device stops between two packets of a jiffy. The second one, which the first would stand for,
# waits alone for 3 s.
waits_in_the_jiffy_of_another() {
	local HOLD=3

	holding_pair 0
	must bqdisc attach ve0 "$1"
	hold 0
	must packets stop ve0 250 # of the 256 places of the ring
	is "$(stat ve0 backlog_packets)" 1 "packets that wait"
	wait_for 5 drained || fail "the packet still waits"
	is "$(histogram sojourn_ns '[.buckets[] | select(.from > 1e9).count] | add')" 1 "packets held"
	near sojourn_ns max 2900000000
}

test_pfifo_waits_alone() { waits_in_the_jiffy_of_another pfifo; }
test_fq_waits_alone() { waits_in_the_jiffy_of_another fq; }

# Packets further apart than a jiffy are all measured. In a burst some stand for the others, which
# are counted with the next one.
lone_packets() {
	plain_pair 0
	must bqdisc attach ve0 "$1"
	for _ in {1..10}; do
		packets send ve0 1 >/dev/null
		sleep 0.02
	done
	is "$(histogram sojourn_ns .count)" 10 "packets that came alone"
	packets send ve0 100 >/dev/null
	sleep 0.02
	packets send ve0 1 >/dev/null
	is "$(histogram sojourn_ns .count)" 111 "packets of a burst"
	between "$(histogram sojourn_ns .max)" 1 100000 "the longest time"
	is "$(histogram queue_length_packets '[.count, .max]')" "[111,0]" "queue lengths"
}

test_pfifo_lone_packets() { lone_packets pfifo; }
test_fq_lone_packets() { lone_packets fq; }

kind_stays pfifo fq netem
run_tests "$@"
