#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bqdisc tc: give the same command lines to the real tc for the in-tree qdisc, and to bqdisc tc.
# Compare the exit status, and what both print, as JSON and as text.
#
# runs: check kernels@6.18,7.3
# long: show_of_all_devices foreign_qdiscs
# suite: tc_command
# needs: packets tc
# time: 200
. "${0%/*}/lib.sh"

# Keys that an older tc, or an older kernel, does not print.
newer='["seed", "bands", "priomap ", "weights ", "offload_horizon", "horizon", "horizon_drop",
	"delayed", "dropped", "corrupted", "duplicated", "reordered", "ecn_marked",
	"band0_pkts", "band1_pkts", "band2_pkts", "fastpath"]'

# Report a difference, and go on.
differs() {
	echo "$*;" >>"$failure"
}

# same ACTUAL EXPECTED WHAT: is() that goes on.
same() {
	[ "$1" = "$2" ] || differs "$3: got '$1', expected '$2'"
}

# dummies DEV...
dummies() {
	local dev

	echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	for dev; do
		printf '%s\n' "link add $dev type dummy" "link set $dev up"
	done | ip -batch - || fail "no devices"
}

start() { # KIND...
	local kind

	for kind; do
		must bqdisc load "$kind"
	done
	dummies du0 du1
}

# The qdiscs of the devices duN, duN_1, duN_2 ..., without what differs from qdisc to qdisc.
shown_text() { # N PROGRAM...
	local n=$1

	shift
	"$@" qdisc show | sed -nE "/ dev du$n/{s/ [0-9a-f]+: dev du$n/ H: dev /
		s/ seed [0-9]{5,}//; s/[ ]+\$//; p}"
}

# The qdiscs of both sets of devices are alike. LINE has led there. One jq does it all: its start
# takes most of the time.
alike() { # LINE
	local why

	why=$(jq -rn --argjson tc "$(tc -s -j qdisc show)" --argjson newer "$newer" \
		--argjson bq "$(bqdisc tc -s -j qdisc show)" '
		def shown($du): map(select(.dev | startswith($du)) | select(.root or .parent) |
			.dev |= .[($du | length):] |
			del(.handle, .options.seed | select(. != null and . > 1000)));
		def compare($a; $b): ([$a, $b] | map(keys[]) | unique[]) as $k |
			if ($a | has($k) | not) and ($newer | index($k)) then empty
			elif $k == "options" then compare($a.options; $b.options)
			elif $a[$k] != $b[$k] then "\($k): tc \($a[$k]), bqdisc tc \($b[$k])"
			else empty end;
		($tc | shown("du0")) as $tc | ($bq | shown("du1")) as $bq |
		if ($tc | length) != ($bq | length) then "qdiscs: tc \($tc), bqdisc tc \($bq)"
		else range($tc | length) as $i | compare($tc[$i]; $bq[$i]) |
			"\($tc[$i].dev) \(.)" end')
	[ -z "$why" ] || differs "after '$1': $why"
}

# An older tc does not print all that bqdisc tc does.
tc_is_new() {
	tc qdisc add dev lo root netem delay 1ms
	tc -j qdisc show dev lo | grep -q '"seed"'
	is_new=$?
	tc qdisc del dev lo root
	return $is_new
}

alike_text() { # LINE
	diff <(shown_text 0 tc) <(shown_text 1 bqdisc tc) >/tmp/diff ||
		differs "text after '$1': $(cat /tmp/diff)"
}

# line N WORDS...: the real tc runs the line for du0N, and bqdisc tc for du1N; @ is the device.
line() {
	local n=$1 status=0 ours=0 words

	shift
	words=$*
	eval "tc qdisc ${words//@/du0$n}" >/tmp/tc.out 2>&1 || status=$?
	eval "bqdisc tc qdisc ${words//@/du1$n}" >/tmp/bq.out 2>&1 || ours=$?
	same "$ours" "$status" "exit status of '$words' (tc: $(head -c 200 /tmp/tc.out); bqdisc tc: \
$(head -c 200 /tmp/bq.out))"
}

# both WORDS...: run the line, and compare.
both() {
	line "" "$@"
	alike "$*"
}

# each KIND: add KIND with each line of options on stdin, each to devices of its own.
each() {
	local kind=$1 lines i

	mapfile -t lines
	for i in "${!lines[@]}"; do
		printf '%s\n' "du0_$i" "du1_$i"
	done >/tmp/devices
	mapfile -t devices </tmp/devices
	dummies "${devices[@]}"
	for i in "${!lines[@]}"; do
		line "_$i" add dev @ root "$kind" "${lines[i]}"
	done
	alike "$kind: $(for i in "${!lines[@]}"; do echo "_$i: ${lines[i]}"; done)"
	! tc_is_new || alike_text "$kind"
	for i in "${devices[@]}"; do
		echo "link del $i"
	done | ip -batch -
}

test_netem_options() {
	start netem
	each netem <<-END

		limit 50
		limit 1kb
		delay 10ms
		latency 10ms
		delay 1.5s
		delay 1234567us
		delay 64us
		delay 5000
		delay 5000 128 25
		delay 10ms 2ms
		delay 10ms 2ms 25%
		delay 10ms 2ms distribution normal
		delay 10ms 2ms 30% distribution paretonormal
		loss 1%
		loss 0.3% 25%
		loss random 33.3333%
		drop 100%
		loss state 5%
		loss state 5% 95% 1% 99% 2%
		loss gemodel 1%
		loss gemodel 1% 10% 70% 0.1%
		loss 5% ecn
		loss gemodel 2% ecn
		corrupt 0.1%
		corrupt 2% 10%
		duplicate 1%
		delay 10ms reorder 25%
		delay 10ms reorder 25% 50%
		delay 10ms reorder 25% gap 5
		rate 1mbit
		rate 256kbit
		rate 12345678bit
		rate 40gbit
		rate 1mbit 20
		rate 1mbit -14 48 4
		slot 10ms
		slot 10ms 20ms
		slot 800 1000 packets 4
		slot 800us 1ms packets 32
		slot 10ms bytes 64kb
		slot 10ms 20ms packets 3 bytes 1500
		slot distribution normal 10ms 1ms
		slot distribution pareto 10ms 1ms packets 8 bytes 9000
		limit 500 delay 20ms 5ms loss 2% duplicate 1% corrupt 1% rate 10mbit
	END
}

test_fq_options() {
	start fq
	each fq <<-END

		limit 500
		flow_limit 20
		quantum 3000
		quantum 15360
		initial_quantum 30000
		buckets 512
		buckets 1000
		maxrate 100mbit
		maxrate 12345kbit
		nopacing
		pacing
		orphan_mask 255
		low_rate_threshold 1mbit
		low_rate_threshold 0
		refill_delay 80ms
		ce_threshold 5ms
		ce_threshold 5000
		ce_threshold 0
		timer_slack 20us
		timer_slack 1ms
		horizon 5s
		horizon_cap
		horizon 100ms horizon_drop
		limit 100 flow_limit 10 quantum 1514 initial_quantum 15140 maxrate 1gbit buckets 64
	END
}

test_fq_codel_options() {
	start fq_codel
	each fq_codel <<-END

		limit 500
		flows 64
		quantum 3000
		target 2ms
		interval 50ms
		noecn
		ecn
		ce_threshold 5ms
		ce_threshold 1234us
		memory_limit 1mb
		memory_limit 100000
		drop_batch 1
		limit 1001 target 5000us interval 100000us ecn flows 512 quantum 300
	END
}

test_fifo_options() {
	start pfifo bfifo
	printf '%s\n' '' 'limit 100' 'limit 0' | each pfifo
	printf '%s\n' '' 'limit 20' | each pfifo_head_drop
	printf '%s\n' '' 'limit 15000' 'limit 15kb' 'limit 1mb' 'limit 100000000' | each bfifo
}

test_bad_words_are_refused() {
	start netem fq pfifo
	while IFS= read -r options; do
		line '' add dev @ root "$options"
		same "$(tc -j qdisc show dev du1 | jq -r '.[0].kind')" noqueue "qdisc after '$options'"
	done <<-END
		netem delay ten
		netem delay -5ms
		netem loss 101%
		netem loss markov 1%
		netem ecn
		netem gap 5
		netem reorder 25%
		netem distribution normal
		netem delay 10ms distribution normal
		netem rate fast
		netem slot 20ms 10ms
		netem colour red
		netem limit -1
		fq limit many
		fq bands 4
		fq maxrate 1furlong
		fq weights 1
		pfifo limit x
		pfifo speed 3
		nosuch
	END
	# tc ends with 255 if a value is missing.
	refuses 1 "missing value" bqdisc tc qdisc add dev du1 root netem delay
	both add dev nosuch root netem delay 10ms
	both add dev @ root handle zz: netem
	both add dev @ root root netem
	both add dev @ netem delay 10ms
	both add root netem
	both show dev nosuch
	both frobnicate dev @
}

test_add_change_replace_and_delete() {
	start netem fq pfifo
	both change dev @ root netem delay 1ms
	both delete dev @ root
	both add dev @ root netem delay 10ms 1ms loss 5% rate 1mbit corrupt 1%
	both add dev @ root netem delay 20ms
	both add dev @ root netem colour red
	both change dev @ root netem delay 20ms
	both change dev @ root netem loss 2%
	both change dev @ root netem duplicate 3% limit 77
	both replace dev @ root netem delay 30ms
	both change dev @ root fq
	both replace dev @ root fq flow_limit 7 quantum 2000
	both replace dev @ root fq quantum 3000
	both change dev @ root fq nopacing
	both change dev @ root fq
	both replace dev @ root pfifo limit 9
	both change dev @ root pfifo limit 10
	both change dev @ root pfifo
	both delete dev @ root fq
	both delete dev @ root
	both delete dev @ root
	both replace dev @ root handle 5: netem delay 5ms
	both add dev @ root handle 5: netem delay 6ms
	both add dev @ root handle 6: netem delay 6ms
	both change dev @ handle 5: netem delay 7ms
	both change dev @ root handle 5: netem delay 8ms
	both replace dev @ root handle 5: fq
	both change dev @ root handle 5: fq
	both change dev @ root handle 6: netem delay 9ms
	both replace dev @ root handle 6: netem delay 9ms
	both delete dev @ root handle 5:
	both delete dev @ root handle 6:
	both a dev @ root netem delay 1ms
	both d dev @ root
}

# A qdisc that another program configured: tc replaces it, and the default comes back after it.
test_foreign_qdiscs() {
	start netem
	must tc qdisc add dev du1 root handle 7: sfq
	must tc qdisc add dev du0 root handle 7: sfq
	both add dev @ root netem delay 1ms
	both replace dev @ root netem delay 1ms
	both delete dev @ root
	both add dev @ root handle 7: sfq
	both add dev @ root handle 8: netem delay 1ms
	both change dev @ root handle 7: netem delay 1ms
	both change dev @ root netem delay 2ms
	both delete dev @ root
	must tc qdisc add dev du0 root netem delay 3ms
	must tc qdisc add dev du1 root netem delay 3ms
	both add dev @ root netem delay 1ms
	both change dev @ root netem delay 2ms
	is "$(tc -j qdisc show dev du1 | jq -r '.[0].kind')" netem "an in-tree netem"
	both replace dev @ root netem delay 4ms
	is "$(tc -j qdisc show dev du1 | jq -r '.[0].kind')" bq_netem "the qdisc that replaced it"
	both delete dev @ root
	# An in-tree qdisc is changed and deleted by the real tc.
	both add dev @ root handle 1: prio
	both add dev @ parent 1:1 netem delay 3ms
	is "$(bqdisc tc -j qdisc show dev du1 | jq -r '.[1].kind')" netem "the child of prio"
	both change dev @ parent 1:1 netem delay 4ms
	both delete dev @ root
}

# A netem that the real tc made under the native name is shown and changed like any other.
test_native_name() {
	modprobe -r sch_netem 2>/dev/null
	[ ! -e /sys/module/sch_netem ] || skip "sch_netem as a module that can be removed"
	dummies du1
	must bqdisc load netem --as netem --force
	must tc qdisc add dev du1 root netem delay 5ms rate 1mbit
	must bqdisc tc qdisc change dev du1 root netem delay 6ms
	is "$(bqdisc tc -j qdisc show dev du1 | jq -c '.[0] | [.kind, .options.delay.delay,
		.options.rate.rate]')" '["netem",0.006,125000]' "the qdisc"
	must bqdisc tc qdisc delete dev du1 root
	must bqdisc unload netem
}

# Qdiscs of all sorts on several devices are shown in the order of the kernel.
test_show_of_all_devices() {
	start netem fq
	ip link add du2 numtxqueues 2 type dummy
	ip link add du3 type dummy
	quiet du2
	quiet du3
	ip link set du2 up
	ip link set du3 up
	must bqdisc tc qdisc add dev du1 root netem delay 1ms
	must bqdisc tc qdisc add dev du2 root handle 1: mq
	must bqdisc tc qdisc add dev du2 parent 1:2 fq
	must bqdisc tc qdisc add dev du3 root sfq
	tc -j qdisc show >/tmp/tc.json
	bqdisc tc -j qdisc show >/tmp/bq.json
	is "$(jq -c 'map(.kind |= sub("^bq_"; "")) | map(del(.options))' /tmp/bq.json)" \
		"$(jq -c 'map(.kind |= sub("^bq_"; "")) | map(del(.options))' /tmp/tc.json)" "all qdiscs"
	is "$(jq -c 'map(select(.kind == "sfq"))' /tmp/bq.json)" \
		"$(jq -c 'map(select(.kind == "sfq"))' /tmp/tc.json)" "a foreign qdisc"
	is "$(jq -c 'map(select(.kind == "netem").options.delay.delay)' /tmp/bq.json)" "[0.001]" \
		"the delay"
	is "$(jq -c 'map(select(.kind == "fq") | [.parent, .options.limit])' /tmp/bq.json)" \
		'[["1:2",10000]]' "fq under mq"
	is "$(bqdisc tc qdisc show | sed -E 's/ limit .*//; s/[ ]+$//' | grep -v sfq)" \
		"$(tc qdisc show | sed -E 's/ bq_/ /; s/ limit .*//; s/[ ]+$//' | grep -v sfq)" \
		"all qdiscs as text"
	# -p has the same values, and tc's own layout where there is nothing of bqdisc.
	is "$(bqdisc tc -s -j -p qdisc show | jq -c .)" "$(bqdisc tc -s -j qdisc show | jq -c .)" \
		"values with -p"
	is "$(bqdisc tc -s -j -p qdisc show | grep -cE '^ {8}"kind": ')" "$(jq length /tmp/tc.json)" \
		"lines with a kind"
	is "$(bqdisc tc -j qdisc show dev du2 parent 1:2 | jq -c 'map([.kind, .dev])')" \
		'[["fq",null]]' "a class"
}

# Both devices get the same packets: the counters are equal.
test_counters_are_equal() {
	start netem fq pfifo bfifo
	counted 50 netem limit 30 delay 100s
	counted 20 netem loss 100%
	counted 20 netem
	counted 30 fq
	counted 30 pfifo limit 3
	counted 10 bfifo limit 100b
}

counted() { # PACKETS OPTIONS...
	local n=$1

	shift
	must tc qdisc add dev du0 root "$@"
	must bqdisc tc qdisc add dev du1 root "$@"
	packets send du0 "$n" >/dev/null
	packets send du1 "$n" >/dev/null
	is "$(bqdisc tc -j -s qdisc show dev du1 | jq '.[0] | .packets + .drops + .qlen')" "$n" \
		"packets with '$*'"
	alike "$* and $n packets"
	must tc qdisc del dev du0 root
	must bqdisc tc qdisc del dev du1 root
}

# With -n, what the real tc does and what it does not are in the same network namespace.
test_network_namespace() {
	ip netns add peer
	ip -n peer link add du0 type dummy
	ip -n peer link set du0 up
	must bqdisc tc -n peer qdisc add dev du0 root netem delay 5ms
	must bqdisc -n peer tc qdisc change dev du0 root netem delay 6ms
	is "$(bqdisc tc -n peer -j qdisc show | jq -c 'map([.dev, .kind, .options.delay.delay])[-1]')" \
		'["du0","netem",0.006]' "the qdisc"
	must bqdisc tc -n peer qdisc replace dev du0 root sfq
	is "$(tc -n peer -j qdisc show dev du0 | jq -r '.[0].kind')" sfq "a foreign qdisc"
	must bqdisc tc -n peer qdisc replace dev du0 root pfifo limit 7
	must bqdisc tc -n peer qdisc delete dev du0 root
}

# A link named tc serves a script; what it does not serve is done by the real tc.
test_link_named_tc() {
	local real

	start netem
	real=$(command -v tc)
	mkdir -p /tmp/link
	ln -sf "$(command -v bqdisc)" /tmp/link/tc
	PATH=/tmp/link:$PATH
	hash -r
	must tc qdisc add dev du1 root netem delay 10ms
	must "$real" qdisc add dev du0 root netem delay 10ms
	is "$(tc -s -j qdisc show dev du1 | jq -c '.[0].options.delay')" \
		"$("$real" -s -j qdisc show dev du0 | jq -c '.[0].options.delay')" "the delay"
	is "$("$real" -j qdisc show dev du1 | jq -r '.[0].kind')" bq_netem "the kind"
	must tc qdisc del dev du1 root
	is "$(tc -V)" "$("$real" -V)" "tc -V"
	echo "qdisc add dev du1 root sfq" | tc -batch - || fail "-batch"
	is "$(tc -j qdisc show dev du1)" "$("$real" -j qdisc show dev du1)" "a foreign qdisc"
	tc frobnicate 2>/dev/null
	is $? "$("$real" frobnicate 2>/dev/null || echo $?)" "exit status of an unknown object"
}

# Without a real tc, the qdiscs of bqdisc are shown.
test_no_real_tc() {
	local status

	start netem
	must bqdisc tc qdisc add dev du1 root handle 3: netem delay 10ms limit 5
	packets send du1 9 >/dev/null
	bqdisc tc -s qdisc show dev du1 | sed -E 's/ refcnt [0-9]+//; s/[ ]+$//' >/tmp/with
	bqdisc tc -s -j qdisc show dev du1 | jq -c '.[0] | del(.refcnt)' >/tmp/with.json
	mkdir -p /tmp/only
	ln -sf "$(command -v bqdisc)" /tmp/only/bqdisc
	mount --bind /dev/null /usr/sbin/tc
	PATH=/tmp/only bqdisc tc -s qdisc show dev du1 >/tmp/without
	PATH=/tmp/only bqdisc tc -s -j qdisc show dev du1 >/tmp/without.json
	PATH=/tmp/only bqdisc tc filter show dev du1 2>/tmp/err
	status=$?
	umount /usr/sbin/tc
	is "$(sed -E 's/[ ]+$//' /tmp/without)" "$(cat /tmp/with)" "text without the real tc"
	is "$(jq -c '.[0]' /tmp/without.json)" "$(cat /tmp/with.json)" "JSON without the real tc"
	is "$status" 1 "exit status of a command for the real tc"
	grep -q "install iproute2" /tmp/err || fail "it said: $(cat /tmp/err)"
}

run_tests "$@"
