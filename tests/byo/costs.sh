#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Measure the kit's functions with costs.bpf.c, in a guest where a virtual nanosecond is an
# instruction. The headers state the costs as `NAME N` behind "Cost"; measured costs must agree
# within a tenth or five instructions. Functions of lists and trees are called lists_... there and
# list_... here.
#
#   costs.sh     beside it costs.bpf.o, the headers in bqdisc-headers/, and bqdisc
#
# runs: long
# needs: build/tests/byo/costs.bpf.o bpf/include/bqdisc:bqdisc-headers
# icount
# shellcheck source=tests/lib/pktgen.sh
. "${0%/*}/pktgen.sh"
cd "${0%/*}" || exit 2
PACKETS=20000

send() {
	describe_packets $PACKETS
	start_pktgen
}

counters() {
	bqdisc -j stats du0 | jq '.[0].stats'
}

# Print "NAME INSTRUCTIONS" for each function, without the instructions of the clock.
costs() { # BEFORE AFTER
	jq -r --slurpfile before "$1" '
		(.measured - $before[0].measured) as $n
		| ((.clock - $before[0].clock) / $n) as $clock
		| to_entries[] | select(.key | test("^(bq_|bpf_|list_|tree_)"))
		| "\(.key) \(((.value - $before[0][.key]) / $n - $clock) | round)"' "$2"
}

# Print the cost that the headers state.
said() { # FUNCTION
	grep -ohE "\b$1 [0-9]+\b" bqdisc-headers/*.h | sed 's/.* //' | head -n 1
}

prepare none
bqdisc attach du0 ./costs.bpf.o || exit 1
settle
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
