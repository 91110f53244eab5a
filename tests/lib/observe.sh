# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Write a line of JSON on the qdiscs that a client of tc has left on ve0, and on how packets fare;
# and compare such lines of in-tree qdiscs with those of bqdisc. Sourced after lib.sh.
#
# needs: frames clients.jq

PACKETS=150 # of each of two kinds

# observed_pair: the pair 0 with addresses. Neighbours are permanent, so no ARP packet is lost.
observed_pair() {
	plain_pair 0
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr "$(ip -n peer -j link show vf0 | jq -r '.[0].address')" dev ve0
	ip -n peer neigh replace 10.9.0.1 lladdr "$(cat /sys/class/net/ve0/address)" dev vf0
	peer_sysfs /run/netns/peer
}

# peer_sysfs NETNS: show counters of that namespace in files, without a program for each look.
peer_sysfs() {
	mkdir -p /tmp/peer
	nsenter --net="$1" mount -t sysfs peer /tmp/peer
}

rx_packets=/tmp/peer/class/net/vf0/statistics/rx_packets

# The qdiscs of ve0 hold no packet.
is_drained() {
	local shown

	shown=$(tc -s qdisc show dev ve0)
	shown=${shown// backlog 0b 0p/}
	[[ $shown != *" backlog "* ]]
}

# Print how many packets to each DST arrive.
arriving() { # DST...
	local before after dst n=''

	for dst; do
		read -r before <$rx_packets
		frames ve0 "$PACKETS" dst "$dst" dport 2000
		wait_for 10 is_drained || fail "packets stay: $(tc -s qdisc show dev ve0)"
		read -r after <$rx_packets
		n+=,$((after - before))
	done
	echo "${n#,}"
}

# Print the least round-trip time in ms, or null if no packet comes back. With a loss of 40 % both
# ways, none of the second lot comes back once in a million times.
round_trip() {
	local ms n

	for n in 4 30; do
		ms=$(ping -q -c $n -i 0.03 -W 1 10.9.0.2 | sed -n 's/^rtt.* = \([0-9.]*\).*/\1/p')
		[ -z "$ms" ] || break
	done
	echo "${ms:-null}"
}

# observed CASE ROUTE STATUSES PROGRAM...: PROGRAM shows qdiscs as tc does. Packets to others than
# the peer are sent too if the route is for trees, in which filters select packets.
observed() {
	local ms arrived case=$1 route=$2 statuses=$3 others=(192.0.2.2)

	shift 3
	[ "$route" = from-tc ] || others=()
	ms=$(round_trip)
	arrived=$(arriving 10.9.0.2 "${others[@]}")
	printf '{"case":"%s","route":"%s","statuses":"%s","rtt":%s,"arrived":[%s],"qdiscs":%s}\n' \
		"$case" "$route" "$statuses" "$ms" "$arrived" "$("$@" -j qdisc show dev ve0 2>/dev/null)"
}

# compare IN_TREE OURS: fail for the differences of these files.
compare() {
	jq -rn --slurpfile in_tree "$1" --slurpfile ours "$2" --argjson packets "$PACKETS" \
		-f /test/clients.jq >/tmp/differences || fail "no comparison"
	[ ! -s /tmp/differences ] || fail "$(cat /tmp/differences)"
}
