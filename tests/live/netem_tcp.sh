#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# TCP throughput of a local sender through a delay, compared with the in-tree netem. Both free
# waiting packets of their socket. The runs alternate, so that other load of the machine affects
# both.
#
# runs: netem
. "${0%/*}/lib.sh"

pairs=${PAIRS:-5} seconds=${SECONDS_EACH:-4}

# Repeat until the server accepts: it refuses while the previous connection ends, whose packets were
# lost with their qdisc.
measured() {
	iperf3 -J -c 10.9.0.2 -O 2 -t "$seconds" >/tmp/iperf
	jq -e .end.sum_received.bits_per_second /tmp/iperf >/dev/null
}

# Print the Mbit/s through ve0 after the start of the connection.
throughput() {
	wait_for 20 measured || fail "no connection: $(jq -r .error /tmp/iperf)"
	jq '.end.sum_received.bits_per_second / 1e6 | floor' /tmp/iperf
}

in_tree() {
	bqdisc detach ve0 >/dev/null
	must tc qdisc replace dev ve0 root netem limit 100000 delay "$1"
	throughput
}

by_bqdisc() {
	tc qdisc del dev ve0 root
	must bqdisc attach ve0 netem limit 100000 delay "$1"
	throughput
}

# The median of the pairs must reach 90 % of the in-tree netem.
compare() { # TIME
	local i a b all=()

	plain_pair 0
	address_pair 0
	ip -n peer link set lo up
	sysctl -qw net.ipv4.tcp_wmem="4096 1048576 67108864"
	ip netns exec peer sysctl -qw net.ipv4.tcp_rmem="4096 1048576 67108864"
	serve
	for ((i = 0; i < pairs; i++)); do
		a=$(in_tree "$1")
		b=$(by_bqdisc "$1")
		all+=($((b * 100 / a)))
		echo "# $1: in-tree $a Mbit/s, bqdisc $b" >&2
	done
	i=$(printf '%s\n' "${all[@]}" | sort -n | sed -n "$((pairs / 2 + 1))p")
	between "$i" 90 100000 "percent of the in-tree netem's (${all[*]})"
}

test_delay_20ms() { compare 20ms; }
test_delay_100ms() { compare 100ms; }

run_tests "$@"
