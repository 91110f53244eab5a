# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# TCP with ECN through the in-tree fq_codel and bqdisc's, which marks another packet (see
# bpf/fq_codel_egress.bpf.c): 1, 8 and 64 connections over a device that takes some 6400 packets a
# second. Delay, as TCP measures it, and goodput must be within 15 % of those in-tree.
#
# FLOWS: numbers of connections. SECONDS_EACH: length of a transfer (12).
#
# runs: fq long
# icount
# limit: 3600
# time: 400
# shellcheck source=tests/lib/cases.sh
. "${0%/*}/cases.sh"
PATH=/test:$PATH
seconds=${SECONDS_EACH:-12}

prepare_guest() {
	ip netns add peer
	ip link add ve0 type veth peer name vf0 netns peer
	ethtool -K ve0 tso off gso off >/dev/null 2>&1
	ip netns exec peer ethtool -K vf0 gro on >/dev/null 2>&1
	ip netns exec peer sh -c "echo 40000000 >/sys/class/net/vf0/gro_flush_timeout
		echo 1000 >/sys/class/net/vf0/napi_defer_hard_irqs"
	# See tests/fq_codel/same.sh.
	echo 8 >/proc/sys/net/core/dev_weight
	echo 1 >/proc/sys/net/ipv4/tcp_ecn
	ip addr add 10.9.0.1/24 dev ve0
	ip -n peer addr add 10.9.0.2/24 dev vf0
	ip link set ve0 up
	ip -n peer link set vf0 up
	ip -n peer link set lo up
	ip netns exec peer iperf3 -s -D --logfile /dev/null
	sleep 4
}

# Print the smoothed round trip times of all connections in us, several times.
round_trips() {
	local i

	for ((i = 0; i < 30; i++)); do
		ss -tinH dst 10.9.0.2 | grep -oE ' rtt:[0-9.]+' | cut -d: -f2
		sleep 0.2
	done | awk '{ print int($1 * 1000) }' | sort -n
}

# measure in-tree|bqdisc FLOWS: print {"p50_us","p99_us","bits_per_second","marks"}.
measure() {
	tc qdisc replace dev ve0 root noqueue
	if [ "$1" = in-tree ]; then
		tc qdisc replace dev ve0 root fq_codel
	else
		bqdisc attach ve0 fq_codel --force >/dev/null
	fi
	iperf3 -J -c 10.9.0.2 -P "$2" -t "$seconds" >/tmp/iperf &
	sleep 4
	round_trips >/tmp/rtt
	wait $!
	jq -c --argjson p50 "$(awk '{ v[NR] = $1 } END { print v[int(NR * 0.5) + 1] + 0 }' /tmp/rtt)" \
		--argjson p99 "$(awk '{ v[NR] = $1 } END { print v[int(NR * 0.99) + 1] + 0 }' /tmp/rtt)" \
		--argjson marks "$(bqdisc tc -s -j qdisc show dev ve0 | jq '.[] | select(.root).ecn_mark')" \
		'{p50_us: $p50, p99_us: $p99, bits_per_second: (.end.sum_received.bits_per_second | floor),
			marks: $marks}' /tmp/iperf
	bqdisc detach ve0 >/dev/null 2>&1
}

# Both must not differ by more than 15 %.
compare() { # FLOWS
	local in_tree ours

	wanted "flows-$1" || return 0
	in_tree=$(measure in-tree "$1")
	ours=$(measure bqdisc "$1")
	if jq -en --argjson a "$in_tree" --argjson b "$ours" '$a.marks > 0 and $b.marks > 0 and
		([$a.p50_us / $b.p50_us, $a.p99_us / $b.p99_us, $a.bits_per_second / $b.bits_per_second] |
			all(. > 0.85 and . < 1.176))' >/dev/null; then
		verdict ok "fq_codel_ecn/flows-$1" "in-tree $in_tree bqdisc $ours"
	else
		verdict "not ok" "fq_codel_ecn/flows-$1:" "in-tree $in_tree bqdisc $ours"
	fi
}

prepare_guest
for n in ${FLOWS:-1 8 64}; do compare "$n"; done
exit $failed
