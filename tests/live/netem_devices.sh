#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# netem on every type of device, and on ifb: each impairment alone, compared with the in-tree netem
# by the packets that arrive. Also transmit time stamps.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: bond bridge gre ifb_from_a_veth ifb_from_here ipvlan macvlan queues
# long: redirect_to_another_veth tap tun vlan vlan_in_vlan vxlan wireguard
# needs: decisions stamps netemopt tunnels bpftool
# time: 200
. "${0%/*}/lib.sh"

count=10
seed=${BQDISC_SEED:-4242}

# neighbours DEV ADDRESS NS DEV ADDRESS: set static neighbours, so that no other packet is sent.
neighbours() {
	ip neigh replace "$5" lladdr "$(ip -n "$3" -j link show "$4" | jq -r '.[0].address')" \
		nud permanent dev "$1"
	ip -n "$3" neigh replace "$2" lladdr "$(cat "/sys/class/net/$1/address")" \
		nud permanent dev "$4"
}

quiet_in() { # NS DEV
	ip netns exec "$1" bash -c "$(declare -f quiet); quiet $2"
}

known_pair() { # N [LINK OPTION...]
	plain_pair "$@"
	address_pair "$1"
	neighbours "ve$1" "10.9.$1.1" peer "vf$1" "10.9.$1.2"
}

# echoes [NS]: print the number of pings received with a good checksum.
echoes() {
	${1:+ip netns exec "$1"} cat /proc/net/snmp | awk '
		$1 == "Icmp:" && !names { names = $0; split(names, n); next }
		$1 == "Icmp:" { for (i = 2; i <= NF; i++) if (n[i] == "InEchos") print $i }'
}

arrived() { [ "$(($(echoes "$1") - before))" -ge "$2" ]; }

# Variables of a test. dev: the device with the qdisc; set: more words for attach; from: the
# namespace that pings ("": here); to: the pinged address; at: the namespace where pings arrive.
dev='' set='' from='' to='' at=''

# pings EXPECTED: print how many of COUNT pings arrive. Wait for EXPECTED, then 50 ms for more.
pings() {
	before=$(echoes "$at")
	${from:+ip netns exec "$from"} ping -q -n -c $count -i 0.005 -W 1 "$to" >/tmp/ping
	wait_for 3 arrived "$at" "$1"
	sleep 0.05
	echo $(($(echoes "$at") - before))
}

round_trip_us() {
	sed -n 's|^rtt min[^=]*= \([0-9]*\)\.\([0-9]*\)/.*|\1\2|p' /tmp/ping | sed 's/^0*//'
}

# expect OPTIONS EXPECTED: bqdisc's netem lets EXPECTED pings through.
expect() {
	# shellcheck disable=SC2086 # words
	must bqdisc attach "$dev" netem $1 $set
	is "$(pings "$2")" "$2" "of $count pings through netem $1 on $dev, from ${from:-here}"
	must bqdisc detach "$dev"
}

# Print the number of pings that the in-tree qdisc passes with the same seed.
in_tree() {
	# shellcheck disable=SC2086 # words
	must tc qdisc replace dev "$dev" root netem limit 1000 $1
	must netemopt "$dev" seed "$seed"
	pings $count
	tc qdisc del dev "$dev" root
}

# The receiver does not verify checksums, so a corrupted packet may arrive.
corrupted_unseen() {
	must bqdisc attach "$dev" netem corrupt 100%
	pings 0 >/dev/null
	is "$(stat "$dev" corrupted)" $count "packets corrupted on $dev"
	must bqdisc detach "$dev"
}

# Test each impairment alone. Losses are not compared where the reply passes the qdisc too.
impair() { # ["replies"|"unverified"]
	local lost

	printf '1\n2\n3\n4\n5\n' >/tmp/trace
	expect "delay 20ms" $count
	[ "$(round_trip_us)" -ge 20000 ] || fail "pings on $dev came back after $(round_trip_us) us"
	expect "rate 1mbit" $count
	expect "delay 5ms 3ms ordered" $count
	expect "delay 5ms reorder 50%" $count
	expect "trace /tmp/trace loop" $count
	expect "delay 5ms match proto icmp" $count
	expect "duplicate 100%" $((2 * count))
	expect "duplicate 100% delay 5ms" $((2 * count))
	expect "loss 100%" 0
	if [ "${1:-}" = unverified ]; then
		corrupted_unseen
	else
		expect "corrupt 100%" 0
	fi
	[ "${1:-}" != replies ] || return 0
	modprobe sch_netem 2>/dev/null || return 0
	lost="loss 40% seed $seed"
	expect "$lost" "$(in_tree "loss 40%")"
}

# --- ifb ---

# redirected DEV HOOK: redirect packets at the hook of DEV through an ifb.
redirected() {
	ip link add du9 type ifb || skip "ifb"
	quiet du9
	ip link set du9 up
	must tc qdisc replace dev "$1" clsact
	must tc filter add dev "$1" "$2" matchall action mirred egress redirect dev du9
	dev=du9 set=
}

test_ifb_from_a_veth() {
	known_pair 0
	redirected ve0 ingress
	from=peer to=10.9.0.1 at=
	impair
}

# The sender is behind a router, so its packets have no socket.
test_ifb_from_a_router() {
	known_pair 0
	ip netns add far
	ip link add fr1 netns far type veth peer name vf1 netns peer
	quiet_in far fr1
	quiet_in peer vf1
	ip -n far addr add 10.8.0.2/24 dev fr1
	ip -n peer addr add 10.8.0.1/24 dev vf1
	ip -n far link set fr1 up
	ip -n peer link set vf1 up
	ip -n far route add default via 10.8.0.1
	ip route add 10.8.0.0/24 via 10.9.0.2
	ip netns exec peer sysctl -qw net.ipv4.ip_forward=1
	redirected ve0 ingress
	from=far to=10.9.0.1 at=
	impair
}

test_ifb_from_here() {
	known_pair 0
	redirected ve0 egress
	from='' to=10.9.0.2 at=peer
	impair
}

# The socket is also released if the packet keeps it up to the ifb.
test_ifb_does_not_hold_tcp_back() {
	known_pair 0
	ip -n peer link set lo up
	redirected ve0 ingress
	must bqdisc attach du9 netem delay 20ms
	iperf3 -s -1 -D --logfile /dev/null
	wait_for 10 listens_here || fail "iperf3 does not listen"
	ip netns exec peer iperf3 -J -c 10.9.0.1 -t 3 >/tmp/iperf || fail "$(cat /tmp/iperf)"
	between "$(jq '.end.sum_received.bits_per_second / 1e6 | floor' /tmp/iperf)" 6 100000 "Mbit/s"
	must bqdisc detach du9
}
listens_here() { ss -Hltn 'sport = 5201' | grep -q .; }

# --- other devices ---

test_veth() {
	known_pair 0
	dev=ve0 to=10.9.0.2 at=peer
	impair
}

test_queues() {
	known_pair 0 numtxqueues 4 numrxqueues 4
	dev=ve0 set=--mq to=10.9.0.2 at=peer
	impair replies
}

test_lo() {
	ip link set lo up
	dev=lo to=127.0.0.1 at=''
	impair replies
}

# Redirect packets from ve0 to ve1, which has the qdisc. The address is at the other end of ve1.
test_redirect_to_another_veth() {
	known_pair 0
	known_pair 1
	ip -n peer addr del 10.9.0.2/24 dev vf0
	ip -n peer addr add 10.9.0.2/32 dev vf1
	ip -n peer route add 10.9.0.0/24 dev vf1
	neighbours ve1 10.9.0.1 peer vf1 10.9.0.2
	ip neigh replace 10.9.0.2 lladdr "$(ip -n peer -j link show vf1 | jq -r '.[0].address')" \
		nud permanent dev ve0
	sysctl -qw net.ipv4.conf.all.rp_filter=0
	ip netns exec peer sysctl -qw net.ipv4.conf.all.rp_filter=0
	must tc qdisc replace dev ve0 clsact
	must tc filter add dev ve0 egress matchall action mirred egress redirect dev ve1
	dev=ve1 to=10.9.0.2 at=peer
	impair
}

# over DEV PEER-DEV: addresses on a pair of devices above ve0 and vf0.
over() {
	quiet "$1"
	quiet_in peer "$2"
	ip addr add 10.7.0.1/24 dev "$1"
	ip -n peer addr add 10.7.0.2/24 dev "$2"
	ip link set "$1" up
	ip -n peer link set "$2" up
	dev=$1 to=10.7.0.2 at=peer
	wait_for 5 ping -q -c 1 -W 1 $to >/dev/null || fail "no answer over $1"
	neighbours "$1" 10.7.0.1 peer "$2" 10.7.0.2
}

test_bridge() {
	known_pair 0
	ip link add du2 type bridge || skip "bridge"
	ip link set ve0 master du2
	over du2 vf0
	impair
}

test_vlan() {
	known_pair 0
	ip link add du2 link ve0 type vlan id 7 || skip "vlan"
	ip -n peer link add du2 link vf0 type vlan id 7
	over du2 du2
	impair
}

# Send packets that carry two tags in their data: 802.1Q within 802.1ad.
test_vlan_in_vlan() {
	known_pair 0
	ip link add du1 link ve0 type vlan proto 802.1ad id 5 || skip "vlan"
	ip -n peer link add du1 link vf0 type vlan proto 802.1ad id 5
	quiet du1
	quiet_in peer du1
	ip link set du1 up
	ip -n peer link set du1 up
	ip link add du2 link du1 type vlan id 7
	ip -n peer link add du2 link du1 type vlan id 7
	over du2 du2
	dev=du1
	impair
}

test_bond() {
	plain_pair 0
	ip link add du2 type bond mode active-backup || skip "bond"
	ip link set ve0 down
	ip link set ve0 master du2
	ip link set ve0 up
	over du2 vf0
	impair
}

test_macvlan() {
	known_pair 0
	ip link add du2 link ve0 type macvlan || skip "macvlan"
	over du2 vf0
	impair
}

test_ipvlan() {
	known_pair 0
	ip link add du2 link ve0 type ipvlan mode l2 || skip "ipvlan"
	over du2 vf0
	impair
}

test_vxlan() {
	known_pair 0
	ip link add du2 type vxlan id 9 dstport 4789 remote 10.9.0.2 dev ve0 || skip "vxlan"
	ip -n peer link add du2 type vxlan id 9 dstport 4789 remote 10.9.0.1 dev vf0
	over du2 du2
	impair
	dev=ve0
	impair
}

# A device without a link header.
test_gre() {
	known_pair 0
	ip link add du2 type gre local 10.9.0.1 remote 10.9.0.2 || skip "gre"
	ip -n peer link add du2 type gre local 10.9.0.2 remote 10.9.0.1
	over du2 du2
	impair
}

exists() { # DEV PEER-DEV
	[ -e "/sys/class/net/$1" ] && ip -n peer link show "$2" >/dev/null 2>&1
}

# over_program KIND: a program passes the packets from one device to the other.
over_program() { # tun|tap
	modprobe tun 2>/dev/null || skip "$1"
	plain_pair 0
	tunnels "$1" du2 peer du2 2>/tmp/err &
	wait_for 5 exists du2 du2 || fail "no $1: $(cat /tmp/err)"
	over du2 du2
	impair
	kill $!
}

# tun has no link header.
test_tun() { over_program tun; }
test_tap() { over_program tap; }

# Packets pass the qdisc before they are encrypted, so each duplicate is a packet of its own. The
# receiver takes what it decrypted for verified, whatever the checksums of the packet.
test_wireguard() {
	local here=288eb2d2a1a9008e00b86561066e51b1f399460e8183c1447044bdb456c0615c
	local there=686848f89f95442b58cc597ae99dbe184733472fd7744611b7301785eb8ab563
	local key_here=a06a48f6cb080541a7bd07224c7362ac9735605c161127be89cc3a40029ed747
	local key_there=0ffb81790b6eb45b5b5182c464558ac2f1b7b24aa72a2df68030af796906d250

	known_pair 0
	ip link add du2 type wireguard 2>/dev/null || skip "wireguard"
	ip -n peer link add du2 type wireguard
	must tunnels wireguard du2 $here 5100 $key_there 10.9.0.2 5100
	must ip netns exec peer tunnels wireguard du2 $there 5100 $key_here 10.9.0.1 5100
	over du2 du2
	impair unverified
}

# --- corruption ---

# udp SIZE ADDRESS...: send 20 datagrams of SIZE bytes to a port without a socket.
udp() {
	local text address

	text=$(printf "%$1s" x)
	for address in "${@:2}"; do
		for _ in {1..20}; do
			printf %s "$text" >"/dev/udp/$address/9"
		done
	done
} 2>/dev/null

# good [NS]: print the number of IPv4 and IPv6 datagrams with a good checksum.
good() {
	${1:+ip netns exec "$1"} cat /proc/net/snmp /proc/net/snmp6 | awk '
		$1 == "Udp:" && !names { names = $0; split(names, n); next }
		$1 == "Udp:" { for (i = 2; i <= NF; i++) if (n[i] == "NoPorts") sum += $i }
		$1 == "Udp6NoPorts" { sum += $2 }
		END { print sum + 0 }'
}

# Datagrams of all sizes, with and without checksum offload: none arrives with a good checksum.
corrupts_all() { # DEV NS ADDRESS...
	local dev=$1 ns=$2 size before

	must bqdisc attach "$dev" netem corrupt 100%
	before=$(good "$ns")
	for size in 1 2 26 27 28 100 1400; do
		udp $size "${@:3}"
	done
	is "$(stat "$dev" corrupted)" "$(stat "$dev" packets)" "packets corrupted on $dev"
	[ "$(stat "$dev" corrupted)" -ge $((7 * 20 * ($# - 2))) ] ||
		fail "only $(stat "$dev" corrupted) packets were corrupted on $dev"
	sleep 0.1
	is "$(good "$ns")" "$before" "datagrams that arrived whole through $dev"
	must bqdisc detach "$dev"
	udp 100 "${@:3}"
	wait_for 5 some_good "$before" "$ns" || fail "nothing arrives over $dev afterwards"
}
some_good() { [ "$(good "${2:-}")" -gt "$1" ]; }

test_corruption_is_seen_on_lo() {
	ip link set lo up
	corrupts_all lo "" 127.0.0.1 ::1
	must bqdisc attach lo netem corrupt 100%
	timeout 2 bash -c 'echo >/dev/tcp/127.0.0.1/9' 2>/tmp/err
	is "$?" 124 "TCP over lo ($(cat /tmp/err))"
	must bqdisc detach lo
}

test_corruption_is_seen_on_veth() {
	local checksums

	known_pair 0
	for checksums in on off; do
		must ethtool -K ve0 tx $checksums
		corrupts_all ve0 peer 10.9.0.2
	done
}

# tcp_of OPTIONS: print the TCP segments of a transfer with a bad checksum or header.
bad_segments() {
	ip netns exec peer cat /proc/net/snmp | awk '
		{ sub(/:/, "", $1) }
		NR % 2 { split($0, names); next }
		{ for (i = 2; i <= NF; i++)
			if ($1 names[i] ~ /^(TcpInErrs|IpInHdrErrors|IpInAddrErrors)$/) n += $i }
		END { print n + 0 }'
}

# Local TCP, with and without GSO: as many segments are bad as were corrupted.
test_corruption_of_tcp() {
	local before gso

	known_pair 0
	ip -n peer link set lo up
	serve
	for gso in on off; do
		must ethtool -K ve0 gso $gso tso $gso
		before=$(bad_segments)
		must bqdisc attach ve0 netem corrupt 1%
		iperf3 -J -c 10.9.0.2 -n 5M >/tmp/iperf || fail "the transfer failed: $(cat /tmp/iperf)"
		between "$(stat ve0 corrupted)" 10 150 "packets corrupted with gso $gso"
		# The kernel drops a segment without counting it if its header claims to be longer
		# than the segment.
		between "$(($(bad_segments) - before))" $(($(stat ve0 corrupted) - 3)) \
			"$(stat ve0 corrupted)" "bad segments with gso $gso"
		must bqdisc detach ve0
	done
}

# Forwarded packets merged by GRO: all segments of a corrupted packet are bad.
test_corruption_of_forwarded_tcp() {
	local before

	known_pair 0
	known_pair 1
	ip netns add far
	ip -n peer link set vf1 netns far
	quiet_in far vf1
	ip -n far addr add 10.9.1.2/24 dev vf1
	ip -n far link set vf1 up
	ip -n far link set lo up
	ip -n far route add default via 10.9.1.1
	ip -n peer link set lo up
	ip -n peer route add 10.9.1.0/24 via 10.9.0.1
	ip neigh replace 10.9.1.2 lladdr "$(ip -n far -j link show vf1 | jq -r '.[0].address')" dev ve1
	sysctl -qw net.ipv4.ip_forward=1
	must bqdisc attach ve0 netem corrupt 5%
	serve
	before=$(bad_segments)
	ip netns exec far iperf3 -J -c 10.9.0.2 -n 10M >/tmp/iperf || fail "$(cat /tmp/iperf)"
	[ "$(stat ve0 corrupted)" -gt 0 ] || fail "nothing was corrupted"
	is "$(($(bad_segments) - before >= $(stat ve0 corrupted)))" 1 \
		"$(stat ve0 corrupted) packets were corrupted; as many or more segments were bad"
}

# --- transmit time stamps ---

# stamped WORDS...: all stamps of 5 packets arrive, and show a delay of 20 ms.
stamped() {
	local acks=0

	[ "$1" != tcp ] || acks=5
	stamps send "$1" "$2" 5 ${3:+"$3"} >/tmp/stamps || fail "stamps $*"
	is "$(jq -c '[.sched, .snd]' /tmp/stamps)" "[5,5]" "stamps of $*, SCHED and SND"
	is "$(jq .ack /tmp/stamps)" $acks "stamps of $*, ACK"
	[ "$(jq .least_us /tmp/stamps)" -ge 20000 ] ||
		fail "$* left after $(jq .least_us /tmp/stamps) us"
}

test_stamps() {
	local kind proto how

	plain_pair 0
	address_pair 0
	sysctl -qw net.ipv6.conf.ve0.disable_ipv6=0
	ip netns exec peer sysctl -qw net.ipv6.conf.vf0.disable_ipv6=0
	ip addr add fd09::1/64 dev ve0 nodad
	ip -n peer addr add fd09::2/64 dev vf0 nodad
	ip netns exec peer stamps sink &
	wait_for 5 sinks || fail "no TCP sink"
	wait_for 10 ping -q -c 1 -W 1 fd09::2 >/dev/null || fail "no IPv6"
	for kind in in_tree bqdisc; do
		if [ $kind = bqdisc ]; then
			must bqdisc attach ve0 netem delay 20ms --force
		else
			modprobe sch_netem 2>/dev/null || continue
			must tc qdisc replace dev ve0 root netem delay 20ms
		fi
		for how in "" cmsg; do
			for proto in udp tcp raw; do
				stamped $proto 10.9.0.2 $how
				stamped $proto fd09::2 $how
			done
			stamped packet ve0 $how
		done
	done
	must bqdisc change ve0 duplicate 100%
	stamped udp 10.9.0.2
}
sinks() { ip netns exec peer ss -Hltn 'sport = 9' | grep -q .; }

# A sender with a stamp for every packet waits for its send buffer, as without an egress program.
test_cost_of_time_stamps() {
	local plain all

	known_pair 0
	must bqdisc attach ve0 netem delay 50ms
	plain=$(stamps flood 10.9.0.2 1000 | jq .sent)
	all=$(stamps flood 10.9.0.2 1000 stamped | jq .sent)
	echo "# of 1 s with a delay of 50 ms: $plain datagrams sent, stamped ones $all"
	[ "$all" -gt 100 ] || fail "only $all datagrams were sent that were stamped, $plain without"
}

kind_stays netem
run_tests "$@"
