#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `bqdisc bench` of a qdisc made with the kit, with one flow and with several. The schema validates
# its JSON, which includes the costs.
#
# runs: long
# suite: bench
# host
set -u
cd "${0%/*}/../.." || exit 2
out=build/check/bench.json

result() { # NAME FILTER
	if [ "$(jq "$2" $out)" = true ]; then
		echo "ok bench/$1"
	else
		echo "not ok bench/$1: $(jq -c . $out)"
		failed=1
	fi
}

failed=0
mkdir -p build/check
BQDISC_LIBEXEC=$PWD build/bqdisc -j bench build/tests/byo/mine.bpf.o --flows 1,64 >$out || {
	echo "not ok bench/run: exit status $?"
	exit 1
}
tests/schema/validate $out || failed=1
result cases 'map([.qdisc, .flows]) == [["noqueue", 1], ["noqueue", 64], ["mine", 1], ["mine", 64],
	["in-tree pfifo limit 1000", 1], ["in-tree pfifo limit 1000", 64]]'
result added 'map(select(.qdisc == "mine") | .added) | all(. > 600 and . < 1200)'
result peer 'map(select(.qdisc | startswith("in-tree")) | .added) | all(. > 150 and . < 400)'
result noqueue 'map(select(.qdisc == "noqueue") | .added) | all(. == 0)'
exit $failed
