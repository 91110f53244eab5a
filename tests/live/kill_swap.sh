#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Attach a changed object over its predecessor, killed at each system call that changes lasting
# state. ve0 must have one of both at every instant, packets must pass, and the next run or detach
# must remove the rest.
#
# KILLAT: "" kills before each such call, --exit right after it.
#
# runs: safety
# needs: killat
# needs: build/tests/byo/*.bpf.o:byo/
. "${0%/*}/lib.sh"
cd "${0%/*}/byo" || exit 2 # the objects

KILLAT=${KILLAT:-}

# Print by how much ten packets raise an object's counter: mine 10, changed 20.
counts_as() {
	local before now

	before=$(stat ve0 enqueued)
	packets send ve0 10 >/dev/null
	now=$(stat ve0 enqueued)
	echo $((now - before))
}

same_objects() {
	[ "$(killat --objects)" = "$objects" ]
}

# After the kill one of both objects is attached and complete.
one_of_both() { # WHEN
	local sent

	is "$(root ve0 kind)" mine "the root qdisc $1"
	is "$(bqdisc -j show ve0 2>/tmp/err | jq -r '.[0].handle')" "$(root ve0 handle)" "show $1"
	sent=$(root ve0 packets)
	packets send ve0 5 >/dev/null
	is $(($(root ve0 packets) - sent)) 5 "packets that go through $1"
}

# The interrupted command leaves only the files of one attached object.
only_the_new_one() { # WHEN
	is "$(echo /sys/fs/bpf/bqdisc/@*)" /sys/fs/bpf/bqdisc/@mine "kinds $1"
	is "$(counts_as)" 20 "what the changed object counts $1"
	is "$(bqdisc -j show ve0 | jq .[0].options.limit_packets)" 60 "limit $1"
	is "$(bqdisc -j list | jq '[.[] | select(.qdisc == "mine")] | length')" 1 "rows of list $1"
}

gone() { # WHEN
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc $1"
	no_pins
}

test_swap_killed() {
	local n=0 ended=0 call objects

	plain_pair 0
	objects=$(killat --objects)
	until [ "$ended" = 1 ]; do
		n=$((n + 1))
		must bqdisc attach ve0 ./mine.bpf.o limit 50
		# shellcheck disable=SC2086 # none or one
		call=$(killat $KILLAT "$n" bqdisc attach ve0 ./changed.bpf.o limit 60 2>/tmp/err)
		ended=$?
		[ "$ended" -le 1 ] || fail "without a kill: $(cat /tmp/err)"
		call="after it was killed at ${call##*$'\n'}"
		one_of_both "$call"
		# Every second time, run detach directly.
		if [ $((n % 2)) = "${ODD:-0}" ]; then
			must bqdisc attach ve0 ./changed.bpf.o limit 60
			only_the_new_one "$call, and run again"
		fi
		gone "$call"
	done
	[ "$n" -gt 10 ] || fail "only $n system calls"
	wait_for 10 same_objects || fail "left: $(killat --objects), before $objects"
	echo "# $((n - 1)) calls"
}

test_swap_killed_the_other_half() {
	ODD=1
	test_swap_killed
}

run_tests "$@"
