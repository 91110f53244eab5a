# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Shared by the tests that count instructions: pktgen sends into the dummy device du0. Needs
# --icount, where one virtual nanosecond is one instruction.
#
# needs: cases.sh
set -u
PATH=/test:$PATH
# shellcheck source=tests/lib/cases.sh
. "${0%/*}/cases.sh"

# prepare QDISC|none: make du0. du1 keeps the kind of QDISC loaded between cases.
prepare() {
	modprobe pktgen || exit 1
	ip link add du0 type dummy
	echo 1 >/proc/sys/net/ipv6/conf/du0/disable_ipv6
	ip link set du0 up
	[ "$1" != none ] || return 0
	modprobe "sch_$1"
	ip link add du1 type dummy
	bqdisc attach du1 "$1" >/dev/null
}

settle() {
	sleep 4 # the guest's boot-time work
}

no_qdisc() { # DEV
	tc qdisc replace dev "$1" root noqueue
}

pg() { echo "$1" >"/proc/net/pktgen/$2"; }

# describe_packets N: N packets of 100 bytes; 0: without end.
describe_packets() {
	pg rem_device_all kpktgend_0
	pg "add_device du0" kpktgend_0
	pg "count $1" du0
	pg "pkt_size 100" du0
	pg "delay 0" du0
	pg "xmit_mode queue_xmit" du0
	pg "dst 10.0.0.2" du0
	pg "dst_mac 02:00:00:00:00:02" du0
}

# describe_flows N FLOWS: the same, each from another of FLOWS addresses in turn.
describe_flows() {
	describe_packets "$1"
	[ "$2" -gt 1 ] || return 0
	pg "src_min 10.1.0.1" du0
	pg "src_max 10.1.$(($2 >> 8)).$(($2 & 255))" du0
}

start_pktgen() { pg start pgctrl; }

# pktgen_us c|d: print the microseconds that the last run took, without (c) or with (d) the wait for
# the last packet to leave. A run that failed is a fault.
pktgen_us() {
	local us

	us=$(sed -n 's/.*OK: \([0-9]*\)(c\([0-9]*\)+.*/d\1 c\2/p' /proc/net/pktgen/du0 |
		grep -o "$1[0-9]*")
	[ -n "$us" ] || fault "pktgen: $(tail -n 1 /proc/net/pktgen/du0)"
	us=${us#"$1"}
	echo "${us:-0}"
}

# Make program NAME of stamp.bpf.o stamp the packets of du0, with the time NS.
# Needs stamp.bpf.o and bpftool.
stamp() { # NAME NS
	local bytes='' i

	tc qdisc replace dev du0 clsact
	tc filter del dev du0 egress 2>/dev/null
	tc filter add dev du0 egress bpf da obj /test/stamp.bpf.o sec "tc/$1" || exit 1
	for ((i = 0; i < 8; i++)); do
		bytes+="$((($2 >> (8 * i)) & 255)) "
	done
	# shellcheck disable=SC2086 # eight bytes
	bpftool map update name edt_times key 1 0 0 0 value $bytes
}
