# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What a packet costs in netem, in instructions, beside the in-tree netem: pktgen into a dummy
# device, with some 100,000 packets under way. Only with --icount, where one virtual nanosecond is
# one instruction. Prints, for each case, the nanoseconds a packet and how many were held at the
# end; a case is "ok" when ours is no dearer than the in-tree one.
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

# Prints "NS HELD": with a delay some 100,000 are under way from the first quarter of the run on.
steady() { # PACKETS
	echo "$(run "$1") $(tc -s qdisc show dev du0 | sed -n 's/.*backlog [^ ]* \([0-9]*\)p.*/\1/p' | head -1)"
}

# compare NAME PACKETS OPTIONS
compare() {
	local name=$1 n=$2 in_tree ours
	shift 2
	tc qdisc replace dev du0 root noqueue
	tc qdisc replace dev du0 root netem limit 300000 "$@"
	in_tree=$(steady "$n")
	tc qdisc replace dev du0 root noqueue
	bqdisc attach du0 netem limit 300000 "$@" --force >/dev/null
	ours=$(steady "$n")
	bqdisc detach du0 >/dev/null
	if [ "${ours% *}" -le "${in_tree% *}" ]; then
		echo "ok netem_cost/$name: ${ours% *} ns, ${ours#* } held; in-tree ${in_tree% *} ns, ${in_tree#* } held"
	else
		echo "not ok netem_cost/$name: ${ours% *} ns, ${ours#* } held; in-tree ${in_tree% *} ns, ${in_tree#* } held"
		failed=1
	fi
}

compare pass 20000 delay 0ms
compare delay 400000 delay 1s
compare jitter 400000 delay 1s 100ms
compare all 400000 delay 1s 50ms 25% loss 1%
exit $failed
