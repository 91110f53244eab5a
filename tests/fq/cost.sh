# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What a packet costs in fq, in instructions, beside the in-tree fq: pktgen into a dummy device.
# Only with --icount, where one virtual nanosecond is one instruction. Prints, for each case, the
# nanoseconds a packet and what it adds to noqueue; runs each case twice and takes the second.
#
#   tests/vm/run --icount -k 7.2 -t 600 -f build/bqdisc tests/fq/cost.sh [FLOWS...]
set -u
PATH=/test:$PATH
packets=20000

modprobe pktgen
ip link add du0 type dummy
echo 1 >/proc/sys/net/ipv6/conf/du0/disable_ipv6
ip link set du0 up
sleep 4 # the guest's boot-time work

pg() { echo "$1" >"/proc/net/pktgen/$2"; }

# Nanoseconds a packet through whatever is on du0, with N flows.
run() { # FLOWS
	pg rem_device_all kpktgend_0
	pg "add_device du0" kpktgend_0
	pg "count $packets" du0
	pg "pkt_size 100" du0
	pg "delay 0" du0
	pg "xmit_mode queue_xmit" du0
	pg "dst 10.0.0.2" du0
	pg "dst_mac 02:00:00:00:00:02" du0
	if [ "$1" -gt 1 ]; then
		pg "flag FLOW_SEQ" du0
		pg "flows $1" du0
		pg "flowlen 1" du0
		pg "src_min 10.1.0.1" du0
		pg "src_max 10.1.$((($1 - 1) >> 8)).$(((($1 - 1) & 255) + 1))" du0
		pg "flag IPSRC_RND" du0
	fi
	pg start pgctrl
	sed -n 's/.*OK: \([0-9]*\)(c.*/\1/p' /proc/net/pktgen/du0
}

cost() { # FLOWS
	run "$1" >/dev/null
	echo $(($(run "$1") * 1000 / packets))
}

measure() { # NAME FLOWS COMMAND...
	local name=$1 flows=$2 ns
	shift 2
	"$@" >/dev/null || return 1
	ns=$(cost "$flows")
	[ "$name" = noqueue ] && base=$ns
	echo "$name flows=$flows ns=$ns added=$((ns - base))"
}

for flows in "${@:-1}"; do
	tc qdisc del dev du0 root 2>/dev/null
	measure noqueue "$flows" tc qdisc replace dev du0 root noqueue
	measure in-tree "$flows" tc qdisc replace dev du0 root fq orphan_mask 1048575
	tc qdisc replace dev du0 root noqueue
	measure ours "$flows" bqdisc attach du0 fq orphan_mask 1048575 --force
	bqdisc detach du0 >/dev/null
done
