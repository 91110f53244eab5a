#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Qdiscs of users' own object files, made with the kit and without it.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: kit_made_by_tc plain_killed
# needs: killat newqdisc
# needs: build/tests/byo/*.bpf.o:byo/ build/tests/verifier/*.bpf.o:byo/
# time: 100
. "${0%/*}/lib.sh"

cd "${0%/*}/byo" || exit 2 # the objects

# The kernel frees a kind's programs and maps shortly after their last holder.
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
	is "$(bqdisc attach ve0 ./mine.bpf.o limit 50)" "ve0: already attached with these options" "the second time"
	must bqdisc change ve0 limit 60
	is "$(show ve0 .options.limit_packets)" 60 "limit after the change"
	must bqdisc attach ve0 ./mine.bpf.o
	is "$(show ve0 .options.limit_packets)" 1000 "limit by default, from the object"
	is "$(stat ve0 enqueued)" 10 "enqueued after three changes"
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	nothing_stays "$before"
}

# The object file is deleted; the pins have all that is needed.
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
	refuses 1 "good tries: '10' is out of range; use 2 to 9" bqdisc change ve0 tries 10
	must bqdisc attach ve1 good pause 2s
	is "$(show ve1 .options.pause_ns)" 2000000000 "pause on ve1"
	is "$(show ve0 .options.tries)" 9 "tries on ve0"
	bqdisc help good | grep -q 'A number' || fail "help: $(bqdisc help good)"
	is "$(bqdisc -j list | jq -r '.[-1].qdisc')" good "the last of the list"
	must bqdisc detach ve0
	must bqdisc detach ve1
	no_pins
}

# Try options with a valid header but without bqdisc's reservation, and print the accepted limits.
limits_taken() {
	local layout limit none

	none=$(printf '0%.0s' {1..80})
	for layout in 0{1..9} 0{a..f} 1{0..9}; do
		for limit in 0 5 100001; do
			newqdisc ve1 good "646271b9${layout}0000000000000050000000$(le64 0)$(le64 1)$(le64 "$limit")$none" \
				2>/dev/null && echo "$limit"
		done
	done
}

le64() { # NUMBER
	printf '%016x' "$1" | fold -w 2 | tac | tr -d '\n'
}

# Create instances with tc and with options that bqdisc would not send.
test_kit_made_by_tc() {
	plain_pair 0
	plain_pair 1
	must bqdisc attach ve0 ./good.bpf.o
	tc qdisc add dev ve1 root good || fail "tc cannot add it"
	is "$(show ve1 '[.options.limit_packets, .options.tries, .options.spare]')" '[1000,3,true]' defaults
	packets send ve1 10 >/dev/null
	is "$(root ve1 packets)" 10 "packets through tc's qdisc"
	tc qdisc del dev ve1 root
	newqdisc ve1 good 00000000 2>/dev/null && fail "four bytes of nothing are taken"
	is "$(limits_taken)" 5 "which of the limits 0, 5 and 100001 is taken"
	is "$(show ve1 .options.limit_packets)" 5 "limit from an unreserved blob"
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

# Another device keeps the old object until the next attach there, which restores the name.
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

# The default refers to the kind that had the name before, so it is set again.
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
	refuses 2 "mine: is the default qdisc" bqdisc unload mine
	must bqdisc default --restore
	ip link del ve0
	must bqdisc unload mine
	no_pins
}

# The kernel refuses the new object: the old one stays unchanged.
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
	refuses 2 "pfifo_fast: the kernel has a qdisc kind of this name.*--as" \
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
	is "$(bqdisc load ./mine.bpf.o)" "mine: already loaded" "the second time"
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
	is "$(bqdisc unload mine)" "mine: unregistered" unload
	no_pins
	is "$(bqdisc load ./ok_list.bpf.o --as listed)" "listed: loaded" "load --as"
	must bqdisc attach ve0 listed
	must bqdisc unload listed
	is "$(root ve0 kind)" listed "what is attached"
	must bqdisc detach ve0
	no_pins
}

# The memory of an object's maps is compared with the available memory before they are created.
test_maps_without_a_bound() {
	local before more='[0-9.]+ GB .*of kernel memory.* half of the [0-9.]+ [MG]B that are available'

	plain_pair 0
	before=$(tc qdisc show)
	refuses 2 "load good: needs $more" bqdisc load ./hoard.bpf.o
	refuses 2 "good with these options: needs $more" bqdisc attach ve0 ./hoard.bpf.o
	refuses 2 "good with these options: needs $more" \
		bqdisc attach ve0 ./hoard.bpf.o --memory 1000gb --force
	is "$(tc qdisc show)" "$before" "the qdiscs"
	no_pins
}

# plain OBJECT KIND: attach an object built without the kit, and carry a connection through it.
plain() {
	local before transfer at_first

	plain_pair 0
	address_pair 0
	before=$(killat --objects)
	tc qdisc add dev ve0 root handle 7: pfifo limit 77
	refuses 3 'has a configured qdisc' bqdisc attach ve0 "./$1.bpf.o"
	must bqdisc attach ve0 "./$1.bpf.o" --force
	is "$(show ve0 '[.qdisc, .options]')" "[\"$2\",{}]" show
	start_transfer
	end_transfer
	[ "$(stat ve0 packets)" -gt 50 ] || fail "$(stat ve0 packets) packets"
	is "$(bqdisc attach ve0 "./$1.bpf.o")" "ve0: already attached with these options" "the second time"
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

# A qdisc that tc replaced is no longer reported as attached.
test_plain_replaced_by_tc() {
	plain_pair 0
	must bqdisc attach ve0 ./ok_list.bpf.o
	tc qdisc replace dev ve0 root pfifo limit 5
	is "$(bqdisc -j show)" "[]" show
	must bqdisc detach ve0
	is "$(root ve0 kind)" pfifo "the root qdisc"
	no_pins
}

# --- objects that were not made with the kit: globals.bpf.o has one list for all its qdiscs ---

pacer() { # DEV [WORD]...
	must bqdisc attach "$1" ./globals.bpf.o "${@:2}"
}

kinds_pinned() {
	find /sys/fs/bpf/bqdisc -name '@*' | wc -l
}

receive() { # N: into /tmp/received.N
	ip netns exec peer packets receive "vf$1" 100 5000 >"/tmp/received.$1"
}

# All frames wait at the same time. A list shared by both qdiscs would mix the devices.
test_plain_two_devices() {
	local before n receivers=()

	plain_pair 0
	plain_pair 1
	before=$(killat --objects)
	pacer ve0 rate_kbps 800
	pacer ve1 rate_kbps 800
	for n in 0 1; do
		receive $n &
		receivers+=($!)
	done
	wait_for 10 both_listen || fail "no receivers"
	packets send ve0 100 >/dev/null
	packets send ve1 100 >/dev/null
	wait "${receivers[@]}"
	for n in 0 1; do
		is "$(jq -c '[.received, .first, .last, .in_order]' /tmp/received.$n)" '[100,0,99,true]' \
			"what arrives from ve$n"
		is "$(show ve$n '.stats | [.packets, .drops, .backlog_packets, .enqueued, .dequeued]')" \
			'[100,0,0,100,100]' "counters of ve$n"
	done
	is "$(bqdisc -j show | jq -c '[.[].kind] | sort')" '["pacer_of_test.2","pacer_of_tests"]' kinds
	is "$(bqdisc -j list | jq '[.[] | select(.qdisc == "pacer_of_tests")] | length')" 1 "rows of list"
	must bqdisc detach ve0
	packets send ve1 5 >/dev/null
	is "$(show ve1 '[.kind, .stats.enqueued]')" '["pacer_of_test.2",105]' "ve1 after the detach of ve0"
	must bqdisc detach ve1
	nothing_stays "$before"
}

both_listen() {
	[ "$(ip netns exec peer grep -c . /proc/net/packet)" -ge 3 ] # one line is the heading
}

test_plain_options() {
	plain_pair 0
	pacer ve0 rate_kbps 64 queue_limit=5 c_u16 65535 c_s8=-128 c_bool true mode DROP_ALL \
		wide=SMALL c_s64 -9007199254740991 live_limit 7 live_s32=-2147483648 live_bool no live_u8 255
	is "$(show ve0 .options)" '{"queue_limit":5,"c_u16":65535,"c_s8":-128,"mode":"DROP_ALL","wide":"SMALL","c_s64":-9007199254740991,"rate_kbps":64,"c_bool":true,"live_limit":7,"live_s32":-2147483648,"live_bool":false,"live_u8":255}' \
		options
	# Values as the programs see them: c_s64 + c_s8 + c_u16 + c_bool + wide.
	pacer ve0 c_s64 1000 c_s8 -100 c_u16 7 c_bool yes wide SMALL live_s32 -5 live_u8=200
	packets send ve0 3 >/dev/null
	is "$(show ve0 '.stats | [.seen_c_s64, .last_s32, .seen_u8, .enqueued]')" '[907,-5,200,3]' \
		"what the programs saw"
	pacer ve0 mode 1
	is "$(show ve0 .options.mode)" '"DROP_ALL"' "a mode by its number"
	packets send ve0 3 >/dev/null
	is "$(show ve0 '.stats | [.enqueued, .dropped, .bss_drops]')" '[0,3,3]' "counters of DROP_ALL"
	pacer ve0 rate_kbps 18446744073709551615 c_s64 -9223372036854775808
	# jq has no integers of that size.
	bqdisc show ve0 | grep -q ' c_s64 -9223372036854775808 ' || fail "show: $(bqdisc show ve0)"
	is "$(show ve0 .options.rate_kbps)" '"18446744073709551615"' "the largest rate"
	bqdisc help ./globals.bpf.o >/tmp/help || fail "no help"
	tr -s ' \n' ' ' </tmp/help | grep -q 'FIFO, DROP_ALL, HOLD_ALL' || fail "help: $(cat /tmp/help)"
	must bqdisc detach ve0
	no_pins
}

test_plain_option_errors() {
	local name value says

	plain_pair 0
	while read -r name value; do
		says="$name: '$value' is (out of range|negative)"
		refuses 1 "$says" bqdisc attach ve0 ./globals.bpf.o "$name" "$value"
		refuses 1 "$says" bqdisc attach ve0 ./globals.bpf.o "$name=$value"
	done <<-END
		c_u16 65536
		c_u16 -1
		c_s8 128
		c_s8 -129
		queue_limit 4294967296
		rate_kbps -1
		live_s32 2147483648
		live_s32 -2147483649
		live_u8 256
	END
	refuses 1 "is too large" bqdisc attach ve0 ./globals.bpf.o rate_kbps 18446744073709551616
	refuses 1 "is too large" bqdisc attach ve0 ./globals.bpf.o c_s64 9223372036854775808
	refuses 1 "is not a number" bqdisc attach ve0 ./globals.bpf.o rate_kbps=fast
	refuses 1 "is empty" bqdisc attach ve0 ./globals.bpf.o rate_kbps=
	refuses 1 "missing value" bqdisc attach ve0 ./globals.bpf.o rate_kbps
	refuses 1 "given twice" bqdisc attach ve0 ./globals.bpf.o live_u8=1 live_u8 1
	refuses 1 "the nearest is 'rate_kbps'" bqdisc attach ve0 ./globals.bpf.o rate_kbs=64
	refuses 1 "is none of FIFO, DROP_ALL, HOLD_ALL; the nearest is 'DROP_ALL'" \
		bqdisc attach ve0 ./globals.bpf.o mode DROPALL
	refuses 1 "is none of false, true" bqdisc attach ve0 ./globals.bpf.o c_bool 2
	refuses 1 "unknown option 'live_struct'" bqdisc attach ve0 ./globals.bpf.o live_struct 2
	refuses 1 "unknown option 'enqueued'" bqdisc attach ve0 ./globals.bpf.o enqueued=2
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
}

test_plain_counters() {
	plain_pair 0
	pacer ve0
	packets send ve0 10 >/dev/null
	is "$(stat ve0 enqueued) $(stat ve0 dequeued) $(stat ve0 bss_drops)" "10 10 0" counters
	is "$(bqdisc stats ve0 enqueued) $(bqdisc stats ve0 last_s32)" "10 -32" "counters one by one"
	is "$(bqdisc -j stats ve0 last_s32 | jq -c .)" '{"dev":"ve0","last_s32":-32}' "one as JSON"
	must bqdisc stats ve0
	grep -Eq '^ *enqueued +10$' /tmp/out || fail "stats: $(cat /tmp/out)"
	is "$(show ve0 '.stats | [has("per_cpu"), has("drops"), has("live_struct"), .qlen]')" \
		"[false,true,false,0]" "counters that there are"
	refuses 1 "the nearest is 'enqueued'" bqdisc stats ve0 enqueud
	must bqdisc detach ve0
	no_pins
}

test_plain_attached_again() {
	plain_pair 0
	plain_pair 1
	pacer ve1 queue_limit 55
	pacer ve0 rate_kbps 100000 live_u8=4
	packets send ve0 4 >/dev/null
	is "$(bqdisc attach ve0 ./globals.bpf.o rate_kbps=100000 live_u8 4)" "ve0: already attached with these options" "the same"
	is "$(bqdisc attach ve0 pacer_of_tests rate_kbps=100000 live_u8 4)" "ve0: already attached with these options" "by name"
	is "$(bqdisc attach ve0 pacer_of_tests rate_kbps=100000 live_u8 5)" "ve0: attached" "a variable"
	packets send ve0 1 >/dev/null
	is "$(show ve0 '.stats | [.enqueued, .seen_u8]')" '[5,5]' "counters after a live change"
	is "$(bqdisc change ve0 live_limit=9)" "ve0: changed" "a live change"
	is "$(bqdisc change ve0 live_limit=9)" "ve0: already has these options" "the same change"
	is "$(show ve0 '[.options.live_limit, .options.live_u8, .stats.enqueued]')" '[9,5,5]' "after it"
	refuses 1 "rate_kbps: a constant of the object cannot be changed live; 'bqdisc attach'" \
		bqdisc change ve0 rate_kbps 7
	must bqdisc change ve0 rate_kbps 100000 live_u8 6
	pacer ve0 rate_kbps 7
	is "$(show ve0 '[.options.rate_kbps, .options.live_u8, .stats.enqueued]')" '[7,8,0]' \
		"after a constant was changed"
	is "$(kinds_pinned)" 2 "kinds"
	is "$(show ve1 '[.options.queue_limit, .stats.enqueued]')" '[55,0]' "ve1, left alone"
	must bqdisc detach ve0
	pacer ve0
	is "$(show ve0 .options.rate_kbps)" 0 "rate after detach and attach"
	must bqdisc detach ve0
	must bqdisc detach ve1
	no_pins
}

# A kind loaded by hand names the qdisc, and stays loaded.
test_plain_loaded() {
	plain_pair 0
	is "$(bqdisc load ./globals.bpf.o)" "pacer_of_tests: loaded" load
	is "$(bqdisc load ./globals.bpf.o)" "pacer_of_tests: already loaded" "load again"
	must bqdisc attach ve0 pacer_of_tests rate_kbps 64
	is "$(show ve0 '[.kind, .options.rate_kbps]')" '["pacer_of_tests",64]' "after attach"
	is "$(kinds_pinned)" 1 "kinds"
	must bqdisc detach ve0
	must bqdisc attach ve0 pacer_of_tests
	is "$(show ve0 '[.kind, .options.rate_kbps]')" '["pacer_of_tests",0]' "after attach again"
	must bqdisc detach ve0
	is "$(kinds_pinned)" 1 "kinds that stay"
	refuses 1 "cannot be a default" bqdisc default pacer_of_tests
	must bqdisc unload pacer_of_tests
	no_pins
}

test_plain_of_several_queues() {
	plain_pair 0 numtxqueues 2 numrxqueues 2
	refuses 1 "^bqdisc: --mq: .*share its variables" bqdisc attach ve0 ./globals.bpf.o --mq
	pacer ve0
	is "$(root ve0 kind)" pacer_of_tests "the root qdisc"
	must bqdisc detach ve0
	must tc qdisc add dev ve0 root handle 1: mq
	pacer ve0 --parent 1:1
	pacer ve0 --parent 1:2
	is "$(bqdisc -j show ve0 | jq -c '[.[].kind] | sort')" '["pacer_of_test.2","pacer_of_tests"]' kinds
	must bqdisc detach ve0 --parent 1:1
	must bqdisc detach ve0 --parent 1:2
	no_pins
}

# Another program registers the kind of globals.bpf.o during the test.
foreign_kind() {
	trap 'rm -rf /sys/fs/bpf/foreign' EXIT
	must bpftool struct_ops register ./globals.bpf.o /sys/fs/bpf/foreign
}

test_plain_names() {
	local dev

	plain_pair 0
	for dev in du0 du1 du2; do
		ip link add $dev type dummy
	done
	must bqdisc attach du0 ./mine.bpf.o --as pacer_of_test.2
	for dev in ve0 du1; do
		pacer $dev
	done
	is "$(bqdisc -j show du1 | jq -r '.[0].kind')" pacer_of_test.3 "the kind beside a taken one"
	must bqdisc attach du2 ./globals.bpf.o --as mine
	is "$(show du2 '[.qdisc, .kind]')" '["mine","mine"]' "another name"
	for dev in ve0 du0 du1 du2; do
		must bqdisc detach $dev
	done
	foreign_kind
	bqdisc attach ve0 ./globals.bpf.o 2>/tmp/err
	is $? 2 "exit status of attach under a taken name"
	grep -q "the kernel has a qdisc kind of this name.*--as NAME" /tmp/err ||
		fail "it said: $(cat /tmp/err)"
	must bqdisc attach ve0 ./globals.bpf.o --as mine
	must bqdisc detach ve0
	rm -r /sys/fs/bpf/foreign
	no_pins
}

# The printed commands recreate the qdiscs after these and their kinds are gone.
test_plain_commands() {
	plain_pair 0
	plain_pair 1
	mkdir -p "/tmp/with blank"
	cp ./globals.bpf.o "/tmp/with blank/it.bpf.o"
	must bqdisc attach ve0 "/tmp/with blank/it.bpf.o" mode HOLD_ALL c_s8 -3 live_bool=no
	must bqdisc attach ve1 "/tmp/with blank/it.bpf.o" --as other rate_kbps 5
	bqdisc -j show | jq -c 'map([.dev, .qdisc, .options])' >/tmp/before
	bqdisc show --commands >/tmp/commands
	must bqdisc detach ve0
	must bqdisc detach ve1
	no_pins
	must sh -e /tmp/commands
	is "$(bqdisc -j show | jq -c 'map([.dev, .qdisc, .options])')" "$(cat /tmp/before)" "fed back"
	rm -r "/tmp/with blank"
	is "$(bqdisc show ve1 --commands)" "bqdisc attach ve1 other rate_kbps 5" "without the file"
	must bqdisc detach ve0
	must bqdisc detach ve1
	no_pins
}

# bqdisc cannot read the options of another program's BPF qdisc, and restores it by its kind.
test_foreign_bpf_is_put_back() {
	plain_pair 0
	foreign_kind
	must tc qdisc add dev ve0 root handle 7: pacer_of_tests
	refuses 3 "pacer_of_tests 7:; --force replaces it, and detach restores it" bqdisc attach ve0 pfifo
	must bqdisc attach ve0 pfifo --force
	is "$(cat /tmp/out)" "ve0: attached" "what attach says"
	must bqdisc detach ve0
	is "$(root ve0 kind) $(root ve0 handle)" "pacer_of_tests 7:" "the root qdisc"
	must bqdisc attach ve0 ./mine.bpf.o --force
	rm -r /sys/fs/bpf/foreign
	bqdisc detach ve0 >/tmp/out 2>/tmp/err || fail "detach: $(cat /tmp/err)"
	is "$(cat /tmp/err)" "bqdisc: warning: not restored: the qdisc pacer_of_tests, whose kind is no longer registered" \
		"what detach warns of"
	is "$(root ve0 kind)" noqueue "the root qdisc when the kind is gone"
	no_pins
}

# killed_at_calls CHECK SETUP... -- COMMAND...: kill at every third call that changes lasting state.
killed_at_calls() {
	local check=$1 setup=() n=$((RANDOM % 3 - 2)) ended=0 call

	shift
	while [ "$1" != -- ]; do
		setup+=("$1")
		shift
	done
	shift
	until [ "$ended" = 1 ]; do
		n=$((n + 3))
		"${setup[@]}"
		call=$(killat "$n" "$@" 2>/tmp/err)
		ended=$?
		[ "$ended" -le 1 ] || fail "'$*' without a kill: $(cat /tmp/err)"
		if [ $((n % 2)) = 0 ]; then
			must "$@"
			$check "after '$*', killed at ${call##*$'\n'}, and run again"
		fi
		must bqdisc detach ve1
		is "$(root ve1 kind)" noqueue "ve1 after '$*', killed at ${call##*$'\n'}"
		is "$(kinds_pinned)" 1 "kinds after '$*', killed at ${call##*$'\n'}"
	done
	echo "# up to $n calls of '$*', each third"
}

rate_is_6() {
	is "$(show ve1 .options.rate_kbps)" 6 "rate $1"
	is "$(kinds_pinned)" 2 "kinds $1"
}

u8_is_9() {
	packets send ve1 1 >/dev/null
	is "$(show ve1 '[.options.live_u8, .stats.seen_u8]')" '[9,9]' "variable $1"
}

test_plain_killed() {
	local before

	plain_pair 0
	plain_pair 1
	before=$(killat --objects)
	pacer ve0 queue_limit 55
	killed_at_calls rate_is_6 : -- bqdisc attach ve1 ./globals.bpf.o rate_kbps 6
	killed_at_calls rate_is_6 pacer ve1 rate_kbps 5 -- bqdisc attach ve1 ./globals.bpf.o rate_kbps 6
	killed_at_calls u8_is_9 pacer ve1 -- bqdisc change ve1 live_u8 9
	packets send ve0 10 >/dev/null
	is "$(show ve0 '[.kind, .options.queue_limit, .stats.enqueued]')" '["pacer_of_tests",55,10]' ve0
	must bqdisc detach ve0
	nothing_stays "$before"
}

run_tests "$@"
