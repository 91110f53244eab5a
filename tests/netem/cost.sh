# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What a packet costs in netem, in instructions, beside the in-tree netem, into a dummy device, with
# more than 100,000 packets under way: of pktgen, and of a local sender of UDP, whom the companion
# serves. Only with --icount, where one virtual nanosecond is one instruction.
#
#   cost.sh [REGEX]   those cases alone whose name matches
# shellcheck disable=SC2317 # functions that are called by a name in a variable
set -u
PATH=/test:$PATH
failed=0 packets=0 only=${1:-}

modprobe pktgen
modprobe sch_netem
ip link add du0 type dummy
ip link add du1 type dummy
echo 1 >/proc/sys/net/ipv6/conf/du0/disable_ipv6
ip addr add 10.9.0.1/24 dev du0
ip link set du0 up
ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev du0
bqdisc attach du1 netem >/dev/null # the kind stays loaded
sleep 4                            # the guest's boot-time work

pg() { echo "$1" >"/proc/net/pktgen/$2"; }

# Both send N packets through whatever is on du0, and print nanoseconds a packet.
pktgen() { # N
	pg rem_device_all kpktgend_0
	pg "add_device du0" kpktgend_0
	pg "count $1" du0
	pg "pkt_size 100" du0
	pg "delay 0" du0
	pg "xmit_mode queue_xmit" du0
	pg "dst 10.0.0.2" du0
	pg "dst_mac 02:00:00:00:00:02" du0
	pg start pgctrl
	echo $(($(sed -n 's/.*OK: \([0-9]*\)(c.*/\1/p' /proc/net/pktgen/du0) * 1000 / $1))
}

udp() { # N
	decisions flood 10.9.0.2 "$1" 60
}

in_tree() {
	tc qdisc replace dev du0 root noqueue
	tc qdisc replace dev du0 root netem limit 400000 "$@"
}

ours() {
	tc qdisc replace dev du0 root noqueue
	bqdisc attach du0 netem limit 400000 "$@" --force >/dev/null
}

# cost SENDER QDISC OPTIONS: of a packet when as many leave as come: what half as many more packets
# cost than those that come first, among which are those that come before the first one leaves.
cost() {
	local sender=$1 first all
	shift
	"$@"
	first=$($sender $packets)
	"$@"
	all=$($sender $((packets * 3 / 2)))
	echo $((all * 3 - first * 2))
}

# compare NAME SENDER MORE MS OPTIONS: ours may be dearer by MORE percent. With a delay of MS, which
# at the cost of a packet says how many are under way at once. They are gone when one could ask:
# pktgen takes its time to end.
compare() {
	local name=$1 sender=$2 more=$3 ms=$4 in_tree ours verdict=ok
	shift 4
	[[ $name =~ $only ]] || return
	in_tree=$(cost "$sender" in_tree "$@")
	ours=$(cost "$sender" ours "$@")
	bqdisc detach du0 >/dev/null
	[ $((ours * 100)) -le $((in_tree * (100 + more))) ] || {
		verdict="not ok"
		failed=1
	}
	echo "$verdict netem_cost/$name: ours $ours ns, in-tree $in_tree ns;" \
		"$((ms * 1000000 / ours)) packets under way"
}

# The first packets of so many make the kernel find memory for them: they are in no comparison.
in_tree delay 1s
pktgen 200000 >/dev/null

# With nothing under way, ours is dearer by what it takes to call BPF programs and to move a packet
# into a slot and out of it: see CONTRIBUTING.md.
packets=20000
compare pass pktgen 25 0 delay 0ms
packets=200000
compare delay pktgen 0 600 delay 600ms
compare jitter pktgen 0 700 delay 700ms 50ms
compare udp udp 0 900 delay 900ms
exit $failed
