#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Time from the start of a stranger's tc until `bqdisc monitor --adopt` has given the qdisc its
# egress program. A virtual nanosecond is an instruction here, whatever the machine that emulates:
# that of a processor which completes one instruction a nanosecond.
#
# runs: long
# icount
# time: 30
. "${0%/*}/lib.sh"

LIMIT_MS=50

# Print the time of each event "adopted" in us.
stamp() {
	local line

	while read -r line; do
		[[ $line != *adopted* ]] || echo "${EPOCHREALTIME/[.,]/}"
	done
}

has_times() { # COUNT
	[ "$(wc -l </tmp/times)" -ge "$1" ]
}

# Print the ms from the start of tc until the qdisc that it makes is adopted.
time_of() { # COMMAND...
	local n started

	n=$(wc -l </tmp/times)
	started=${EPOCHREALTIME/[.,]/}
	must "$@"
	wait_for 10 has_times $((n + 1)) || fail "not adopted after $*"
	echo $((($(tail -n 1 /tmp/times) - started) / 1000))
}

test_monitor() {
	local ms n

	lacks netem
	plain_pair 0
	must bqdisc load netem --as netem
	must tc qdisc add dev ve0 root handle 1: netem delay 10ms
	bqdisc -j monitor --adopt > >(stamp >/tmp/times) &
	wait_for 10 has_times 1 || fail "not adopted at first"
	for n in 2 3 4 5; do
		ms=$(time_of tc qdisc replace dev ve0 root handle "$n:" netem delay "${n}0ms")
		echo "# adopted after $ms ms"
		[ "$ms" -le "$LIMIT_MS" ] || fail "adopted after $ms ms, at most $LIMIT_MS"
	done
	kill %1
}

run_tests "$@"
