#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Kernel memory of instances: shown as the kernel charges it. A command that needs more than
# --memory, or more than half of the free memory, is refused before it makes anything.
#
# runs: check kernels@6.18,7.3
# long: default_cost idle_flows_make_room many_queues_with_many_buckets
# suite: ops
# needs: stamp.bpf.o
. "${0%/*}/lib.sh"

# Print the bytes of all BPF maps as the kernel charges them.
all_maps() {
	bpftool -j map show | jq '[.[].bytes_memlock] | add'
}

memory() { # DEV
	bqdisc -j show "$1" | jq '.[0].memory_bytes'
}

stat_of() { # DEV JQ
	bqdisc -j stats "$1" | jq ".[0].stats | $2"
}

available() { # bytes
	awk '/^MemAvailable/ { printf "%.0f", $2 * 1024 }' /proc/meminfo
}

wide() { # DEV QUEUES
	ip link add "$1" numtxqueues "$2" type dummy
	ip link set "$1" up
}

# Print all qdiscs of the machine, and bqdisc's view of its own.
state() {
	tc qdisc show
	bqdisc -j show | jq -c '[.[] | [.dev, .options, .memory_bytes]]'
}

# refused_whole STATE REGEX COMMAND...: one line, exit status 2, nothing changed.
refused_whole() {
	local before=$1

	shift
	refuses 2 "$@"
	is "$(state)" "$before" "what is there after a refusal"
}

test_cost_is_what_the_kernel_says() {
	local before told

	ip link add du0 type dummy
	ip link add du1 type dummy
	must bqdisc attach du0 pfifo
	before=$(all_maps)
	must bqdisc attach du1 pfifo limit 100000
	told=$(memory du1)
	between "$told" 800000 810000 "memory of 100000 slots of 8 bytes"
	between $(($(all_maps) - before)) $((told * 95 / 100)) $((told * 110 / 100)) "memory of the maps"
	before=$(all_maps)
	must bqdisc change du1 limit 500000
	between $(($(memory du1) - told)) $(($(all_maps) - before - 100000)) \
		$(($(all_maps) - before + 200000)) "told of what it grew by"
}

test_default_cost() {
	local qdisc told

	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		plain_pair 0
		# shellcheck disable=SC2046 # words
		must bqdisc attach ve0 $(least_words "$qdisc")
		told=$(bqdisc -j help "$qdisc" | jq .memory_bytes)
		between "$(memory ve0)" 500 "$told" "memory of $qdisc, of that with a full queue"
		ip link del ve0
	done
}

# The bytes for a packet that help tells are what a larger limit costs.
test_cost_of_a_packet() {
	local qdisc told small

	plain_pair 0
	plain_pair 1
	for qdisc in pfifo pfifo_head_drop; do
		told=$(bqdisc -j help "$qdisc" | jq .state_bytes.packet)
		must bqdisc attach ve0 "$qdisc" limit 20000
		must bqdisc attach ve1 "$qdisc" limit 30000
		small=$(memory ve0)
		is "$(($(memory ve1) - small))" $((told * 10000)) "10000 packets of $qdisc"
	done
}

# Up to 6.18 all records have memory from the start.
records_come() {
	grep -q bpf_arena_alloc_pages_non_sleepable /proc/kallsyms
}

test_packets_take_memory_as_they_come() {
	local options first n=20000

	plain_pair 0
	for options in "fq flow_limit 100000 maxrate 8kbit" "netem delay 100s"; do
		# shellcheck disable=SC2086 # words
		must bqdisc attach ve0 $options limit 30000
		first=$(memory ve0)
		packets send ve0 $n >/dev/null
		between "$(stat_of ve0 .backlog_packets)" $((n - 10)) $n "packets that wait in $options"
		is "$(stat_of ve0 .drops)" 0 "drops of $options"
		# A record has 32 bytes. 4096 records are there at first, and 512 come at a time.
		! records_come || between $(($(memory ve0) - first)) $((32 * (n - 4096 - 10))) \
			$((32 * (n - 4096 + 512))) "memory of $n packets of $options"
		ip link set ve0 down
		ip link set ve0 up
		wait_for 5 carrier ve0
	done
}

test_cap() {
	plain_pair 0
	refuses 2 "fq with these options: needs [0-9]+ MB of kernel memory, but the limit is 32 MB; $(
		)raise it with --memory [0-9]+mb" bqdisc attach ve0 fq limit 400000 --memory 32mb
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
	# The suggested value is large enough.
	# shellcheck disable=SC2046 # two words
	must bqdisc attach ve0 fq limit 400000 $(grep -o -- '--memory [0-9]*mb' /tmp/err)
	is "$(root ve0 kind)" bq_fq "the root qdisc"
	refuses 2 "pfifo .* needs 1[0-9] KB of kernel memory, but the limit is 5.0 KB; .* --memory 1mb" \
		bqdisc attach ve0 pfifo limit 1024 --memory 5kb
	refuses 1 "--memory: invalid value '0'" bqdisc attach ve0 pfifo --memory 0
	refuses 1 "--memory: invalid value '0'" bqdisc change ve0 limit 10 --memory 0
}

# --memory limits all queues together: in attach, in attach over another qdisc of bqdisc, in change.
test_cap_of_all_queues() {
	local was

	wide du0 16
	was=$(state)
	refused_whole "$was" "pfifo with these options on 16 queues: needs 1[23]. MB .* limit is 64 MB; $(
		)raise it with --memory 1[23].mb" bqdisc attach du0 pfifo limit 1048576 --mq --memory 64mb
	refused_whole "$was" "on 16 queues: needs 1[23]. MB .* limit is 64 MB" \
		bqdisc attach du0 pfifo limit 1048576 --mq --memory 64mb --force
	refused_whole "$was" "on 16 queues: needs 1[23]. MB .* limit is 64 MB" \
		bqdisc attach du0 pfifo limit 1048576 --mq --memory 64mb --dry-run
	no_pins
	must bqdisc attach du0 pfifo limit 1000 --mq
	was=$(state)
	refused_whole "$was" "on 16 queues: needs 1[23]. MB .* limit is 64 MB" \
		bqdisc attach du0 pfifo limit 1048576 --mq --memory 64mb
	refused_whole "$was" "on 16 queues: needs 1[23]. MB .* limit is 64 MB" \
		bqdisc change du0 limit 1048576 --memory 64mb
	must bqdisc change du0 limit 1048576 --memory 140mb
	# An attached qdisc may stay, whatever the limit.
	must bqdisc change du0 limit 1000 --memory 1mb
}

# Neither --memory nor --force allows more than half of the available memory.
test_more_than_is_available() {
	local was word

	wide du0 64
	was=$(state)
	for word in "" --force --dry-run; do
		# shellcheck disable=SC2086 # a word or none
		refused_whole "$was" "fq with these options on 64 queues: needs 2.[0-9] GB more of kernel $(
			)memory, but may use half of the [0-9.]+ [MG]B that are available" \
			bqdisc attach du0 fq limit 400000 --memory 100gb $word
	done
	no_pins
	must bqdisc attach du0 fq limit 1000
	was=$(state)
	refused_whole "$was" "half of the [0-9.]+ [MG]B that are available" \
		bqdisc change du0 limit 400000 --memory 100gb
	refused_whole "$was" "half of the [0-9.]+ [MG]B that are available" \
		bqdisc attach du0 fq limit 400000 --memory 100gb
	refused_whole "$was" "half of the [0-9.]+ [MG]B that are available" \
		bqdisc attach du0 netem limit 1000000 --mq --memory 100gb
}

# In a cgroup with less memory than the machine, no process is killed.
test_cgroup() {
	local group=/sys/fs/cgroup/bqdisc was status

	[ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 none /sys/fs/cgroup ||
		skip "no cgroup v2"
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || skip "no memory controller"
	mkdir -p "$group/in"
	echo 60M >"$group/memory.max"
	wide du0 4
	was=$(state)
	(
		echo 0 >"$group/in/cgroup.procs"
		refused_whole "$was" "half of the [0-9.]+ MB that are available" \
			bqdisc attach du0 fq limit 400000
	)
	status=$?
	is "$(awk '/^oom_kill / { print $2 }' "$group/memory.events")" 0 "processes killed"
	rmdir "$group/in" "$group"
	[ "$status" = 0 ] || exit 1
	must bqdisc attach du0 fq limit 400000
}

# Use 64 queues, each with as many buckets as on large servers.
test_many_queues_with_many_buckets() {
	local options=(fq limit 10000 flow_limit 250 buckets 32768) before

	wide du0 16
	must bqdisc attach du0 "${options[@]}"
	between "$(memory du0)" 1000000 72000000 "memory of 16 queues"
	must bqdisc detach du0
	ip link del du0
	wide du0 64
	before=$(available)
	must bqdisc attach du0 "${options[@]}"
	between $((before - $(available))) 0 200000000 "memory that the machine has less"
	# While one set replaces another, both exist for a moment.
	must bqdisc attach du0 "${options[@]}" --mq --for 1h
	must bqdisc attach du0 pfifo --mq
	must bqdisc attach du0 "${options[@]}"
	must bqdisc detach du0
}

pg() { echo "$1" >"/proc/net/pktgen/$2"; }

# pg_run DEV: pktgen returns at once if its thread begins late, on a busy machine.
pg_run() {
	pg start pgctrl
	wait_for 30 grep -q ' usec, ' "/proc/net/pktgen/$1" || fail "pktgen does not end on $1"
}

# Send COUNT packets through du0, each from another address, starting at 10.1.0.0.
send_flows() { # COUNT
	local n=$1

	pg rem_device_all kpktgend_0
	pg "add_device du0" kpktgend_0
	pg "count $n" du0
	pg "pkt_size 100" du0
	pg "delay 0" du0
	pg "xmit_mode queue_xmit" du0
	pg "dst 10.0.0.2" du0
	pg "dst_mac 02:00:00:00:00:02" du0
	pg "src_min 10.1.0.0" du0
	pg "src_max 10.1.$(((n - 1) >> 8)).$(((n - 1) & 255))" du0
	pg_run du0
}

# Send all flows once more, and succeed if each packet had a flow.
all_flows_have_memory() { # COUNT
	local before

	before=$(stat_of du0 .allocation_errors)
	send_flows "$1"
	[ "$(stat_of du0 .allocation_errors)" = "$before" ]
}

# Memory is allocated as flows appear, and every flow has its own record. With a hash of 20 bits, 1
# in 27 of 40,000 flows shares a number.
test_flows_take_memory_as_they_come() {
	local n=40000 first flows each

	modprobe pktgen 2>/dev/null || skip "no pktgen"
	ip link add du0 type dummy
	ip link set du0 up
	# With a rate, every packet belongs to a flow.
	must bqdisc attach du0 fq buckets 32768 orphan_mask 1048575 maxrate 100gbit
	first=$(memory du0)
	between "$first" 300000 2000000 "memory without flows"
	send_flows "$n"
	# Packets can arrive faster than the worker allocates, so a few flows need a second packet.
	between "$(stat_of du0 .allocation_errors)" 0 $((n / 5)) "packets without a flow"
	wait_for 60 all_flows_have_memory "$n" ||
		fail "packets without a flow: $(stat_of du0 .allocation_errors)"
	flows=$(stat_of du0 .flows)
	between "$flows" $((n * 9 / 10)) $((n + 10)) "flows in the table"
	# The table doubles when it is half full, so it has up to four times the size in use.
	each=$(bqdisc -j help fq | jq .state_bytes.flow)
	between $(($(memory du0) - first)) $((flows * each - 90000)) $((flows * each * 4)) \
		"memory of $flows flows"
	# A further pass finds all flows again.
	first=$(stat_of du0 .allocation_errors)
	send_flows "$n"
	between "$(($(stat_of du0 .flows) - flows))" 0 $((n / 50)) "flows that were not found again"
	is "$(stat_of du0 .allocation_errors)" "$first" "packets without a flow"
	is "$(stat_of du0 .backlog_packets)" 0 "packets that wait"
	ip link set du0 down
	ip link set du0 up
	send_flows "$n"
	between "$(stat_of du0 .flows)" $((n * 9 / 10)) $((n + 10)) "flows in the table after a reset"
	is "$(stat_of du0 .allocation_errors)" "$first" "packets without a flow"
	# The next instance takes over the range with all its pages.
	must bqdisc attach du0 pfifo
	must bqdisc attach du0 fq buckets 32768 orphan_mask 1048575 maxrate 100gbit
	send_flows "$n"
	between "$(stat_of du0 .flows)" $((n * 9 / 10)) $((n + 10)) "flows of the next one"
	must bqdisc detach du0
	wait_for 20 no_pins
}

# send_new DEV ROUND COUNT [PRIORITY]: one packet of each of COUNT flows that no other round has.
send_new() {
	pg rem_device_all kpktgend_0
	pg "add_device $1" kpktgend_0
	pg "count $3" "$1"
	pg "pkt_size 100" "$1"
	pg "delay 0" "$1"
	pg "xmit_mode queue_xmit" "$1"
	pg "skb_priority ${4:-0}" "$1"
	pg "dst 10.0.0.2" "$1"
	pg "dst_mac 02:00:00:00:00:02" "$1"
	pg "src_min 10.$2.${4:-0}.0" "$1"
	pg "src_max 10.$2.$((${4:-0} + (($3 - 1) >> 8))).$((($3 - 1) & 255))" "$1"
	pg_run "$1"
}

# One round of each traffic pattern, on a device of its own.
send_round() { # ROUND
	send_new du0 "$1" 225
	send_new du1 "$1" 225
	# Band 0, 1 and 2.
	send_new du2 "$1" 75 6
	send_new du2 "$1" 75 0
	send_new du2 "$1" 75 3
	send_new du3 "$1" 225
	# 125 flows go on, and 100 others come.
	send_new du4 0 125
	send_new du4 "$1" 100
	# The far end takes some 256 every three seconds, and then the others.
	send_new ve0 "$1" 225
}

is_drained() { # DEV
	[ "$(stat_of "$1" .backlog_packets)" = 0 ]
}

# Flows that were idle for 3 seconds are freed before the table grows, whatever the traffic. At
# first it has 512 flows, and it grows when half of them are in use.
test_idle_flows_make_room() {
	local dev round options=(fq orphan_mask 1048575)
	declare -A first pattern=(
		[du0]="one packet into an empty queue" [du1]="flows in debt"
		[du2]="three bands" [du3]="throttled flows" [du4]="some active flows" [ve0]="bursts"
	)

	modprobe pktgen 2>/dev/null || skip "no pktgen"
	for dev in du0 du1 du2 du3 du4; do
		ip link add $dev type dummy
		ip link set $dev up
	done
	HOLD=3 holding_pair 0
	# With a rate, every packet is classified.
	for dev in du0 du2 du4 ve0; do
		must bqdisc attach $dev "${options[@]}" maxrate 100gbit
	done
	# A packet of 100 bytes uses more than the first credit.
	must bqdisc attach du1 "${options[@]}" maxrate 100gbit initial_quantum 64
	must bqdisc attach du3 "${options[@]}"
	tc qdisc add dev du3 clsact
	tc filter add dev du3 egress bpf da obj /test/stamp.bpf.o sec tc/later || fail "no stamps"
	# 200 ms
	must bpftool map update name edt_times key 1 0 0 0 value 0 194 235 11 0 0 0 0
	hold 0
	for dev in "${!pattern[@]}"; do
		first[$dev]=$(memory "$dev")
	done
	for round in 1 2 3 4; do
		send_round $round
		for dev in "${!pattern[@]}"; do
			wait_for 10 is_drained "$dev" || fail "${pattern[$dev]}: packets wait"
		done
		sleep 3.2
	done
	[ "$(stat_of du3 .throttled)" -gt 500 ] || fail "throttled: $(stat_of du3 .throttled) flows"
	for dev in "${!pattern[@]}"; do
		is "$(memory "$dev")" "${first[$dev]}" "memory after ${pattern[$dev]} ($(
			)$(stat_of "$dev" .flows) flows, $(stat_of "$dev" .gc_flows) freed)"
		is "$(stat_of "$dev" .allocation_errors)" 0 "packets without a flow, ${pattern[$dev]}"
		[ "$(stat_of "$dev" .gc_flows)" -gt 250 ] ||
			fail "${pattern[$dev]}: freed $(stat_of "$dev" .gc_flows) flows"
	done
}

# An endless file does not use up the memory.
test_endless_files() {
	local words

	ip link add du0 type dummy
	for words in "delay 10ms 1ms distribution" trace; do
		# shellcheck disable=SC2086 # words
		refuses 1 "/dev/zero:1:1: " timeout 20 bqdisc attach du0 netem $words /dev/zero
	done
	refuses 1 "/dev/zero" timeout 20 bqdisc attach du0 netem rules /dev/zero
	refuses 1 "/dev/zero" timeout 20 bqdisc load /dev/zero
}

run_tests "$@"
