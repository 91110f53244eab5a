#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Parallel commands, reduced privileges, and devices that change or go away under a qdisc.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# suite: more
# needs: flock
. "${0%/*}/lib.sh"

PINS=/sys/fs/bpf/bqdisc

# Run COMMAND in the background, with its output in /tmp/many.NUMBER.
start() { # NUMBER COMMAND...
	"${@:2}" >"/tmp/many.$1" 2>&1 &
	pids[$1]=$!
}

all_end_well() {
	local i

	for i in "${!pids[@]}"; do
		wait "${pids[$i]}" || fail "number $i: $(cat "/tmp/many.$i")"
	done
	pids=()
}

test_ten_devices_and_one_twice() {
	local i want pids=()

	for i in {0..9}; do
		ip link add "du$i" type dummy
	done
	for i in {0..9}; do
		start "$i" bqdisc attach "du$i" pfifo limit "10$i"
	done
	start 10 bqdisc attach du0 pfifo limit 100
	all_end_well
	want=$(for i in {0..9}; do echo "du$i 10$i"; done)
	is "$(bqdisc -j show | jq -r '.[] | "\(.dev) \(.options.limit_packets)"' | sort)" "$want" show
	is "$(cat /tmp/many.0 /tmp/many.10 | grep -c 'already attached')" 1 "attaches of du0 that found it so"
	for i in {0..9}; do
		start "$i" bqdisc detach "du$i"
	done
	start 10 bqdisc detach du0
	all_end_well
	no_pins
}

is_locked() {
	grep -q 'FLOCK' /proc/locks
}

# A wait for the lock is reported once, and ends when the lock is released.
test_waiting_is_reported() {
	local waiter

	plain_pair 0
	mkfifo /tmp/go
	mkdir -m 700 $PINS
	# Release the lock after 30 s if this test fails before it does.
	flock $PINS bash -c 'read -r -t 30 <>/tmp/go' &
	wait_for 5 is_locked || fail "no lock"
	: >/tmp/err
	bqdisc attach ve0 pfifo >/tmp/out 2>>/tmp/err &
	waiter=$!
	wait_for 20 test -s /tmp/err || fail "nothing is said"
	is "$(cat /tmp/err)" \
		"bqdisc: warning: $PINS: locked by another bqdisc command; waiting for it to end" \
		"stderr"
	is "$(root ve0 kind)" noqueue "the root qdisc meanwhile"
	echo >/tmp/go
	wait $waiter || fail "attach: $(cat /tmp/err)"
	rm /tmp/go
	is "$(wc -l </tmp/err)" 1 "lines on stderr"
	is "$(root ve0 kind)" bq_pfifo "the root qdisc"
}

# Run COMMAND with the documented capabilities and no others.
few() {
	setpriv --bounding-set -all,+net_admin,+bpf,+perfmon --inh-caps -all "$@"
}

test_least_privilege() {
	local before

	plain_pair 0
	is "$(few grep CapEff /proc/self/status | cut -f2)" 000000c000001000 "the rights under test"
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	before=$(tc qdisc show dev ve0)
	must few bqdisc attach ve0 pfifo limit 100 --force
	packets send ve0 10 >/dev/null
	must few bqdisc change ve0 limit 50
	must few bqdisc change ve0 limit 5000
	is "$(few bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":5000}' show
	is "$(few bqdisc stats ve0 packets)" 10 stats
	must few bqdisc attach ve0 bfifo
	must few bqdisc detach ve0
	is "$(tc qdisc show dev ve0)" "$before" "the qdisc from before"
	no_pins
}

swept() {
	bqdisc detach lo >/dev/null && [ ! -e $PINS ]
}

test_device_moved_to_another_namespace() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	ip netns add other
	ip link set ve0 netns other
	is "$(bqdisc -j show)" "[]" "show here"
	is "$(bqdisc -n other -j show)" "[]" "show there"
	must bqdisc -n other attach ve0 pfifo limit 7
	is "$(bqdisc -n other -j show | jq -c 'map([.dev, .options.limit_packets])')" '[["ve0",7]]' show
	must bqdisc -n other detach ve0
	no_pins
}

test_device_removed() {
	plain_pair 0
	tc qdisc add dev ve0 root handle 7: fq
	must bqdisc attach ve0 pfifo --force
	ip link del ve0
	is "$(bqdisc -j show)" "[]" show
	swept || fail "left: $(find $PINS)"
}

# The kernel deletes a namespace in the background.
test_namespace_deleted() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	must bqdisc -n peer attach vf0 pfifo
	ip netns del peer
	wait_for 20 swept || fail "left: $(find $PINS)"
}

# bqdisc's qdisc must behave as the in-tree one: 6.17 resets qdiscs on these changes, 7.3 does not.
change_link() {
	ip link set "$1" txqueuelen 10 || fail "txqueuelen"
	ip link set "$1" mtu 1400 || fail "mtu"
}

test_mtu_and_txqueuelen_keep_what_waits() {
	local kept

	holding_pair 0
	holding_pair 1
	must bqdisc attach ve0 pfifo limit 100
	tc qdisc add dev ve1 root pfifo limit 100
	for n in 0 1; do
		hold $n
		packets send ve$n 1000 >/dev/null
		is "$(root ve$n qlen)" 100 "packets waiting in ve$n"
		change_link ve$n
	done
	kept=$(root ve1 qlen)
	is "$(stat ve0 backlog_packets)" "$kept" "packets waiting after the changes, as in-tree"
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":100}' options
}

test_down_and_up() {
	plain_pair 0
	must bqdisc attach ve0 pfifo limit 100
	ip link set ve0 down
	ip link set ve0 up
	wait_for 5 carrier ve0 || fail "ve0 has no carrier"
	packets send ve0 10 >/tmp/flood
	is "$(jq .refused /tmp/flood)" 0 "refused afterwards"
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":100}' options
}

# Removed pins are reported, and the qdisc stays.
test_pins_removed() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	rm -r $PINS
	bqdisc -j show >/tmp/out 2>/tmp/err || fail "show: $(cat /tmp/err)"
	is "$(cat /tmp/out)" "[]" show
	grep -q "warning: ve0: has bq_pfifo 8[0-9a-f]*:, but $PINS has no record of it" /tmp/err ||
		fail "show said: $(cat /tmp/err)"
	refuses 3 "ve0: has bq_pfifo .* no record of it; .*--force" bqdisc detach ve0
	is "$(bqdisc -j detach ve0 --force --dry-run | jq -r ".steps[].command")" \
		"tc qdisc delete dev ve0 root" "the step"
	is "$(bqdisc -j detach ve0 --force | jq .changed)" true "detach by force"
	is "$(root ve0 kind)" noqueue "the root qdisc"
	is "$(bqdisc -j detach ve0 --force | jq .changed)" false "twice"
	must bqdisc attach ve0 pfifo
	must bqdisc detach ve0
	no_pins
}

run_tests "$@"
