#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Measures throughput and latency on this machine, whose kernel must have BPF qdiscs. Needs root,
# bqdisc, iperf3, ping, jq and pktgen.
#
#   host.sh [SECONDS [ROUNDS [QDISC...]]]
#
# A round measures each qdisc and the in-tree one, one after the other, so that both see the same
# state of the machine. The path is a veth pair between two namespaces. Output, a line of JSON for
# each value, with the median and the range of all rounds:
#
#   tcp         Gbit/s of one TCP connection
#   latency     p50 and p99 of ping's round trips during that connection, microseconds
#   packets     packets a second that pktgen sends
set -euo pipefail
here=$(cd "${0%/*}" && pwd)
PATH=$here:$PATH
lib=$here
[ -e "$lib/pktgen.sh" ] || lib=$here/../lib

seconds=${1:-5} rounds=${2:-5}
qdiscs=("${@:3}")
[ ${#qdiscs[@]} -gt 0 ] || qdiscs=(pfifo bfifo fq netem)
near=bqbench-near far=bqbench-far
work=$(mktemp -d)
server=''

# shellcheck disable=SC2317 # called by trap
clean_up() {
	[ -z "$server" ] || kill "$server"
	bqdisc -n $near detach du0 >/dev/null 2>&1 || true
	ip netns del $near 2>/dev/null || true
	ip netns del $far 2>/dev/null || true
	rm -rf "$work"
}

make_pair() {
	ip netns add $near
	ip netns add $far
	ip link add du0 netns $near type veth peer name du1 netns $far
	ip -n $near addr add 10.99.0.1/24 dev du0
	ip -n $far addr add 10.99.0.2/24 dev du1
	ip -n $near link set du0 up
	ip -n $far link set du1 up
	ip netns exec $far iperf3 -s >/dev/null 2>&1 &
	server=$!
	until ip netns exec $far ss -Hltn 'sport = 5201' | grep -q .; do
		kill -0 $server
		sleep 0.1
	done
}

attach() { # SIDE QDISC
	if [ "$1" = bqdisc ]; then
		bqdisc -n $near attach du0 "$2" --force >/dev/null
	else
		bqdisc -n $near detach du0 >/dev/null 2>&1 || true
		tc -n $near qdisc replace dev du0 root "$2"
	fi
}

# percentile P: of the sorted numbers on stdin.
percentile() {
	awk -v p="$1" '{ v[NR] = $1 } END { i = int((NR - 1) * p / 100 + 0.5) + 1; print NR ? v[i] : "null" }'
}

measure_tcp() { # FILE
	ip netns exec $near iperf3 -J -c 10.99.0.2 -t "$seconds" >"$work/iperf" &
	ip netns exec $near ping -i 0.01 -w "$seconds" 10.99.0.2 >"$work/ping" || true
	wait $!
	jq '.end.sum_received.bits_per_second / 1e9' "$work/iperf" >>"$1-tcp"
	sed -n 's/.*time=\([0-9.]*\) ms/\1/p' "$work/ping" | awk '{ print $1 * 1000 }' | sort -n \
		>"$work/times"
	percentile 50 <"$work/times" >>"$1-latency-p50"
	percentile 99 <"$work/times" >>"$1-latency-p99"
}

measure_packets() { # FILE
	# shellcheck disable=SC2016 # for the shell in the namespace
	ip netns exec $near bash -c '. "${0%/*}/pktgen.sh"; describe_packets "$1"; start_pktgen
		echo $(("$1" * 1000000 / $(pktgen_us d)))' "$lib/host" $((seconds * 50000)) >>"$1-packets"
}

report() { # QDISC SIDE NAME UNIT
	sort -n "$work/$1-$2-$3" | jq -sc --arg qdisc "$1" --arg side "$2" --arg name "$3" \
		--arg unit "$4" --arg kernel "$(uname -r)" '{name: $name, unit: $unit,
		value: .[length / 2 | floor], least: .[0], most: .[-1], kernel: $kernel,
		parameters: {qdisc: $qdisc, side: $side, rounds: length}}'
}

bqdisc doctor >"$work/doctor" || {
	cat "$work/doctor" >&2
	exit 1
}
modprobe pktgen
trap clean_up EXIT
make_pair
for ((round = 0; round < rounds; round++)); do
	for qdisc in "${qdiscs[@]}"; do
		for side in in-tree bqdisc; do
			attach $side "$qdisc"
			measure_tcp "$work/$qdisc-$side"
			measure_packets "$work/$qdisc-$side"
		done
	done
done
for qdisc in "${qdiscs[@]}"; do
	for side in in-tree bqdisc; do
		report "$qdisc" $side tcp Gbit/s
		report "$qdisc" $side latency-p50 us
		report "$qdisc" $side latency-p99 us
		report "$qdisc" $side packets packets/s
	done
done
