#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Ten thousand instances in two network namespaces: attached, changed, read and detached. In virtual
# time, so that the limit of time does not depend on the machine.
#
# runs: long
# icount
# append: nohz=off
# memory: 3072
# time: 300
# limit: 3000
. "${0%/*}/lib.sh"

EACH=5000

make_namespace() { # NAME
	local i

	ip netns add "$1"
	for ((i = 1; i <= EACH; i++)); do
		echo "link add du$i type dummy"
	done >/tmp/batch
	must ip -n "$1" -batch /tmp/batch
}

available() {
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}

# is_given_back KIB: the kernel frees maps some time after the last process has closed them.
is_given_back() {
	[ $(($1 - $(available))) -lt 20480 ]
}

test_attach_change_read_detach() {
	local ns before started

	make_namespace one
	make_namespace two
	before=$(available)
	started=${SECONDS}
	for ns in one two; do
		bqdisc -n "$ns" attach 'du*' pfifo >/dev/null || fail "attach in $ns"
	done
	for ns in one two; do
		bqdisc -n "$ns" change 'du*' limit 7 >/dev/null || fail "change in $ns"
		is "$(bqdisc -n "$ns" -j show | jq 'map(select(.options.limit_packets == 7)) | length')" \
			$EACH "instances in $ns with the limit"
		is "$(bqdisc -n "$ns" -j stats | jq length)" $EACH "instances in $ns with counters"
	done
	for ns in one two; do
		bqdisc -n "$ns" detach --all >/dev/null || fail "detach in $ns"
	done
	echo "# $((SECONDS - started)) s for all"
	between $((SECONDS - started)) 0 120 "seconds for all"
	no_pins
	wait_for 30 is_given_back "$before" ||
		fail "$((before - $(available))) KiB of memory are left in use"
}

run_tests "$@"
