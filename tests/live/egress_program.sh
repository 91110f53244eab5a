#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The egress program: it runs first on the egress hook, and does what a qdisc cannot.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: capabilities one_queue segments_come_back
# suite: netem
# needs: hook counted.bpf.o frames netemopt
# time: 90
. "${0%/*}/lib.sh"

# Pin the user's programs outside of bqdisc's directory.
user=/tmp/user
mount_user() {
	mkdir -p $user
	umount $user 2>/dev/null
	mount -t bpf bpf $user
}

# put before|behind PROGRAM NAME: attach a program of the user to ve0's hook.
put() {
	mkdir -p "$user/$3"
	must hook "$1" ve0 "$2" "$user/$3"
}

# put_clsact PROGRAM NAME
put_clsact() {
	mkdir -p "$user/$2"
	must hook load "$1" "$user/$2"
	must tc qdisc replace dev ve0 clsact
	must tc filter add dev ve0 egress bpf direct-action object-pinned "$user/$2/program"
}

seen() { hook seen "$user/$1" | jq .seen; }
egress_state() { bqdisc -j show ve0 | jq -r '.[0].egress_program'; }

# known_pair [OPTION...]: a pair with addresses on which only the test sends packets.
known_pair() {
	mount_user
	plain_pair 0 "$@"
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr "$(ip -n peer -j link show vf0 | jq -r '.[0].address')" dev ve0
	ip -n peer neigh replace 10.9.0.1 lladdr "$(cat /sys/class/net/ve0/address)" dev vf0
}

# delayed_pair: a known_pair whose ve0 delays by 10 ms.
delayed_pair() {
	known_pair
	must bqdisc attach ve0 netem delay 10ms
	ping -q -c 1 -W 5 10.9.0.2 >/dev/null || fail "no answer"
}

# pings N: send N pings and expect as many answers.
pings() {
	ping -q -i 0.01 -c "$1" -W 5 10.9.0.2 | grep -q " $1 received" || fail "pings were lost"
}

test_comes_and_goes() {
	kind_goes
	delayed_pair
	is "$(egress_state)" active "the egress program with a delay"
	is "$(bpftool -j net show dev ve0 | jq -r '.[0].tc | map(.kind) | join(" ")')" tcx/egress hooks
	must bqdisc change ve0 delay 0s
	is "$(egress_state)" null "the egress program without one"
	is "$(bpftool -j net show dev ve0 | jq -r '.[0].tc | length')" 0 "programs on the hooks"
	must bqdisc change ve0 delay 5ms
	is "$(egress_state)" active "the egress program with one again"
	must bqdisc detach ve0
	is "$(bpftool -j net show dev ve0 | jq -r '.[0].tc | length')" 0 "programs after detach"
	no_pins
}

# One egress program serves all queues of a device.
test_queues() {
	kind_goes
	mount_user
	plain_pair 0 numtxqueues 2 numrxqueues 2
	must bqdisc attach ve0 netem delay 10ms --mq
	is "$(egress_state)" active "the egress program"
	is "$(hooked)" 1 "programs on the hooks"
	must bqdisc change ve0 delay 0s
	is "$(egress_state) $(hooked)" "null 0" "the egress program without a delay"
	must bqdisc attach ve0 netem delay 20ms --mq
	is "$(egress_state) $(hooked)" "active 1" "the egress program with one"
	must bqdisc attach ve0 netem delay 20ms --root
	is "$(egress_state) $(hooked)" "active 1" "the egress program without mq"
	must bqdisc detach ve0
	no_pins
}

# impaired DEV [NETNS]: send 10 packets; print those duplicated, corrupted and sent.
impaired() {
	local run=()

	[ $# = 1 ] || run=(ip netns exec "$2")
	"${run[@]}" packets send "$1" 10 >/dev/null
	bqdisc ${2:+-n "$2"} -j stats "$1" | jq -r '.[0].stats | "\(.duplicated) \(.corrupted) \(.packets)"'
}
programs() { bpftool -j prog show | jq '[.[] | select(.name == "netem_egress")] | length'; }
programs_are() { [ "$(programs)" = "$1" ]; }
egress_pins() { find /sys/fs/bpf/bqdisc -name "$1" | wc -l; }

# One program serves devices of several namespaces, two of them with one index, and an mq. Each has
# its own impairments.
test_one_program_for_all() {
	local ns

	kind_goes
	plain_pair 0
	plain_pair 1 numtxqueues 2 numrxqueues 2
	for ns in second third; do
		ip netns add $ns
		ip -n $ns link add de0 index 100 type dummy
		ip netns exec $ns bash -c "$(declare -f quiet); quiet de0"
		ip -n $ns link set de0 up
	done
	must bqdisc attach ve0 netem duplicate 100%
	must bqdisc attach ve1 netem corrupt 100% --mq
	must bqdisc -n second attach de0 netem duplicate 100% corrupt 100%
	must bqdisc -n third attach de0 netem
	is "$(programs) $(egress_pins egress) $(egress_pins 'egress_*')" "1 1 3" "programs, pins, links"
	must bqdisc -n third change de0 limit 7 duplicate 100%
	is "$(programs) $(egress_pins 'egress_*')" "1 4" "programs and links with one device more"
	is "$(impaired ve0)" "10 0 20" "duplicated, corrupted and sent by ve0"
	is "$(impaired ve1)" "0 10 10" "by ve1"
	is "$(impaired de0 second)" "10 20 20" "by the second namespace"
	is "$(impaired de0 third)" "10 0 20" "by the third"
	must bqdisc detach ve0
	must bqdisc attach ve0 netem corrupt 100%
	must bqdisc -n third detach de0
	is "$(impaired ve0) $(impaired ve1)" "0 10 10 0 20 20" "by ve0 and ve1, attached again or not"
	ip netns del second
	must bqdisc detach ve0
	must bqdisc detach ve1
	no_pins
	wait_for 5 programs_are 0 || fail "programs left: $(programs)"
}

# A qdisc of another shape replaces one with an egress program; the device keeps one link.
test_replaced() {
	local link

	kind_goes
	plain_pair 0 numtxqueues 2 numrxqueues 2
	must bqdisc attach ve0 netem duplicate 100% --mq
	link=$(bpftool -j link show | jq '.[] | select(.type == "tcx") | .id')
	must bqdisc attach ve0 netem duplicate 100% corrupt 100% --root
	is "$(bpftool -j link show | jq '.[] | select(.type == "tcx") | .id')" "$link" "the link"
	is "$(egress_state) $(egress_pins 'egress_*')" "active 1" "the egress program, and its pins"
	is "$(impaired ve0)" "10 20 20" "packets duplicated, corrupted and sent"
	must bqdisc attach ve0 fq ce_threshold 1ms --root
	is "$(egress_state) $(hooked)" "active 1" "the egress program of fq"
	must bqdisc detach ve0
	is "$(hooked)" 0 "programs on the hook"
	no_pins
}

# to_queue N: send from now on through transmit queue N of ve0, counted from 0.
to_queue() {
	tc qdisc del dev ve0 clsact 2>/dev/null
	tc qdisc add dev ve0 clsact
	tc filter add dev ve0 egress matchall action skbedit queue_mapping "$1" || fail "no filter"
}

# Another program's qdisc is not taken for one of bqdisc, although its limit is the index of du0's.
test_foreign_limit() {
	kind_goes
	plain_pair 0
	ip link add du0 type dummy
	quiet du0
	ip link set du0 up
	must bqdisc attach du0 netem duplicate 100%
	must bqdisc attach ve0 netem duplicate 100%
	must tc qdisc replace dev ve0 root pfifo limit 1
	is "$(hooked)" 1 "programs on the hook"
	packets send ve0 10 >/dev/null
	is "$(tc -s -j qdisc show dev ve0 | jq '.[0].packets')" 10 "packets sent without the qdisc"
	is "$(stat du0 duplicated)" 0 "packets duplicated for du0"
	must bqdisc detach du0
	is "$(hooked)" 0 "programs on the hook after the next command"
}

# Qdiscs on queues of a foreign mq are found, whichever needs the program.
test_one_queue() {
	kind_goes
	plain_pair 0 numtxqueues 2 numrxqueues 2
	must tc qdisc replace dev ve0 root handle 1: mq
	must tc qdisc replace dev ve0 parent 1:1 pfifo limit 1
	must bqdisc attach ve0 netem duplicate 100% --parent 1:2
	to_queue 1
	packets send ve0 10 >/dev/null
	is "$(stat ve0 duplicated)" 10 "packets duplicated"
	must bqdisc attach ve0 netem duplicate 100% --parent 1:1 --force
	must bqdisc change ve0 duplicate 0% --parent 1:2
	is "$(hooked)" 1 "programs on the hook"
	to_queue 0
	packets send ve0 10 >/dev/null
	is "$(bqdisc -j stats ve0 | jq '.[] | select(.parent == "1:1") | .stats.duplicated')" 10 \
		"packets duplicated on the other queue"
	must bqdisc detach ve0 --parent 1:1
	must bqdisc detach ve0 --parent 1:2
	no_pins
}

# A user's program sees each packet once, whatever its position and return value.
test_others_see_each_packet_once() {
	local where program

	delayed_pair
	for where in before behind clsact; do
		for program in count_next count_ok; do
			if [ $where = clsact ]; then
				put_clsact $program p
			else
				put $where $program p
			fi
			pings 5
			is "$(seen p)" 5 "packets seen by $program $where"
			[ $where = before ] || is "$(egress_state)" active "the egress program with $program $where"
			[ $where != before ] || is "$(egress_state)" shadowed "the egress program with $program $where"
			tc qdisc del dev ve0 clsact 2>/dev/null
			rm -r $user/p
			wait_for 5 hook_is 1 || fail "the hook after $program $where: $(hooked)"
		done
	done
}
hooked() { bpftool -j net show dev ve0 | jq -r '.[0].tc | length'; }
hook_is() { [ "$(hooked)" = "$1" ]; }

# Detach keeps the user's two programs on both sides of bqdisc's.
test_detach_leaves_others_alone() {
	kind_goes
	delayed_pair
	put behind count_next last
	put_clsact count_next filter
	put before count_next first
	must bqdisc detach ve0
	hook_is 3 || fail "programs left: $(hooked)"
	pings 5
	is "$(seen first) $(seen last) $(seen filter)" "5 5 5" "packets seen"
	no_pins
}

# An egress program that another program removed is reported, and the same attach restores it.
test_gone() {
	delayed_pair
	rm /sys/fs/bpf/bqdisc/hooks/egress_*/link
	wait_for 5 hook_is 0 || fail "the link is there without its pin"
	is "$(egress_state)" detached "the egress program"
	pings 3
	bqdisc show ve0 2>&1 >/dev/null | grep -q 'egress program' || fail "show does not warn"
	bqdisc -j doctor >/tmp/doctor 2>/tmp/err && fail "doctor is content: $(cat /tmp/doctor)"
	is "$(jq -r '.[] | select(.check == "egress programs") | .ok' /tmp/doctor)" false "doctor's check"
	must bqdisc attach ve0 netem delay 10ms
	is "$(egress_state)" active "the egress program after attach"
	is "$(bqdisc -j attach ve0 netem delay 10ms | jq .changed)" false "a second attach"
	must bqdisc doctor
}

test_capabilities() {
	local caps=cap_net_admin,cap_bpf,cap_perfmon run

	kind_goes
	mount_user
	plain_pair 0
	run=(capsh --drop="$(capsh --decode=ffffffffff | sed 's/.*=//' | tr , '\n' |
		grep -vxF "${caps//,/$'\n'}" | paste -sd,)" -- -c)
	"${run[@]}" "bqdisc attach ve0 netem delay 10ms" >/tmp/out 2>&1 || fail "attach: $(cat /tmp/out)"
	is "$("${run[@]}" "bqdisc -j show ve0" | jq -r '.[0].egress_program')" active "the egress program"
	"${run[@]}" "bqdisc detach ve0" >/tmp/out 2>&1 || fail "detach: $(cat /tmp/out)"
	no_pins
}

# Count the test's frames at the peer: receive COUNT in the background, then `received`.
receive() {
	ip netns exec peer packets receive vf0 "$1" 3000 >/tmp/received &
	wait_for 5 packet_socket || fail "no receiver"
}
packet_socket() { ip netns exec peer ss -Hl0 | grep -q vf0; }

# Each packet is sent exactly twice: a duplicate is not duplicated again.
test_duplicate() {
	known_pair
	must bqdisc attach ve0 netem duplicate 100%
	is "$(egress_state)" active "the egress program"
	receive 201
	packets send ve0 100 >/dev/null
	wait
	is "$(jq .received /tmp/received)" 200 "packets received"
	is "$(stat ve0 duplicated)" 100 "packets duplicated"
	is "$(stat ve0 packets)" 200 "packets sent"
	# The qdisc reads the change with the next packet.
	must bqdisc attach ve0 netem duplicate 100% delay 5ms
	packets send ve0 1 >/dev/null
	receive 201
	packets send ve0 100 >/dev/null
	wait
	is "$(jq .received /tmp/received)" 200 "packets received after a delay"
}

# in_peer COUNTER: print a counter of the peer's network stack, by nstat's name.
in_peer() {
	ip netns exec peer cat /proc/net/snmp /proc/net/netstat | awk -v want="$1" '
		{ sub(/:/, "", $1) }
		NR % 2 { split($0, names); next }
		{ for (i = 2; i <= NF; i++) if ($1 names[i] == want) print $i }'
}

# datagrams N SIZE: send to a port without a socket; the peer verifies the checksum first.
datagrams() {
	local i text

	text=$(printf "%$2s" x)
	for ((i = 0; i < $1; i++)); do
		printf %s "$text" >/dev/udp/10.9.0.2/9
	done
}
datagrams_are() { [ "$(($(in_peer UdpNoPorts) + $(in_peer UdpInCsumErrors)))" -ge "$1" ]; }

# An ECN-capable packet is marked instead of lost.
test_ecn() {
	known_pair
	must bqdisc attach ve0 netem loss 100% ecn
	ping -q -i 0.01 -c 5 -W 1 -Q 2 10.9.0.2 >/dev/null
	is "$(in_peer IpExtInCEPkts)" 5 "packets that arrived marked"
	is "$(stat ve0 ecn_marked) $(stat ve0 dropped)" "5 0" "marked and lost"
	ping -q -i 0.01 -c 5 -W 1 -Q 0 10.9.0.2 >/dev/null
	is "$(stat ve0 ecn_marked) $(stat ve0 dropped)" "5 5" "marked and lost of what cannot be marked"
}

checksums() { ethtool -k ve0 | awk '$1 == "tx-checksumming:" { print $2 }'; }
gso() { ip -d -j link show ve0 | jq '.[0].gso_max_segs'; }

# Every way to remove the egress program restores gso_max_segs. Checksum offload is never changed.
test_segments_come_back() {
	kind_goes
	known_pair numtxqueues 2 numrxqueues 2
	must bqdisc attach ve0 netem corrupt 1% delay 1ms
	is "$(checksums) $(gso)" "on 1" "checksums and segments with corruption"
	is "$(bqdisc -j show ve0 | jq -r '.[0].segmentation_offload')" off "segmentation as shown"
	must bqdisc change ve0 corrupt 0%
	is "$(egress_state) $(checksums) $(gso)" "active on 65535" "checksums and segments without"
	must bqdisc change ve0 corrupt 1%
	tc qdisc del dev ve0 root
	bqdisc detach ve0 >/dev/null
	is "$(gso)" 65535 "segments after tc deleted the qdisc"
	no_pins
	ip link set ve0 gso_max_segs 7
	must bqdisc attach ve0 netem corrupt 1%
	must bqdisc attach ve0 netem corrupt 1% --mq
	must bqdisc detach lo
	is "$(gso)" 1 "segments after another netem replaced the first"
	must bqdisc attach ve0 netem corrupt 1% --root
	must bqdisc detach lo
	is "$(gso)" 1 "segments in a packet meanwhile"
	must bqdisc detach ve0
	is "$(gso)" 7 "segments as they were set before"
	no_pins
}

# The receiver detects a corrupted packet although the device completes checksums. Nearly all bits
# are covered by a checksum.
test_corrupt() {
	known_pair
	ip netns exec peer sysctl -qw net.ipv4.icmp_ratelimit=0
	must bqdisc attach ve0 netem corrupt 100%
	datagrams 100 1000
	wait_for 5 datagrams_are 90 || fail "few datagrams arrived: $(in_peer UdpNoPorts) good, \
$(in_peer UdpInCsumErrors) bad"
	between "$(in_peer UdpInCsumErrors)" 90 100 "datagrams with a bad checksum"
	is "$(stat ve0 corrupted)" 100 "packets corrupted"
	must bqdisc attach ve0 netem corrupt 0%
	is "$(egress_state) $(gso)" "null 65535" "the egress program, and segments, without corruption"
	datagrams 20 1000
	wait_for 5 datagrams_are 110 || fail "few datagrams arrived whole"
	between "$(in_peer UdpNoPorts)" 20 30 "datagrams with a good checksum"
}

# Packets are impaired by their rule only; packets of no rule are not impaired.
test_rules() {
	known_pair
	must bqdisc attach ve0 netem delay 1ms duplicate 100% match dport 53 \
		rule corrupt 100% match dport 9 rule loss 100% match dport 54
	is "$(egress_state) $(gso)" "active 1" "the egress program, and segments, with a rule that corrupts"
	frames ve0 5 dport 53
	frames ve0 4 dport 9
	frames ve0 3 dport 54
	frames ve0 7 dport 99
	frames ve0 2 family 0
	wait_for 5 sent 23 || fail "packets sent: $(stat ve0 packets)"
	is "$(bqdisc -j show ve0 | jq -c '.[0].rules | map([.stats.packets, .stats.dropped])')" \
		"[[10,0],[4,0],[3,3]]" "packets of each rule, and of them lost"
	is "$(stat ve0 unmatched) $(stat ve0 duplicated) $(stat ve0 corrupted)" "9 5 4" \
		"of no rule, duplicated, corrupted"
	must bqdisc change ve0 match dport 53
	is "$(gso)" 65535 "segments without that rule"
}
sent() { [ "$(stat ve0 packets)" = "$1" ]; }

# Options set by tc load no egress program, which show reports.
test_missing_for_a_qdisc_of_tc() {
	known_pair
	ip link add du0 type dummy
	must bqdisc attach du0 netem
	must tc qdisc replace dev ve0 root netem delay 1ms
	ip link add du1 type dummy
	must netemopt ve0 copy du1 bq_netem
	is "$(bqdisc -j show du1 2>/tmp/err | jq -r '.[0].egress_program')" missing "the egress program"
	grep -q "'bqdisc adopt du1'" /tmp/err || fail "show said: $(cat /tmp/err)"
}

# The sender segments large packets, so that an inverted bit costs one segment.
test_tcp_is_corrupted_by_the_packet() {
	known_pair
	ip -n peer link set lo up
	serve
	must bqdisc attach ve0 netem delay 1ms corrupt 0.1%
	iperf3 -J -c 10.9.0.2 -n 20M >/tmp/iperf || fail "the transfer failed: $(cat /tmp/iperf)"
	between "$(($(stat ve0 bytes) / $(stat ve0 delayed)))" 500 1514 "bytes a packet that was held"
	between "$(in_peer TcpInCsumErrors)" 1 100 "segments with a bad checksum"
}

# Through a delay a local sender reaches the rate that the receiver's window allows. TCP does not
# wait for packets to leave this machine.
test_tcp_is_not_held_back() {
	mount_user
	plain_pair 0
	address_pair 0
	ip -n peer link set lo up
	serve
	must bqdisc attach ve0 netem delay 20ms
	between "$(iperf3 -J -c 10.9.0.2 -t 2 | jq '.end.sum_received.bits_per_second / 1e6 | floor')" \
		20 100000 "Mbit/s"
}

# A pure acknowledgement is not charged to its socket and needs no clone.
test_acknowledgements_keep_their_socket() {
	local seen without

	known_pair
	ip -n peer link set lo up
	serve
	must bqdisc attach ve0 netem delay 1ms
	put behind count_next behind
	iperf3 -J -R -c 10.9.0.2 -n 20M >/tmp/iperf || fail "the transfer failed: $(cat /tmp/iperf)"
	seen=$(seen behind)
	without=$(hook seen $user/behind | jq .without_socket)
	between "$seen" 50 1000000 "packets"
	between "$without" 1 $((seen / 4)) "of $seen packets that were freed of their socket"
}

kind_stays netem
run_tests "$@"
! mountpoint -q $user || umount $user
