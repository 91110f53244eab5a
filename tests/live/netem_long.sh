# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Delays of more than 73 minutes, which 32 bits in units of 2^10 ns cannot hold, in virtual time.
#
# runs: check kernels@6.18
# suite: netem_time
# icount
# time: 60
. "${0%/*}/lib.sh"

held() {
	tc -s -j qdisc show dev ve0 | jq '.[0].qlen'
}

# A change of the rate computes the times of held packets anew, from their arrival.
test_90_minutes() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 5400s
	packets send ve0 3 1000 >/dev/null
	sleep 4500
	is "$(held)" 3 "packets held after 75 minutes"
	must bqdisc change ve0 rate 1gbit
	sleep 840
	is "$(held)" 3 "packets held after 89 minutes"
	sleep 90
	is "$(held)" 0 "packets held after 90.5 minutes"
	is "$(bqdisc -j stats ve0 | jq -c '.[0].stats.delay_given_ns | [.buckets, .max]')" \
		'[[{"from":120259084288,"below":null,"count":3}],null]' "the last bucket, and the maximum"
}

run_tests "$@"
