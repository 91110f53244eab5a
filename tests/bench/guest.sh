#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Run the cases of tests/bench/run in the guest. One virtual nanosecond is one instruction, so
# pktgen's times are numbers of instructions. Each case runs twice and the second run counts,
# because the first contains one-time work. Runs of one case differ by less than 0.1 %.
set -u
cd "${0%/*}" || exit 2
PATH=$PWD:$PATH
PACKETS=20000

pg() { echo "$1" >"/proc/net/pktgen/$2"; }

# A hundred bytes to one address, from as many as there are flows, in turn.
describe_traffic() { # FLOWS
	pg rem_device_all kpktgend_0
	pg "add_device du0" kpktgend_0
	pg "count $PACKETS" du0
	pg "pkt_size 100" du0
	pg "delay 0" du0
	pg "xmit_mode queue_xmit" du0
	pg "dst 10.0.0.2" du0
	pg "dst_mac 02:00:00:00:00:02" du0
	[ "$1" -gt 1 ] || return 0
	pg "flag FLOW_SEQ" du0
	pg "flows $1" du0
	pg "flowlen 1" du0
	pg "src_min 10.1.0.1" du0
	pg "src_max 10.1.$((($1 - 1) >> 8)).$(((($1 - 1) & 255) + 1))" du0
	pg "flag IPSRC_RND" du0
}

# Microseconds that the packets take.
run() { # FLOWS
	describe_traffic "$1"
	pg start pgctrl
	sed -n 's/.*OK: \([0-9]*\)(c.*/\1/p' /proc/net/pktgen/du0
}

measure() { # CASE
	local flows

	for flows in ${FLOWS//,/ }; do
		run "$flows" >/dev/null
		printf '{"case":%d,"flows":%d,"instructions":%d}\n' "$1" "$flows" \
			$(($(run "$flows") * 1000 / PACKETS))
	done
}

bare() {
	bqdisc detach du0 >/dev/null 2>&1
	tc qdisc replace dev du0 root noqueue
}

FLOWS=$1
shift
modprobe pktgen || exit 1
ip link add du0 type dummy
echo 1 >/proc/sys/net/ipv6/conf/du0/disable_ipv6
ip link set du0 up
sleep 4 # the guest's boot-time work
bare
measure 0
n=0
for case in "$@"; do
	n=$((n + 1))
	bare
	# shellcheck disable=SC2086 # words
	case $case in
	tc\ *) tc qdisc replace dev du0 root ${case#tc } || continue ;;
	bqdisc\ *) bqdisc attach du0 "${case#bqdisc }" --force >/dev/null || continue ;;
	esac
	measure $n
done
