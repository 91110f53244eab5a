# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What a packet costs in netem, in instructions, beside the in-tree netem, with more than 100,000
# packets under way: of pktgen, and of local senders of UDP and TCP, whom the egress program serves. Only
# with --icount, where one virtual nanosecond is one instruction.
#
# With nothing under way, ours is dearer by what it takes to call BPF programs and to move a packet
# into a slot and out of it. For local senders it is dearer by a clone, too, which no program on the
# hook can do without: docs/design.md has the reason. What both cost at the least is measured here, as
# our pfifo beside the smallest egress program that there can be, and is the bound for UDP.
#
# runs: netem
# needs: decisions hook counted.bpf.o
# memory: 4096
# icount
# shellcheck disable=SC2317 # functions that are called by a name in a variable
# shellcheck source=tests/lib/pktgen.sh
. "${0%/*}/pktgen.sh"

prepare netem
ip addr add 10.9.0.1/24 dev du0
ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev du0
settle

in_tree() { # DEV OPTIONS
	no_qdisc "$1"
	tc qdisc replace dev "$1" root netem limit 400000 "${@:2}" || fault "tc refused ${*:2}"
}

ours() { # DEV OPTIONS
	no_qdisc "$1"
	bqdisc attach "$1" netem limit 400000 "${@:2}" --force >/dev/null || fault "bqdisc refused ${*:2}"
}

# --- senders: each prints instructions a packet, with the qdisc OPTIONS of its device

# pktgen N WHOSE OPTIONS: of N packets.
pktgen() {
	"$2" du0 "${@:3}"
	describe_packets "$1"
	start_pktgen
	echo $(($(pktgen_us d) * 1000 / $1))
}

# sample: sets now, in us; sent, the packets that pktgen has sent; left, those that have left du0.
sample() {
	local word

	now=${EPOCHREALTIME/./}
	read -r left </sys/class/net/du0/statistics/tx_packets
	while read -r word sent _; do
		[ "$word" = pkts-sofar: ] && break
	done </proc/net/pktgen/du0
}

# under_way N WHOSE OPTIONS: of a packet that comes and one that leaves. The first N come before any
# leaves: so is known what one costs that comes. Later both do, and in what proportion changes from
# turn to turn, as what was sent a delay ago keeps the CPU from sending. So both are counted, over
# several turns.
under_way() {
	local arrival now sent left from_now from_sent from_left at_first

	arrival=$(pktgen "$@")
	"$2" du0 "${@:3}"
	describe_packets 0 # without end
	at_first=$(cat /sys/class/net/du0/statistics/tx_packets)
	start_pktgen &
	sleep 1.5
	sample
	from_now=$now from_sent=$sent from_left=$left
	sleep 7
	sample
	pg stop pgctrl
	wait $!
	[ $((from_sent - from_left + at_first)) -ge 100000 ] &&
		[ $((sent - left + at_first)) -ge 100000 ] ||
		fault "fewer than 100,000 are under way"
	echo $((arrival + ((now - from_now) * 1000 - (sent - from_sent) * arrival) / (left - from_left)))
}

# udp N WHOSE OPTIONS: when as many are under way already. Less often than one in 12 us, which is
# more than one costs, or they would be more and more.
udp() {
	"$2" du0 "${@:3}"
	decisions flood 10.9.0.2 $(($1 * 12 / 10)) "$1" 60 12000 || fault "decisions failed"
}

busy_ns() { # since boot, at a resolution of 10 ms: all time that the CPU was not idle
	awk '/^cpu0/ {print ($2 + $3 + $4 + $7 + $8) * 10000000}' /proc/stat
}

# A receiver in a namespace of its own. One connection has its whole window under way, from the
# beginning, and waits for nothing else. SEGMENTS: of how many a packet on its way may consist.
tcp_pair() { # SEGMENTS
	local ns
	ip link del ve0 2>/dev/null
	ip netns del peer 2>/dev/null
	ip netns add peer
	ip link add ve0 type veth peer name ve1 netns peer
	ip addr add 10.8.0.1/24 dev ve0
	ip -n peer addr add 10.8.0.2/24 dev ve1
	ip link set ve0 up gso_max_segs "$1"
	ip -n peer link set ve1 up
	sysctl -qw net.core.netdev_max_backlog=1000000 net.ipv4.tcp_mem="1000000 1000000 1000000"
	for ns in "" "ip netns exec peer"; do
		$ns sysctl -qw net.ipv4.tcp_rmem="4096 536870912 1073741824" \
			net.ipv4.tcp_wmem="4096 536870912 1073741824" \
			net.ipv4.tcp_congestion_control=reno net.ipv4.tcp_no_metrics_save=1
	done
	ip route change 10.8.0.0/24 dev ve0 src 10.8.0.1 initcwnd 120000 cwnd lock 120000 rto_min 20s
	ip -n peer route change 10.8.0.0/24 dev ve1 src 10.8.0.2 initrwnd 400000
	ping -c 1 -W 1 10.8.0.2 >/dev/null
}

# The whole of a connection that carries N times what fits a packet on the wire.
tcp_run() { # N
	local before

	ip netns exec peer iperf3 -s -1 >/tmp/server &
	until ip netns exec peer ss -Hltn sport = 5201 | grep -q .; do :; done
	before=$(busy_ns)
	iperf3 -J -c 10.8.0.2 -n $(($1 * 1448)) -l 64K >/tmp/client || {
		fault "the transfer failed: $(jq -r .error /tmp/client)"
		kill $!
	}
	wait $! || fault "the server failed: $(tail -n 1 /tmp/server)"
	[ "$(jq .end.sum_sent.bytes /tmp/client)" -ge $(($1 * 1448)) ] || fault "not all was sent"
	echo $((($(busy_ns) - before) / $1))
}

tcp() { # N WHOSE OPTIONS
	tcp_pair "${SEGMENTS:-1}"
	"$2" ve0 "${@:3}"
	tcp_run "$1"
}

tcp_segments() { SEGMENTS=65535 tcp "$@"; }

# --- comparing

# report NAME OURS IN-TREE MOST
report() {
	judge "netem_cost/$1" "$2" "$4" "ours $2 ns, in-tree $3 ns, at most $4 ns"
}

# measure SENDER N OPTIONS: sets in_tree and ours. The first run makes the kernel find memory: it is
# in no comparison.
measure() {
	"$1" "$2" in_tree "${@:3}" >/dev/null
	in_tree=$("$1" "$2" in_tree "${@:3}")
	ours=$("$1" "$2" ours "${@:3}")
}

# compare NAME SENDER N PERCENT OPTIONS: ours may cost so many percent of what the in-tree one does.
compare() {
	local in_tree ours

	wanted "$1" || return 0
	measure "$2" "$3" "${@:5}"
	report "$1" "$ours" "$in_tree" $((in_tree * $4 / 100))
}

through() { # QDISC: what a packet of UDP costs that does not wait
	tc qdisc replace dev du0 root noqueue
	case $1 in
	bq_pfifo) bqdisc attach du0 pfifo --force >/dev/null ;;
	*) tc qdisc replace dev du0 root pfifo ;;
	esac
	decisions flood 10.9.0.2 10000 20000 60 12000 || fault "decisions failed"
}

# What BPF and an egress program cost more at the least, with nothing to be done to packets.
floor() {
	local pfifo

	pfifo=$(through pfifo)
	mkdir /sys/fs/bpf/smallest
	hook before du0 released /sys/fs/bpf/smallest || fault "no smallest egress program"
	echo $(($(through bq_pfifo) - pfifo))
	rm -r /sys/fs/bpf/smallest
}

compare_udp() { # MS
	local in_tree ours

	wanted udp || return 0
	measure udp 100000 delay "$1ms"
	bqdisc detach du0 >/dev/null
	report udp "$ours" "$in_tree" $((in_tree + $(floor)))
}

compare pass pktgen 20000 125 delay 0ms
compare delay under_way 150000 100 delay 600ms
compare jitter under_way 150000 100 delay 700ms 50ms
compare_udp 1300
compare tcp tcp 300000 125 delay 2s
compare tcp_segments tcp_segments 300000 103 delay 2s
exit $failed
