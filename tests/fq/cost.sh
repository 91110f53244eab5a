# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Count fq's instructions for a packet and compare with the in-tree fq: pktgen sends into a dummy
# device. Needs --icount, where one virtual nanosecond is one instruction. Each case runs twice and
# the second run counts. Each line is a test with its bound.
#
# CASES are some of these:
#   empty-N    N flows into an empty queue: bpf may add at most 0.9 times what the in-tree fq adds
#   backlog-N  packets of N flows wait: the cost of enqueueing and of sending them
#   paced-N    each packet has its own departure time; as many wait as there are flows
#   profile-N  like backlog-N, bpf only: the average cost of each of its programs; no test
#
# runs: fq
# needs: flows stamp.bpf.o bpftool
# icount
# append: nohz=off
# limit: 7200
# shellcheck source=tests/lib/pktgen.sh
. "${0%/*}/pktgen.sh"

prepare fq
settle
# The process of that name: the guest has no pgrep.
process() { grep -lx "$1" /proc/[0-9]*/comm | cut -d/ -f3; }
# pktgen waits for its last packet in a loop, which must take no time from those that leave.
renice -n 19 -p "$(process kpktgend_0)" >/dev/null || exit 1
renice -n -20 -p "$(process ksoftirqd/0)" >/dev/null || exit 1

# Print the nanoseconds that pktgen takes for PACKETS of FLOWS.
send() { # PACKETS FLOWS
	describe_flows "$1" "$2"
	start_pktgen
	# Exclude the time that pktgen waits for the last packet to leave.
	echo $(($(pktgen_us c) * 1000))
}

# in_tree OPTION...; bpf OPTION...: attach at the root of du0
in_tree() { tc qdisc replace dev du0 root handle 99: fq "$@" || fault "tc refused $*"; }
bpf() { bqdisc attach du0 fq "$@" --force >/dev/null || fault "bqdisc refused $*"; }
none() { no_qdisc du0; }

flows_of() {
	case $1 in
	in_tree) tc -s -j qdisc show dev du0 | jq '[.[] | select(.root)][0].flows' ;;
	bpf) bqdisc stats du0 flows ;;
	esac
}

uptime_ns() { awk '{ printf "%.0f", $1 * 1000000000 }' /proc/uptime; }

empty_once() { echo $(($(send 20000 "$1") / 20000)); }

empty() { # FLOWS
	local base a b words=(orphan_mask 1048575)

	none
	tc qdisc del dev du0 clsact 2>/dev/null
	empty_once "$1" >/dev/null
	base=$(empty_once "$1")
	in_tree "${words[@]}"
	empty_once "$1" >/dev/null
	a=$(($(empty_once "$1") - base))
	none
	bpf "${words[@]}"
	empty_once "$1" >/dev/null
	b=$(($(empty_once "$1") - base))
	none
	judge "cost/empty-$1" "$((b * 10))" "$((a * 9))" "in-tree adds $a, bpf $b"
}

# Print the instructions for a packet to enqueue and to send it.
backlog_once() { # FLOWS
	local n=10000 at sent span

	at=$(($(uptime_ns) + 1000000000))
	stamp until "$at"
	flows span du0 >/tmp/span &
	sent=$(send "$n" "$1")
	sleep 2
	kill $!
	wait $!
	span=$(jq .ns /tmp/span)
	[ "$(jq .packets /tmp/span)" = "$n" ] || fault "not all $n packets left: $(cat /tmp/span)"
	echo "$((sent / n)) $((span / n))"
}

backlog() { # FLOWS
	local a b words=(orphan_mask 1048575 limit 20000 flow_limit 20000)

	in_tree "${words[@]}"
	backlog_once "$1" >/dev/null
	read -ra a <<<"$(backlog_once "$1")"
	none
	bpf "${words[@]}"
	backlog_once "$1" >/dev/null
	read -ra b <<<"$(backlog_once "$1")"
	none
	judge "cost/backlog-$1" "$((b[0] + b[1]))" "$((a[0] + a[1]))" \
		"in-tree ${a[0]} to enqueue and ${a[1]} to send, bpf ${b[0]} and ${b[1]}"
}

# Print the instructions of each program as the kernel counts them, including the counting.
profile() { # FLOWS
	sysctl -q kernel.bpf_stats_enabled=1
	bpf orphan_mask 1048575 limit 20000 flow_limit 20000
	backlog_once "$1" >/dev/null
	none
	sysctl -q kernel.bpf_stats_enabled=0
	bpftool -j prog show | jq -r '.[] | select((.run_cnt // 0) > 1000) |
		"# profile: \(.name) \(.run_time_ns / .run_cnt | floor) instructions, \(.run_cnt) times"'
}

# Print the instructions for a packet, and the number of flows.
paced_once() { # QDISC FLOWS
	local n=$(($2 < 10000 ? 30000 : 3 * $2))

	# A packet takes some 4,000 instructions, so that one packet for each flow waits.
	stamp later "$(($2 * 4000))"
	echo "$(($(send "$n" "$2") / n)) $(flows_of "$1")"
	sleep 2
}

paced() { # FLOWS
	local a b words=(orphan_mask 1048575 limit 200000 flow_limit 1000)

	in_tree "${words[@]}" buckets 4096
	paced_once in_tree "$1" >/dev/null
	read -ra a <<<"$(paced_once in_tree "$1")"
	none
	bpf "${words[@]}" buckets 4096
	paced_once bpf "$1" >/dev/null
	read -ra b <<<"$(paced_once bpf "$1")"
	none
	# With a hash of 20 bits, a few flows share a number.
	if [ "${a[1]}" -lt $(($1 * 9 / 10)) ] || [ "${b[1]}" -lt $(($1 * 9 / 10)) ]; then
		fault "${a[1]} flows in-tree, ${b[1]} bpf"
	fi
	judge "cost/paced-$1" "${b[0]}" "${a[0]}" "in-tree ${a[0]}, bpf ${b[0]}"
}

cases=${ONLY:-${CASES:-empty-1 empty-1000 backlog-1000 paced-1000 paced-10000 paced-60000}}
for case in ${cases//,/ }; do
	case $case in
	empty-*) empty "${case#*-}" ;;
	backlog-*) backlog "${case#*-}" ;;
	paced-*) paced "${case#*-}" ;;
	profile-*) profile "${case#*-}" ;;
	*) verdict "not ok" "cost/$case:" "there is no such case" ;;
	esac
done
exit $failed
