#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# In a guest in which a virtual nanosecond is an instruction: what the kit's functions cost, counted
# by costs.bpf.c, must be what the headers say of them, as `NAME N` behind "Cost", to a tenth or to
# five instructions. Those of lists and trees are called lists_... there, and list_... here.
#
#   costs.sh     beside it costs.bpf.o, the headers in bqdisc-headers/, and bqdisc
set -u
cd "${0%/*}" || exit 2
PATH=$PWD:$PATH
PACKETS=20000
failed=0

pg() { echo "$1" >"/proc/net/pktgen/$2"; }

send() {
	pg rem_device_all kpktgend_0
	pg "add_device du0" kpktgend_0
	pg "count $PACKETS" du0
	pg "pkt_size 100" du0
	pg "delay 0" du0
	pg "xmit_mode queue_xmit" du0
	pg "dst 10.0.0.2" du0
	pg "dst_mac 02:00:00:00:00:02" du0
	pg start pgctrl
}

counters() {
	bqdisc -j stats du0 | jq '.[0].stats'
}

# A line a function: its name and instructions a call, those of the clock taken off.
costs() { # BEFORE AFTER
	jq -r --slurpfile before "$1" '
		(.measured - $before[0].measured) as $n
		| ((.clock - $before[0].clock) / $n) as $clock
		| to_entries[] | select(.key | test("^(bq_|bpf_|list_|tree_)"))
		| "\(.key) \(((.value - $before[0][.key]) / $n - $clock) | round)"' "$2"
}

# What the headers say.
said() { # FUNCTION
	grep -ohE "\b$1 [0-9]+\b" bqdisc-headers/*.h | sed 's/.* //' | head -n 1
}

modprobe pktgen || exit 1
ip link add du0 type dummy
echo 1 >/proc/sys/net/ipv6/conf/du0/disable_ipv6
ip link set du0 up
bqdisc attach du0 ./costs.bpf.o || exit 1
sleep 4 # the guest's boot-time work
send
counters >/tmp/before
send
counters >/tmp/after
if [ "$(jq -c '[.measured, .unmatched]' /tmp/after)" != "[$((2 * PACKETS)),0]" ]; then
	echo "not ok costs/measured: $(jq -c '[.measured, .unmatched, .drops]' /tmp/after)"
	exit 1
fi
while read -r name cost; do
	number=$(said "$name")
	limit=$((cost / 10 > 5 ? cost / 10 : 5))
	if [ -n "$number" ] && [ $((number - cost)) -le $limit ] && [ $((cost - number)) -le $limit ]; then
		echo "ok costs/$name $cost"
	else
		echo "not ok costs/$name: it costs $cost, and its header says '$number'"
		failed=1
	fi
done < <(costs /tmp/before /tmp/after)
exit $failed
