#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Run each ```sh block of the README's runbook unchanged, on an eth0 that carries traffic, and those of
# the chapter on fleets.
#
# runs: check
# suite: ops
. "${0%/*}/lib.sh"
# shellcheck source=tests/lib/readme.sh
. "${0%/*}/readme.sh"

run_block() { # N
	run_readme_block Runbook "$1"
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

fleet='From one host to a fleet'

# Hosts are namespaces, each with an eth0.
make_hosts() {
	local host

	mkdir -p /tmp/bin
	cat >/tmp/bin/ssh <<-'END'
		#!/bin/bash
		exec bqdisc -n "${1#root@}" "${@:3}"
	END
	chmod +x /tmp/bin/ssh
	for host in one two three; do
		ip netns add "$host"
		ip -n "$host" link add eth0 type dummy
	done
	must bqdisc -n two attach eth0 fq limit 5
}

limits() {
	bqdisc -j ${1:+-n "$1"} show | jq -c '[.[] | "\(.dev) \(.qdisc) \(.options.limit_packets)"]'
}

test_fleet() {
	local host

	ip link add eth0 type dummy
	ip link add eth1 type dummy
	run_readme_block "$fleet" 1
	is "$(limits)" '["eth0 fq 20000"]' "state of the first host"
	is "$(tail -n 1 /tmp/out)" "eth0: attached" "the last line"
	ip link del eth1
	make_hosts
	PATH=/tmp/bin:$PATH run_readme_block "$fleet" 3
	is "$(head -n 5 /tmp/out | tr '\n' ' ')" \
		"+ eth0 fq limit 20000 --enforce one differs - eth0 fq limit 5p + eth0 fq limit 20000 --enforce two \
differs " "differences"
	for host in one two three; do
		is "$(limits "$host")" '["eth0 fq 20000"]' "state of $host"
	done
	run_readme_block "$fleet" 5
	is "$(limits)" '[]' "state in the end"
	[ ! -e /etc/bqdisc.d/10-site.conf ] || fail "the file is there"
	ip link del eth0
}

run_tests "$@"
