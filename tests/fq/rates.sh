# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Rates, fairness and latency of fq compared with the in-tree fq, with real TCP. Uses --icount, so
# that a busy machine does not affect the result.
#
# runs: check ROUNDS=1
# runs: kernels@6.18 fq@7.3
# long: ce_marks edt fair_8 sparse
# needs: flows scripts stamp.bpf.o
# icount
# append: nohz=off
# limit: 7200
# time: 200
set -u
PATH=/test:$PATH
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

# connected_pair N: with iperf3's server at the far end.
connected_pair() {
	veth_pair "$1"
	address_pair "$1"
	ip -n peer link set lo up
	serve
	ping -c 1 -W 5 10.9.0.2 >/dev/null || fail "no answer from the peer"
}

# slow_pair: no segmentation offload, and a far end that polls its ring of 256 every 4 ms. This is
# half of the virtual CPU's rate, so that the device is the bottleneck: its queue stops, and the
# qdisc schedules.
slow_pair() {
	connected_pair 0
	ethtool -K ve0 tso off gso off >/dev/null 2>&1
	ip netns exec peer ethtool -K vf0 gro on >/dev/null 2>&1
	ip netns exec peer sh -c "echo 4000000 >/sys/class/net/vf0/gro_flush_timeout"
	ip netns exec peer sh -c "echo 1000 >/sys/class/net/vf0/napi_defer_hard_irqs"
}

# put in_tree|bpf OPTION...: attach at the root of ve0
put() {
	local which=$1

	shift
	bqdisc detach ve0 >/dev/null 2>&1
	tc qdisc replace dev ve0 root noqueue
	case $which in
	in_tree) tc qdisc replace dev ve0 root fq "$@" || fail "tc refused $*" ;;
	bpf) must bqdisc attach ve0 fq "$@" --force ;;
	esac
}

# Bits a second that arrived.
iperf_rate() { # ARGUMENT...
	iperf3 -J -c 10.9.0.2 "$@" | jq '.end.sum_received.bits_per_second | floor'
}

# Jain's index of the flows' rates, in thousandths.
jain() { # FLOWS
	iperf3 -J -c 10.9.0.2 -P "$1" -t 2 | jq '[.end.streams[].receiver.bits_per_second] |
		if length == 0 then 0 else (add * add) / (length * (map(. * .) | add)) * 1000 | floor end'
}

is_fair() { # FLOWS
	local in_tree bpf

	slow_pair
	put in_tree
	in_tree=$(jain "$1")
	put bpf
	bpf=$(jain "$1")
	[ "$in_tree" -gt 0 ] || fail "no flows"
	echo "# Jain's index of $1 flows, thousandths: in-tree $in_tree, bpf $bpf"
	[ "$bpf" -ge $((in_tree - 10)) ] || fail "Jain's index is $bpf, in-tree $in_tree thousandths"
}

test_fair_8() { is_fair 8; }
test_fair_100() { is_fair 100; }

# Run COMMAND while `flows span` measures the packets of 1000 bytes and more that leave ve0.
span_of() { # COMMAND...
	local watcher

	flows span ve0 1000 >/tmp/span &
	watcher=$!
	sleep 0.3
	"$@" >/tmp/sender 2>&1
	sleep 0.5
	kill "$watcher"
	wait "$watcher"
	[ "$(jq .packets /tmp/span)" -gt 100 ] || fail "few packets left: $(cat /tmp/span /tmp/sender)"
}

# Print bytes a second, less BYTES for each packet, and the standard deviation of the gaps in ns.
rate_and_spread() { # BYTES
	jq -r --argjson less "$1" \
		'"\((.bytes - (.packets - 1) * $less) * 1000000000 / .ns | floor) \(.gap_sd_ns)"' /tmp/span
}

# TCP paces what it sends without headers, which are 66 bytes of Ethernet, IPv4 and TCP.
socket_rate_of() { # WHICH
	put "$1"
	span_of iperf3 -c 10.9.0.2 -t 2 --fq-rate 40M
	rate_and_spread 66
}

test_socket_rate() {
	local in_tree bpf

	connected_pair 0
	ethtool -K ve0 tso off gso off >/dev/null 2>&1
	read -ra in_tree <<<"$(socket_rate_of in_tree)"
	read -ra bpf <<<"$(socket_rate_of bpf)"
	echo "# 5 MB/s by SO_MAX_PACING_RATE: in-tree ${in_tree[0]} with gaps +-${in_tree[1]} ns," \
		"bpf ${bpf[0]} with +-${bpf[1]}"
	between "${bpf[0]}" 4900000 5100000 "bytes a second"
	[ "${bpf[1]}" -le $((in_tree[1] + 2000)) ] ||
		fail "gaps are spread by ${bpf[1]} ns, in-tree by ${in_tree[1]}"
}

test_maxrate() {
	connected_pair 0
	put bpf maxrate 20mbit
	between "$(iperf_rate -t 2)" 18000000 20400000 "bits a second"
	# Packets have up to 64 KiB here.
	[ "$(counter ve0 throttled)" -gt 20 ] || fail "nothing was throttled"
	must bqdisc change ve0 maxrate 10mbit
	between "$(iperf_rate -t 2)" 9000000 10200000 "bits a second after the change"
}

edt_rate_of() { # WHICH
	put "$1"
	span_of iperf3 -c 10.9.0.2 -t 2
	rate_and_spread 0
}

# The program counts packets as they are on the wire.
test_edt() {
	local in_tree bpf

	connected_pair 0
	ethtool -K ve0 tso off gso off >/dev/null 2>&1
	tc qdisc add dev ve0 clsact
	tc filter add dev ve0 egress bpf da obj /test/stamp.bpf.o sec tc/rate || fail "no program"
	read -ra in_tree <<<"$(edt_rate_of in_tree)"
	read -ra bpf <<<"$(edt_rate_of bpf)"
	echo "# 5 MB/s by EDT: in-tree ${in_tree[0]} with gaps +-${in_tree[1]} ns," \
		"bpf ${bpf[0]} with +-${bpf[1]}"
	between "${bpf[0]}" 4900000 5100000 "bytes a second"
}

# Shares of the three bands, in ten thousandths, over whole rounds before the first is empty.
shares_of() { # WHICH
	local watcher

	put "$1" limit 20000 flow_limit 20000
	flows watch ve0 >/tmp/left &
	watcher=$!
	sleep 0.3
	flows send /tmp/script >/tmp/sender
	sleep 2
	kill "$watcher"
	wait "$watcher"
	# Flows 0 to 8 are of band 0, 9 to 12 of band 1. A round ends where band 0 comes after band 2.
	awk '{ band = $2 < 9 ? 0 : $2 < 13 ? 1 : 2
	       if (band == 0 && last == 2) { rounds++; for (b = 0; b < 3; b++) whole[b] = n[b] }
	       n[band]++; last = band }
	     END { sum = whole[0] + whole[1] + whole[2]
	           if (sum) print rounds, int(whole[0] * 10000 / sum), int(whole[1] * 10000 / sum), \
			int(whole[2] * 10000 / sum); else print 0, 0, 0, 0 }' /tmp/left
}

test_bands() {
	local in_tree bpf

	veth_pair 0
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	scripts make bands 1 7500 >/tmp/script
	read -ra in_tree <<<"$(shares_of in_tree)"
	read -ra bpf <<<"$(shares_of bpf)"
	echo "# rounds, and shares of the bands, ten thousandths: in-tree ${in_tree[*]}, bpf ${bpf[*]}"
	[ "${bpf[0]}" -ge 8 ] || fail "only ${bpf[0]} rounds: $(cat /tmp/sender)"
	# 9, 3 and 1 of 13, each within 2 %.
	between "${bpf[1]}" 6784 7062 "share of band 0"
	between "${bpf[2]}" 2261 2354 "share of band 1"
	between "${bpf[3]}" 753 785 "share of band 2"
}

# Print how long after its scheduled sending each packet of a sparse flow leaves, in ns.
latencies_of() { # WHICH
	local bulk watcher number left _

	put "$1"
	iperf3 -c 10.9.0.2 -P 100 -t 4 >/dev/null 2>&1 &
	bulk=$!
	sleep 1.5
	flows watch ve0 >/tmp/left &
	watcher=$!
	sleep 0.3
	flows send /tmp/script >/tmp/sender
	sleep 0.2
	kill "$watcher"
	wait "$watcher"
	wait "$bulk"
	while read -r number _ left; do
		echo $((left - number * 7037000))
	done </tmp/left
}

# Print the number of values, their median and 95th percentile.
latency() { # FILE
	sort -n "$1" | awk '{ v[NR] = $1 } END { print NR, v[int((NR + 1) / 2)], v[int(NR * 95 / 100)] }'
}

# In turn, some times: what a hundred connections do differs from one run to the next.
test_sparse() {
	local in_tree again bpf i text most differ

	slow_pair
	# Every 7.037 ms, which meets all phases of the far end's 4 ms.
	for ((i = 0; i < 200; i++)); do echo "$((i * 7037000)) 0 100"; done >/tmp/script
	for ((i = 0; i < ${ROUNDS:-3}; i++)); do
		latencies_of in_tree >>/tmp/in_tree
		latencies_of bpf >>/tmp/bpf
		latencies_of in_tree >>/tmp/again
	done
	read -ra in_tree <<<"$(latency /tmp/in_tree)"
	read -ra again <<<"$(latency /tmp/again)"
	read -ra bpf <<<"$(latency /tmp/bpf)"
	text="packets, median and 95th percentile in ns: in-tree ${in_tree[*]} and ${again[*]}, bpf ${bpf[*]}"
	echo "# a sparse flow beside 100 bulk ones, $text"
	is "${bpf[0]}" $((i * 200)) "packets of the sparse flow"
	# Allow for the difference between two runs of the in-tree qdisc. bpf also sends more
	# through the same far end, so that the device's queue is stopped for a larger share of the
	# time.
	for i in 1 2; do
		most=$((in_tree[i] > again[i] ? in_tree[i] : again[i]))
		differ=$((2 * most - in_tree[i] - again[i]))
		[ "${bpf[i]}" -le $((most * 110 / 100 + differ + 50000)) ] || fail "$text"
	done
}

# Packets that came to the far end: marked ones, and all that could be.
ecn_packets() {
	ip netns exec peer cat /proc/net/netstat | awk '
		/^IpExt:/ && !n++ { for (i = 1; i <= NF; i++) at[$i] = i; next }
		/^IpExt:/ { print $at["InCEPkts"], $at["InCEPkts"] + $at["InECT0Pkts"] }'
}

# Print how many of a thousand packets of 8 flows are marked because they wait more than 1 ms.
marks_of() { # WHICH
	local before after

	put "$1" ce_threshold 1ms
	read -ra before <<<"$(ecn_packets)"
	iperf3 -c 10.9.0.2 -P 8 -t 2 >/dev/null
	read -ra after <<<"$(ecn_packets)"
	echo $(((after[0] - before[0]) * 1000 / (after[1] - before[1] + 1))) \
		$((after[0] - before[0])) $((after[1] - before[1]))
}

# The two mark different packets (fq_egress.bpf.c), and TCP heeds the marks and sends less: of the
# same order, within five times, is what can be asked.
test_ce_marks() {
	local in_tree bpf counted

	slow_pair
	sysctl -q net.ipv4.tcp_ecn=1
	read -ra in_tree <<<"$(marks_of in_tree)"
	read -ra bpf <<<"$(marks_of bpf)"
	counted=$(counter ve0 ce_mark)
	echo "# marked of a thousand, marked, all: in-tree ${in_tree[*]}, bpf ${bpf[*]}, counted $counted"
	[ "${in_tree[1]}" -gt 20 ] || fail "the in-tree fq marks ${in_tree[1]}: nothing to compare with"
	between "${bpf[0]}" $((in_tree[0] / 5)) $((in_tree[0] * 5)) "marked of a thousand"
	# One packet in the qdisc is up to 45 packets on the wire, and some are lost there.
	between "${bpf[1]}" $((counted * 9 / 10)) $((counted * 45)) "marks that came ($counted)"
}

kind_stays fq
run_tests "$@"
