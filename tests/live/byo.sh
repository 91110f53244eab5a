#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Qdiscs that their users bring as object files: with our kit, and without.
#
# runs: check kernels@6.17,6.18,7.2
# needs: killat newqdisc
# needs: build/tests/byo/*.bpf.o:byo/ build/tests/verifier/*.bpf.o:byo/
# time: 100
. "${0%/*}/lib.sh"

cd "${0%/*}/byo" || exit 2 # the objects

# Our kinds' programs and maps go a moment after the last that held them.
objects_are() {
	[ "$(killat --objects)" = "$1" ]
}

nothing_stays() { # OBJECTS
	no_pins
	wait_for 10 objects_are "$1" || fail "programs, maps, links: $(killat --objects), were $1"
}

show() { # DEV FILTER
	bqdisc -j show "$1" | jq -c ".[0] | $2"
}

test_kit_lifecycle() {
	local before

	plain_pair 0
	before=$(killat --objects)
	must bqdisc attach ve0 ./mine.bpf.o limit 50
	is "$(show ve0 '[.qdisc, .kind, .options.limit_packets]')" '["mine","mine",50]' show
	is "$(root ve0 kind)" mine "what tc says"
	packets send ve0 10 >/dev/null
	is "$(stat ve0 enqueued)" 10 enqueued
	is "$(bqdisc attach ve0 ./mine.bpf.o limit 50)" "ve0: already so" "the second time"
	must bqdisc change ve0 limit 60
	is "$(show ve0 .options.limit_packets)" 60 "limit after the change"
	must bqdisc attach ve0 ./mine.bpf.o
	is "$(show ve0 .options.limit_packets)" 1000 "limit by default, from the object"
	is "$(stat ve0 enqueued)" 10 "enqueued after three changes"
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	nothing_stays "$before"
}

# The object is gone from the disk; what is pinned knows all of it.
test_without_the_file() {
	plain_pair 0
	plain_pair 1
	cp ./good.bpf.o /tmp/gone.bpf.o
	must bqdisc attach ve0 /tmp/gone.bpf.o rate 1mbit nospare
	rm /tmp/gone.bpf.o
	is "$(show ve0 .options)" '{"limit_packets":1000,"size_bytes":15360,"pause_ns":1500000,"rate_bits_per_second":1000000,"tries":3,"spare":false}' \
		options
	is "$(show ve0 '.stats | [.stored, .last_seen_ns, .untold, (.lengths | length)]')" '[0,0,0,8]' \
		counters
	must bqdisc change ve0 tries 9
	refuses 1 "good tries: '10' is out of range, 2 to 9" bqdisc change ve0 tries 10
	must bqdisc attach ve1 good pause 2s
	is "$(show ve1 .options.pause_ns)" 2000000000 "pause on ve1"
	is "$(show ve0 .options.tries)" 9 "tries on ve0"
	bqdisc help good | grep -q 'a number' || fail "help: $(bqdisc help good)"
	is "$(bqdisc -j list | jq -r '.[-1].qdisc')" good "the last of the list"
	must bqdisc detach ve0
	must bqdisc detach ve1
	no_pins
}

# Tries to give ve1 our own options as bqdisc would not; tells the limits that were taken.
limits_taken() {
	local layout limit none

	none=$(printf '0%.0s' {1..80})
	for layout in 01 02 03 04 05 06 07 08 09; do
		for limit in 0 5 100001; do
			newqdisc ve1 good "646271b9${layout}0000000000000050000000$(le64 0)$(le64 1)$(le64 "$limit")$none" \
				2>/dev/null && echo "$limit"
		done
	done
}

le64() { # NUMBER
	printf '%016x' "$1" | fold -w 2 | tac | tr -d '\n'
}

# Nobody prepared these: a stranger's tc, and values that no bqdisc would send.
test_kit_strangers() {
	plain_pair 0
	plain_pair 1
	must bqdisc attach ve0 ./good.bpf.o
	tc qdisc add dev ve1 root good || fail "tc cannot add it"
	is "$(show ve1 '[.options.limit_packets, .options.tries, .options.spare]')" '[1000,3,true]' defaults
	packets send ve1 10 >/dev/null
	is "$(root ve1 packets)" 10 "packets through the stranger's"
	tc qdisc del dev ve1 root
	newqdisc ve1 good 00000000 2>/dev/null && fail "four bytes of nothing are taken"
	is "$(limits_taken)" 5 "which of the limits 0, 5 and 100001 is taken"
	is "$(show ve1 .options.limit_packets)" 5 "limit from a stranger's blob"
	tc qdisc del dev ve1 root
	must bqdisc detach ve0
	no_pins
}

moves() { # as compared with the packets before
	[ "$(root ve0 packets)" -gt "$1" ]
}

test_changed_object_under_traffic() {
	local before counted transfer at_first

	plain_pair 0
	address_pair 0
	before=$(killat --objects)
	cp ./mine.bpf.o /tmp/it.bpf.o
	must bqdisc attach ve0 /tmp/it.bpf.o limit 500
	start_transfer
	wait_for 10 moves 50 || fail "no traffic"
	cp ./changed.bpf.o /tmp/it.bpf.o
	is "$(bqdisc attach ve0 /tmp/it.bpf.o limit 600)" "ve0: attached" "the changed object"
	is "$(show ve0 .options.limit_packets)" 600 "limit of the changed one"
	is "$(find /sys/fs/bpf/bqdisc -name '@*')" /sys/fs/bpf/bqdisc/@mine "kinds that are left"
	wait_for 10 moves 50 || fail "no traffic through the changed one"
	end_transfer
	counted=$(stat ve0 enqueued)
	packets send ve0 10 >/dev/null
	is $(($(stat ve0 enqueued) - counted)) 20 "how the changed one counts ten packets"
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	nothing_stays "$before"
}

# Another device keeps the old object until it is attached again, and gets the name back.
test_two_versions_at_once() {
	plain_pair 0
	plain_pair 1
	must bqdisc attach ve0 ./mine.bpf.o
	must bqdisc attach ve1 ./mine.bpf.o limit 5
	must bqdisc attach ve0 ./changed.bpf.o
	packets send ve0 3 >/dev/null
	packets send ve1 3 >/dev/null
	is "$(stat ve0 enqueued) $(stat ve1 enqueued)" "6 3" "what they count"
	is "$(bqdisc -j list | jq '[.[] | select(.qdisc == "mine")] | length')" 1 "rows of list"
	must bqdisc change ve1 limit 7
	is "$(show ve1 .options.limit_packets)" 7 "limit of the old one"
	must bqdisc detach ve0
	is "$(find /sys/fs/bpf/bqdisc -name '@*')" /sys/fs/bpf/bqdisc/@mine "the old one, reinstated"
	must bqdisc attach ve0 mine
	packets send ve0 3 >/dev/null
	is "$(stat ve0 enqueued)" 3 "what the old one counts on ve0"
	must bqdisc detach ve0
	must bqdisc detach ve1
	no_pins
}

# The kernel holds what had the name when the default was set: it is set again.
test_default_follows_the_name() {
	must bqdisc load ./mine.bpf.o
	must bqdisc default mine
	must bqdisc load ./changed.bpf.o
	is "$(cat /proc/sys/net/core/default_qdisc)" mine "net.core.default_qdisc"
	plain_pair 0 numtxqueues 2 numrxqueues 2
	wait_for 5 carrier ve0 || fail "no carrier"
	must tc qdisc add dev ve0 root handle 1: mq # a veth has none by default
	packets send ve0 10 >/dev/null
	is "$(bqdisc -j stats ve0 | jq '[.[].stats.enqueued] | add')" 20 "what the changed object counts"
	is "$(find /sys/fs/bpf/bqdisc -name '@*')" /sys/fs/bpf/bqdisc/@mine "kinds that are left"
	refuses 2 "mine is what new devices get" bqdisc unload mine
	must bqdisc default --restore
	ip link del ve0
	must bqdisc unload mine
	no_pins
}

# The kernel refuses the new one: the old one is there as if nothing had been.
test_failed_change_changes_nothing() {
	plain_pair 0
	must bqdisc attach ve0 ./mine.bpf.o limit 5
	bqdisc attach ve0 ./fail_dropped_twice.bpf.o --as mine 2>/tmp/err
	is $? 2 "exit status of the refused attach"
	grep -q '^bqdisc: .*the kernel refused the programs' /tmp/err || fail "it said: $(cat /tmp/err)"
	grep -q 'fail_dropped_twice.bpf.c:' /tmp/err || fail "no explanation: $(cat /tmp/err)"
	is "$(show ve0 '[.qdisc, .handle, .options.limit_packets]')" '["mine","8001:",5]' show
	is "$(find /sys/fs/bpf/bqdisc -name '@*')" /sys/fs/bpf/bqdisc/@mine pins
	ip link add du0 type dummy
	must bqdisc attach du0 mine
	must bqdisc detach du0
	must bqdisc detach ve0
	no_pins
}

test_names() {
	plain_pair 0
	must bqdisc attach ve0 ./good.bpf.o --as my.own_one
	is "$(show ve0 '[.qdisc, .kind]')" '["my.own_one","my.own_one"]' show
	must bqdisc attach ve0 ./good.bpf.o --as my.own_one tries 4
	is "$(show ve0 .options.tries)" 4 tries
	must bqdisc detach ve0
	refuses 2 "the kernel has a qdisc kind 'pfifo_fast' already.*--as" \
		bqdisc attach ve0 ./good.bpf.o --as pfifo_fast
	refuses 1 "that of one of bqdisc's own" bqdisc attach ve0 ./good.bpf.o --as fq
	must bqdisc attach ve0 ./good.bpf.o --as undo # what else has its pins there is not in the way
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
}

test_load_and_unload() {
	plain_pair 0
	is "$(bqdisc load ./mine.bpf.o)" "mine: loaded" load
	is "$(bqdisc load ./mine.bpf.o)" "mine: already so" "the second time"
	tc qdisc add dev ve0 root mine || fail "tc cannot use it"
	is "$(show ve0 .options.limit_packets)" 1000 "limit of tc's"
	is "$(bqdisc load ./changed.bpf.o)" "mine: loaded" "another object of that name"
	packets send ve0 5 >/dev/null
	is "$(stat ve0 enqueued)" 5 "what the old one still counts"
	tc qdisc del dev ve0 root
	must bqdisc attach ve0 mine
	packets send ve0 5 >/dev/null
	is "$(stat ve0 enqueued)" 10 "what the new one counts"
	must bqdisc detach ve0
	is "$(find /sys/fs/bpf/bqdisc -name '@*')" /sys/fs/bpf/bqdisc/@mine "what stays loaded"
	is "$(bqdisc unload mine)" "mine: gone" unload
	no_pins
	is "$(bqdisc load ./ok_list.bpf.o --as listed)" "listed: loaded" "load --as"
	must bqdisc attach ve0 listed
	must bqdisc unload listed
	is "$(root ve0 kind)" listed "what is attached"
	must bqdisc detach ve0
	no_pins
}

# plain OBJECT KIND: an object that knows nothing of us carries a connection.
plain() {
	local before transfer at_first

	plain_pair 0
	address_pair 0
	before=$(killat --objects)
	tc qdisc add dev ve0 root handle 7: pfifo limit 77
	refuses 3 'someone else configured' bqdisc attach ve0 "./$1.bpf.o"
	must bqdisc attach ve0 "./$1.bpf.o" --force
	is "$(show ve0 '[.qdisc, .options]')" "[\"$2\",{}]" show
	start_transfer
	end_transfer
	[ "$(stat ve0 packets)" -gt 50 ] || fail "$(stat ve0 packets) packets"
	is "$(bqdisc attach ve0 "./$1.bpf.o")" "ve0: already so" "the second time"
	must bqdisc detach ve0
	is "$(root ve0 options.limit)" 77 "limit of the pfifo that was there"
	nothing_stays "$before"
}

test_plain_list() { plain ok_list bqt_list; }
test_plain_rbtree() { plain ok_rbtree bqt_rbtree; }
test_plain_slots() { plain ok_slots bqt_slots; }

test_plain_device_removed() {
	plain_pair 0
	must bqdisc attach ve0 ./ok_list.bpf.o
	ip link del ve0
	must bqdisc detach lo
	no_pins
}

# One that was replaced behind our back is not ours any more.
test_plain_replaced_by_tc() {
	plain_pair 0
	must bqdisc attach ve0 ./ok_list.bpf.o
	tc qdisc replace dev ve0 root pfifo limit 5
	is "$(bqdisc -j show)" "[]" show
	must bqdisc detach ve0
	is "$(root ve0 kind)" pfifo "the root qdisc"
	no_pins
}

run_tests "$@"
