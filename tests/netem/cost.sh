# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Count netem's instructions for a packet and compare with the in-tree netem, with more than 100,000
# packets in flight: of pktgen, and of local senders of UDP and TCP, which the egress program
# serves. Needs --icount, where one virtual nanosecond is one instruction.
#
# With no packet in flight, bpf costs more by the entry of BPF programs and by moving a packet into
# a slot and out of it. For local senders it also costs a clone, which no program on the hook can
# avoid (docs/design.md). The minimum of both is measured here, as bqdisc's pfifo with the smallest
# possible egress program, and is the bound for UDP.
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

bpf() { # DEV OPTIONS
	no_qdisc "$1"
	bqdisc attach "$1" netem limit 400000 "${@:2}" --force >/dev/null || fault "bqdisc refused ${*:2}"
}

# --- senders: each prints instructions a packet, with the qdisc OPTIONS of its device

# pktgen N WHICH OPTIONS: send N packets.
pktgen() {
	"$2" du0 "${@:3}"
	describe_packets "$1"
	start_pktgen
	echo $(($(pktgen_us d) * 1000 / $1))
}

# sample: set now, in us; sent, the packets that pktgen has sent; left, those that have left du0.
sample() {
	local word

	now=${EPOCHREALTIME/./}
	read -r left </sys/class/net/du0/statistics/tx_packets
	while read -r word sent _; do
		[ "$word" = pkts-sofar: ] && break
	done </proc/net/pktgen/du0
}

# in_flight N WHICH OPTIONS: print the cost of one packet that arrives and one that leaves. The
# first N arrive before any leaves, which gives the cost of an arrival. Afterwards both happen in a
# changing proportion, because departures keep the CPU from sending. So both are counted over
# several rounds of the delay.
in_flight() {
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
		fault "fewer than 100,000 packets are in flight"
	echo $((arrival + ((now - from_now) * 1000 - (sent - from_sent) * arrival) / (left - from_left)))
}

# udp N WHICH OPTIONS: send N packets with as many in flight, one in 12 us. This is more than a
# packet costs; otherwise ever more would be in flight.
udp() {
	"$2" du0 "${@:3}"
	decisions flood 10.9.0.2 $(($1 * 12 / 10)) "$1" 60 12000 || fault "decisions failed"
}

busy_ns() { # since boot, at a resolution of 10 ms: all time that the CPU was not idle
	awk '/^cpu0/ {print ($2 + $3 + $4 + $7 + $8) * 10000000}' /proc/stat
}

# Make a receiver in a namespace. One connection has its whole window in flight from the start, and
# waits for nothing else. SEGMENTS: the largest number of segments of a packet.
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

# Run a whole connection that transfers N segments.
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

tcp() { # N WHICH OPTIONS
	tcp_pair "${SEGMENTS:-1}"
	"$2" ve0 "${@:3}"
	tcp_run "$1"
}

tcp_segments() { SEGMENTS=65535 tcp "$@"; }

# --- comparing

# report NAME BPF IN-TREE MOST
report() {
	judge "netem_cost/$1" "$2" "$4" "bpf $2 ns, in-tree $3 ns, at most $4 ns"
}

# measure SENDER N OPTIONS: set in_tree and bpf. The first run is discarded: the kernel allocates
# memory in it.
measure() {
	"$1" "$2" in_tree "${@:3}" >/dev/null
	in_tree=$("$1" "$2" in_tree "${@:3}")
	bpf=$("$1" "$2" bpf "${@:3}")
}

# compare NAME SENDER N PERCENT OPTIONS: bpf may cost up to PERCENT of the in-tree netem.
compare() {
	local in_tree bpf

	wanted "$1" || return 0
	measure "$2" "$3" "${@:5}"
	report "$1" "$bpf" "$in_tree" $((in_tree * $4 / 100))
}

through() { # QDISC: what a packet of UDP costs that does not wait
	tc qdisc replace dev du0 root noqueue
	case $1 in
	bq_pfifo) bqdisc attach du0 pfifo --force >/dev/null ;;
	*) tc qdisc replace dev du0 root pfifo ;;
	esac
	decisions flood 10.9.0.2 10000 20000 60 12000 || fault "decisions failed"
}

# Measure the minimum that BPF and an egress program add, without any work on packets.
floor() {
	local pfifo

	pfifo=$(through pfifo)
	mkdir /sys/fs/bpf/smallest
	hook before du0 released /sys/fs/bpf/smallest || fault "no smallest egress program"
	echo $(($(through bq_pfifo) - pfifo))
	rm -r /sys/fs/bpf/smallest
}

compare_udp() { # MS
	local in_tree bpf

	wanted udp || return 0
	measure udp 100000 delay "$1ms"
	bqdisc detach du0 >/dev/null
	report udp "$bpf" "$in_tree" $((in_tree + $(floor)))
}

compare pass pktgen 20000 125 delay 0ms
compare delay in_flight 150000 100 delay 600ms
compare jitter in_flight 150000 100 delay 700ms 50ms
compare_udp 1300
compare tcp tcp 300000 125 delay 2s
compare tcp_segments tcp_segments 300000 103 delay 2s
exit $failed
