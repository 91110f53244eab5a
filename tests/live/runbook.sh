#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Run each ```sh block of the README's runbook unchanged, on an eth0 that carries traffic.
#
# runs: check
# suite: ops
# needs: ./README.md
. "${0%/*}/lib.sh"

# Print block N of the runbook.
block() {
	awk -v want="$1" '
		/^## / { inside = $0 == "## Runbook" }
		inside && /^```$/ { printing = 0 }
		printing
		inside && /^```sh$/ { printing = ++n == want }' /test/README.md
}

run_block() { # N
	block "$1" >/tmp/block
	[ -s /tmp/block ] || fail "the README has no block $1 in its runbook"
	bash -eu /tmp/block >/tmp/out 2>&1 || fail "block $1: $(cat /tmp/out)"
}

options() {
	bqdisc -j show eth0 | jq -c '.[0].options'
}

test_runbook() {
	plain_pair 0
	ip addr add 10.9.0.1/24 dev ve0
	ip -n peer addr add 10.9.0.2/24 dev vf0
	ip link set ve0 down
	ip link set ve0 name eth0
	ip link set eth0 up
	wait_for 5 carrier eth0 || fail "eth0 has no carrier"
	ping -i 0.2 10.9.0.2 >/tmp/ping &
	run_block 1
	run_block 1
	is "$(options)" '{"limit_packets":500}' "options after attaching twice"
	run_block 2
	is "$(options)" '{"limit_packets":1000}' "options after changing"
	run_block 3
	grep -Eq '^[0-9]+$' <(head -n 1 /tmp/out) || fail "no bare number: $(cat /tmp/out)"
	grep -Eq '^eth0 pfifo [0-9]+ 0$' /tmp/out || fail "no line of eth0: $(cat /tmp/out)"
	is "$(bqdisc stats eth0 drops)" 0 "drops"
	kill -INT %1
	wait %1
	grep -q ' 0% packet loss' /tmp/ping || fail "$(tail -n 2 /tmp/ping)"
	run_block 4
	grep -q '^bqdisc_drops_total{device="eth0".* 0$' /tmp/out || fail "no metrics: $(cat /tmp/out)"
	run_block 5
	is "$(root eth0 kind)" noqueue "the root qdisc in the end"
	ip link del eth0
	bqdisc detach lo >/dev/null
	no_pins
}

run_tests "$@"
