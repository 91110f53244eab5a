# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The rates that fq keeps, with real TCP. With --icount, where a busy machine does not show.
set -u
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

# connected_pair N: with iperf3's server at the far end.
connected_pair() {
	veth_pair "$1"
	address_pair "$1"
	ip -n peer link set lo up
	ip netns exec peer iperf3 -s -D >/dev/null
	wait_for 10 listening || fail "no iperf3 server"
}

# Bits a second that arrived.
iperf_rate() { # ARGUMENT...
	iperf3 -J -c 10.9.0.2 "$@" | jq '.end.sum_received.bits_per_second | floor'
}

counter() { bqdisc -j stats "$1" | jq -c ".[0].stats.$2"; }

test_socket_rate() {
	connected_pair 0
	must bqdisc attach ve0 fq
	between "$(iperf_rate -t 3 --fq-rate 40M)" 39200000 40800000 "bits a second"
	[ "$(counter ve0 throttled)" -gt 100 ] || fail "nothing was throttled"
}

test_maxrate() {
	connected_pair 0
	must bqdisc attach ve0 fq maxrate 20mbit
	between "$(iperf_rate -t 3)" 18000000 20400000 "bits a second"
	must bqdisc change ve0 maxrate 10mbit
	between "$(iperf_rate -t 3)" 9000000 10200000 "bits a second after the change"
}

run_tests "$@"
