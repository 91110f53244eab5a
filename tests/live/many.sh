#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# One command on many devices: lists, patterns, all or nothing, detach --all.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: killed_in_the_middle
# suite: many
# needs: killat build/tests/byo/globals.bpf.o
# time: 90
. "${0%/*}/lib.sh"

kind_stays pfifo

# Print the qdiscs of all devices as tc reports them.
qdiscs() {
	tc -j qdisc show | jq -cS 'map(del(.refcnt)) | sort_by(.dev)'
}

# Print the devices that have a qdisc of bqdisc, in the order of show.
attached() {
	bqdisc -j show | jq -r '[.[].dev] | join(" ")'
}

test_list() {
	local before

	dummies 4
	before=$(qdiscs)
	must bqdisc attach du3,du1 pfifo limit 7
	is "$(cat /tmp/out)" $'du3: attached\ndu1: attached' "output"
	is "$(attached)" "du1 du3" "attached"
	must bqdisc attach du1,du2,du3 pfifo limit 7
	is "$(cat /tmp/out)" $'du1: already attached with these options\ndu2: attached
du3: already attached with these options' "output of the second attach"
	must bqdisc change du1,du2 limit 9
	is "$(bqdisc -j show du1,du2,du3 | jq -c 'map(.options.limit_packets)')" "[9,9,7]" "limits"
	is "$(bqdisc -j change du2,du3 limit 9 | jq -c .)" \
		'[{"dev":"du2","changed":false},{"dev":"du3","changed":true}]' "JSON of change"
	must bqdisc detach du3,du2,du1,du4
	is "$(cat /tmp/out)" $'du3: detached\ndu2: detached\ndu1: detached
du4: no qdisc of bqdisc is attached' "output of detach"
	is "$(qdiscs)" "$before" "the qdiscs"
	nothing_recorded
}

test_pattern() {
	local before

	dummies 12
	ip link property add dev du4 altname uplink-of-the-fourth
	before=$(qdiscs)
	must bqdisc attach 'du[0-9]' pfifo
	is "$(attached)" "du1 du2 du3 du4 du5 du6 du7 du8 du9" "attached"
	is "$(grep -c ': attached$' /tmp/out)" 9 "lines"
	must bqdisc attach 'du1?,du1*' bfifo
	is "$(cat /tmp/out)" $'du10: attached\ndu11: attached\ndu12: attached\ndu1: attached' "order"
	is "$(bqdisc -j show 'uplink*' | jq -r '.[].dev')" du4 "by its alternative name"
	is "$(bqdisc -j stats 'du1*' | jq length)" 4 "stats of a pattern"
	is "$(bqdisc stats 'du*' drops)" 0 "a counter of all"
	must bqdisc detach 'du*'
	is "$(qdiscs)" "$before" "the qdiscs"
	nothing_recorded
}

test_bad_lists() {
	local before

	dummies 3
	before=$(qdiscs)
	refuses 1 "no device matches 'nix\*'" bqdisc attach 'nix*' pfifo
	refuses 1 "no device matches 'nix\*'" bqdisc attach 'du*,nix*' pfifo
	refuses 1 "no device 'du9'" bqdisc attach du1,du2,du9,du3 pfifo
	refuses 1 "no device 'du9'" bqdisc attach 'du*,du9' pfifo
	refuses 1 "a name is missing in the list" bqdisc attach du1,,du2 pfifo
	refuses 1 "a name is missing in the list" bqdisc attach du1, pfifo
	refuses 1 "unknown option 'limt'" bqdisc attach du1,du2 pfifo limt 5
	refuses 1 "du1: no qdisc of bqdisc to change" bqdisc change du1,du2 limit 5
	refuses 1 "no device 'du9'" bqdisc detach du1,du9
	refuses 1 "no device 'du9'" bqdisc show du1,du9
	refuses 1 "no device matches" bqdisc stats 'nix*'
	refuses 1 "detach: missing DEV" bqdisc detach
	refuses 1 "unexpected" bqdisc detach --all du1
	refuses 1 "excludes --parent" bqdisc detach --all --parent 1:1
	is "$(qdiscs)" "$before" "the qdiscs"
	nothing_recorded
}

# A name may have the characters of lists and patterns.
test_strange_names() {
	ip link add 'du,1' type dummy
	ip link add 'du*' type dummy
	ip link add du1 type dummy
	must bqdisc attach 'du,1' pfifo
	is "$(attached)" "du,1" "a name with a comma"
	must bqdisc attach 'du*' pfifo
	is "$(attached)" "du,1 du*" "a name that is a pattern"
	must bqdisc detach 'du\*,du?1'
	is "$(attached)" "" "attached at the end"
}

test_each_once() {
	dummies 3
	must bqdisc attach 'du2,du2,du*,du1,du2' pfifo
	is "$(cat /tmp/out)" $'du2: attached\ndu1: attached\ndu3: attached' "output"
	is "$(bqdisc -j show 'du2,du2' | jq length)" 1 "shown"
	must bqdisc detach du2,du2
	is "$(cat /tmp/out)" "du2: detached" "output of detach"
	must bqdisc detach du1,du3
	nothing_recorded
}

# A refusal that can be foreseen changes nothing: another program configured the second of three.
test_refused_before_the_first() {
	local before

	dummies 3
	tc qdisc add dev du2 root handle 5: fq limit 321
	before=$(qdiscs)
	refuses 3 "^bqdisc: du2: has a configured qdisc, fq 5:" bqdisc attach 'du*' pfifo
	is "$(qdiscs)" "$before" "the qdiscs"
	must bqdisc attach 'du*' pfifo --force
	must bqdisc detach 'du*'
	is "$(qdiscs)" "$before" "the qdiscs after detach"
	nothing_recorded
}

# Print show and the qdiscs without handles, which a qdisc of bqdisc gets anew with each attach.
all_state() {
	bqdisc -j show | jq -c 'map([.dev, .qdisc, .options, .egress_program])'
	qdiscs | jq -c 'map(if .kind | startswith("bq_") then del(.handle) else . end)'
}

# loses DEV COMMAND...: DEV disappears while COMMAND runs, before it changes anything. Its plan is
# made then, so it fails when it comes to DEV.
loses() {
	local dev=$1

	shift
	killat --run "ip link del $dev" 2 "$@" >/tmp/out 2>/tmp/err && fail "'$*' without $dev: $(cat /tmp/out)"
	is "$(wc -l </tmp/err)" 1 "lines on stderr of '$*' ($(cat /tmp/err))"
	grep -q "^bqdisc: $dev: " /tmp/err || fail "'$*' said: $(cat /tmp/err)"
}

# Nothing, a foreign qdisc, another one of bqdisc, and other options: all come back.
test_failure_in_the_middle() {
	local before

	dummies 5
	tc qdisc add dev du2 root handle 7: fq limit 1234 flow_limit 56
	must bqdisc attach du3 bfifo limit 9kb
	must bqdisc attach du4 pfifo limit 3
	before=$(all_state)
	ip link add du99 type dummy
	loses du99 bqdisc attach du1,du2,du3,du4,du5,du99 pfifo limit 100 --force
	is "$(all_state)" "$before" "the state after the failure"
	must bqdisc detach 'du*'
	is "$(root du2 options.limit)" 1234 "the limit of fq"
	nothing_recorded
}

test_failure_with_egress() {
	local before

	dummies 3
	must bqdisc attach du1 netem delay 10ms seed 1
	must bqdisc attach du2 netem delay 0s seed 1
	before=$(all_state)
	for what in "delay 0s seed 1" "delay 10ms seed 1"; do
		ip link add du99 type dummy
		# shellcheck disable=SC2086 # options
		loses du99 bqdisc attach du1,du2,du3,du99 netem $what --for 1h
		is "$(all_state)" "$before" "the state after 'attach ... $what' failed"
		is "$(bqdisc -j show | jq 'map(select(.expires_in_ns)) | length')" 0 "with a lifetime"
	done
	must bqdisc detach --all
}

# The first clones of an object without the kit are loaded, the last device is lost.
test_plain_objects() {
	dummies 3
	must bqdisc attach 'du*' ./globals.bpf.o
	is "$(bqdisc -j show 'du*' | jq -r '[.[].kind] | unique | length')" 3 "kinds"
	must bqdisc detach 'du*'
	ip link add du99 type dummy
	loses du99 bqdisc attach 'du*' ./globals.bpf.o
	is "$(attached)" "" "attached"
	is "$(find /sys/fs/bpf/bqdisc -name '@*')" "" "kinds that are left"
	nothing_recorded
}

test_dry_run() {
	local before

	dummies 3
	must bqdisc attach du2 pfifo
	before=$(all_state)
	must bqdisc attach du1,du2,du3 bfifo --dry-run
	is "$(grep -c '^bqdisc load bfifo' /tmp/out)" 1 "times that the kind is registered"
	is "$(grep -o '^tc qdisc [a-z]* dev du[0-9]' /tmp/out | tr '\n' ' ')" \
		"tc qdisc add dev du1 tc qdisc replace dev du2 tc qdisc add dev du3 " "requests"
	is "$(bqdisc -j attach du1,du2 pfifo --dry-run | jq -c 'map([.dev, .changed, (.steps | length > 0)])')" \
		'[["du1",true,true],["du2",false,false]]' "JSON of a dry run"
	must bqdisc detach --all --dry-run
	is "$(grep -c '^tc qdisc delete' /tmp/out)" 1 "deletions"
	is "$(all_state)" "$before" "the state"
	must bqdisc detach du2
}

# A failure does not stop the others: a queue of the second device has a foreign qdisc.
test_detach_goes_on() {
	dummies 3
	ip link del du2
	ip link add du2 numtxqueues 2 type dummy
	ip link set du2 up
	must bqdisc attach 'du*' pfifo
	tc qdisc replace dev du2 parent "$(bqdisc -j show du2 | jq -r '.[0].handle')2" fq
	bqdisc -j detach du1,du2,du3 >/tmp/out 2>/tmp/err
	is $? 3 "exit status"
	is "$(wc -l </tmp/err)" 1 "lines on stderr ($(cat /tmp/err))"
	grep -q '^bqdisc: du2: another program configured fq' /tmp/err || fail "it said: $(cat /tmp/err)"
	is "$(jq -c 'map([.dev, .changed, has("error")])' /tmp/out)" \
		'[["du1",true,false],["du2",false,true],["du3",true,false]]' "JSON"
	is "$(attached)" "du2" "attached"
	must bqdisc detach 'du*' --force
	nothing_recorded
}

test_detach_all() {
	kind_goes
	dummies 2
	plain_pair 0 numtxqueues 2 numrxqueues 2
	plain_pair 1 numtxqueues 2 numrxqueues 2
	ip netns exec peer ip link add du0 type dummy
	must bqdisc attach du1 netem delay 10ms
	must bqdisc attach ve0 pfifo
	tc qdisc add dev ve1 root handle 1: mq
	must bqdisc attach ve1 fq --parent 1:2
	must bqdisc -n peer attach du0 bfifo
	must bqdisc detach --all
	is "$(sort /tmp/out | tr '\n' ' ')" "du1: detached ve0: detached ve1: detached " "output"
	is "$(bqdisc -n peer -j show | jq length)" 1 "qdiscs of the other namespace"
	must bqdisc -n peer detach --all
	no_pins
	must bqdisc detach --all
	is "$(cat /tmp/out)" "" "output if there is nothing"
	is "$(bqdisc -j detach --all)" "[]" "JSON if there is nothing"
}

# Kill at some of the calls: some devices have the qdisc then. The next command completes or ends it.
test_killed_in_the_middle() {
	local n before ended=0 call

	dummies 3
	before=$(qdiscs)
	for ((n = 1 + RANDOM % 3; ended == 0; n += 3)); do
		call=$(killat "$n" bqdisc attach 'du*' pfifo limit 5 2>/dev/null)
		ended=$?
		must bqdisc attach 'du*' pfifo limit 5
		is "$(bqdisc -j show 'du*' | jq -c '[.[].options.limit_packets]')" "[5,5,5]" \
			"limits after a kill at $call"
		must bqdisc detach 'du*'
		killat "$n" bqdisc attach 'du*' pfifo limit 5 >/dev/null 2>&1
		must bqdisc detach --all
		is "$(qdiscs)" "$before" "the qdiscs after a kill at $call, and detach --all"
		nothing_recorded
	done
	[ "$n" -gt 12 ] || fail "only $n calls"
}

now_ms() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# One process for 200 devices takes less time than 40 processes for one.
test_200_devices() {
	local started one all

	dummies 200
	started=$(now_ms)
	must bqdisc attach du1 pfifo
	must bqdisc change du1 limit 5
	must bqdisc detach du1
	one=$(($(now_ms) - started))
	started=$(now_ms)
	must bqdisc attach 'du*' pfifo
	is "$(bqdisc -j show 'du*' | jq length)" 200 "qdiscs"
	must bqdisc change 'du*' limit 5
	must bqdisc detach 'du*'
	is "$(attached)" "" "attached"
	nothing_recorded
	all=$(($(now_ms) - started))
	[ "$all" -lt $((40 * one)) ] || fail "it took $all ms, for one device $one ms"
}

run_tests "$@"
