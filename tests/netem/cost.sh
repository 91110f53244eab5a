# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What a packet costs in netem, in instructions, beside the in-tree netem: pktgen into a dummy
# device, with more than 100,000 packets under way. Only with --icount, where one virtual nanosecond
# is one instruction. Ours is dearer than the in-tree one: a case is "ok" while it is so by no more
# than CONTRIBUTING.md explains.
set -u
PATH=/test:$PATH
failed=0

modprobe pktgen
modprobe sch_netem
ip link add du0 type dummy
ip link add du1 type dummy
echo 1 >/proc/sys/net/ipv6/conf/du0/disable_ipv6
ip link set du0 up
bqdisc attach du1 netem >/dev/null # the kind stays loaded
sleep 4                            # the guest's boot-time work

pg() { echo "$1" >"/proc/net/pktgen/$2"; }

# Sends N packets through whatever is on du0; nanoseconds a packet.
run() { # N
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

# compare NAME MORE PACKETS MS OPTIONS: ours may be dearer by MORE percent. With a delay of MS, which
# at the cost of a packet says how many are under way at once. They are gone when one could ask:
# pktgen takes its time to end.
compare() {
	local name=$1 more=$2 n=$3 ms=$4 in_tree ours verdict=ok
	shift 4
	tc qdisc replace dev du0 root noqueue
	tc qdisc replace dev du0 root netem limit 300000 "$@"
	in_tree=$(run "$n")
	tc qdisc replace dev du0 root noqueue
	bqdisc attach du0 netem limit 300000 "$@" --force >/dev/null
	ours=$(run "$n")
	bqdisc detach du0 >/dev/null
	[ $((ours * 100)) -le $((in_tree * (100 + more))) ] || {
		verdict="not ok"
		failed=1
	}
	echo "$verdict netem_cost/$name: ours $ours ns, in-tree $in_tree ns;" \
		"$((ms * 1000000 / ours)) packets under way"
}

# The first packets of so many make the kernel find memory for them: they are in no comparison.
tc qdisc replace dev du0 root netem limit 300000 delay 1s
run 200000 >/dev/null

compare pass 25 20000 0 delay 0ms
compare delay 20 200000 1000 delay 1s
compare jitter 30 200000 1000 delay 1s 100ms
compare all 30 200000 1000 delay 1s 50ms 25% loss 1%
exit $failed
