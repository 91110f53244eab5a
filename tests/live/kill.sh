#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Kill a command at every system call that changes lasting state. The next run of it, or of detach,
# must repair everything.
#
# KILLAT: "" kills before each such call, --exit right after it, --all before every system call.
# EVERY=N: only at each Nth call, from a random one on. make check runs a part of the first, make
# check-safety all of it, make check-long the others.
#
# runs: check suite=kill_some EVERY=8
# runs: safety limit=3600
# runs: long suite=kill_exit KILLAT=--exit limit=3600
# runs: long suite=kill_all KILLAT=--all limit=18000
# needs: killat
. "${0%/*}/lib.sh"

KILLAT=${KILLAT:-}
EVERY=${EVERY:-1}
FIRST=${FIRST:-$((RANDOM % EVERY))}
shopt -s nullglob

# Set `shown` to bqdisc's qdisc on ve0 from its JSON, "pfifo 8001: queues=0 limit_packets=100 ..."
# with every option, or to "".
read_shown() { # WHEN
	bqdisc -j show ve0 >/tmp/show 2>/tmp/err || fail "show $1: $(cat /tmp/err)"
	shown=$(jq -r '.[] | "\(.qdisc) \(.handle) queues=\(.queues // 0) " +
		(.options | to_entries | map("\(.key)=\(.value)") | join(" ")) + " "' /tmp/show)
}

# bqdisc must report the same qdisc on ve0 as tc.
honest() { # WHEN
	local _ kind handle

	read_shown "$1"
	tc qdisc show dev ve0 >/tmp/tc
	read -r _ kind handle _ </tmp/tc
	if [ "$kind" = mq ] && grep -q bq_ /tmp/tc; then
		[[ $shown = *" $handle queues=2 "* ]] || fail "show $1: '$shown', tc: $(cat /tmp/tc)"
		return
	fi
	[[ $kind = bq_* ]] || kind='' handle=''
	[[ $shown = "${kind#bq_}"*"$handle"* ]] || fail "show $1: '$shown', tc: $(cat /tmp/tc)"
	[ -n "$kind" ] || is "$shown" "" "show $1"
}

# No file of bqdisc is left, and ve0 has its previous qdisc.
nothing_left() { # WHEN
	local now=(/sys/fs/bpf/{,*/}*)

	tc qdisc show dev ve0 >/tmp/tc
	is "$(</tmp/tc)" "$before" "the root qdisc $1"
	is "${now[*]}" "$files" "files under /sys/fs/bpf $1"
}

same_objects() {
	[ "$(killat --objects)" = "$objects" ]
}

# at_each_call SETUP WANT COMMAND...: kill COMMAND at each call. After a second run ve0's qdisc must
# match WANT, a pattern.
at_each_call() {
	local setup=$1 want=$2 n=$((FIRST + 1 - EVERY)) ended=0 call next before files objects

	shift 2
	before=$(tc qdisc show dev ve0)
	files=$(echo /sys/fs/bpf/{,*/}*)
	objects=$(killat --objects)
	until [ "$ended" = 1 ]; do
		n=$((n + EVERY))
		for next in "$*" detach; do
			$setup
			# shellcheck disable=SC2086 # options
			call=$(killat $KILLAT "$n" "$@" 2>/tmp/err)
			ended=$?
			[ "$ended" -le 1 ] || fail "'$*' without a kill: $(cat /tmp/err)"
			call="after '$*', killed at ${call##*$'\n'}"
			honest "$call"
			if [ "$next" != detach ]; then
				must "$@"
				read_shown "$call, and run again"
				is "$(</tmp/err)" "" "what show warns of $call, and run again"
				# shellcheck disable=SC2053 # a pattern
				[[ $shown = $want ]] || fail "ve0 $call, and run again: $shown"
			fi
			bqdisc detach ve0 >/tmp/out 2>&1 || fail "detach $call: $(cat /tmp/out)"
			nothing_left "$call, then $next"
		done
	done
	# The kernel frees objects in the background, after a grace period.
	wait_for 10 same_objects || fail "left by '$*': $(killat --objects), before $objects"
	echo "# up to $((n - 1)) calls of $*, each ${EVERY}th from $((FIRST + 1)) on"
}

attached() {
	must bqdisc attach ve0 pfifo limit 100
}

# An instance on another device keeps the kind loaded, which saves most of the time of attach.
elsewhere() {
	ip link add du1 type dummy
	must bqdisc attach du1 pfifo
}

# Check killat itself: a killed call is not executed, or is executed with --exit.
test_killat() {
	is "$(killat 1 mkdir /tmp/killed)" "1: mkdir" "killat before mkdir"
	[ ! -d /tmp/killed ] || fail "the call was made before the kill"
	is "$(killat --exit 1 mkdir /tmp/killed)" "1: after mkdir" "killat after mkdir"
	rmdir /tmp/killed || fail "the call was not made"
	killat 1 true >/dev/null
	is $? 1 "status of a command that ends before"
	killat 1 false >/dev/null
	is $? 2 "status of a command that fails before"
}

test_attach() {
	plain_pair 0
	at_each_call : "pfifo *limit_packets=100 *" bqdisc attach ve0 pfifo limit 100
}

test_attach_over_a_foreign_qdisc() {
	plain_pair 0
	tc qdisc add dev ve0 root handle 7: fq limit 1234 flow_limit 56 quantum 3000
	at_each_call : "pfifo *limit_packets=100 *" bqdisc attach ve0 pfifo limit 100 --force
}

test_attach_over_another_of_bqdisc() {
	plain_pair 0
	elsewhere
	at_each_call attached "bfifo *limit_bytes=9216 *" bqdisc attach ve0 bfifo limit 9kb
}

test_change() {
	plain_pair 0
	elsewhere
	at_each_call attached "pfifo *limit_packets=50 *" bqdisc change ve0 limit 50
}

# Kill while it waits for programs to leave the old options. The next change must wait instead.
test_change_waits_for_one_that_was_killed() {
	local calls n

	plain_pair 0
	attached
	calls=$(killat --count bqdisc change ve0 limit 50 | tail -n 1)
	for n in $(seq "$calls"); do
		[[ $(killat "$n" bqdisc change ve0 limit 60) = *UPDATE* ]] && break
	done
	is "$(bqdisc -j show ve0 | jq -c '.[0].options')" '{"limit_packets":60}' options
	is "$(killat --count bqdisc change ve0 limit 70 | tail -n 1)" $((calls + 1)) "calls of the next"
	is "$(killat --count bqdisc change ve0 limit 80 | tail -n 1)" "$calls" "calls of the one after"
}

# A netem with a delay of 10 ms has a program on the egress hook.
delayed() {
	must bqdisc attach ve0 netem delay 10ms seed 1
}

undelayed() {
	must bqdisc attach ve0 netem delay 0s seed 1
}

# Another device keeps the kind and its egress program loaded.
netem_elsewhere() {
	ip link add du0 type dummy
	must bqdisc attach du0 netem delay 1ms
	must bqdisc change du0 delay 0s
}

# Load the kind again, without its egress program.
netem_anew() {
	must bqdisc detach du0
	must bqdisc attach du0 netem
}

test_attach_with_egress() {
	plain_pair 0
	netem_elsewhere
	at_each_call : "netem *delay_ns=10000000 *" bqdisc attach ve0 netem delay 10ms seed 1
}

test_attach_that_loads_the_egress() {
	plain_pair 0
	netem_elsewhere
	at_each_call netem_anew "netem *delay_ns=10000000 *" bqdisc attach ve0 netem delay 10ms seed 1
}

test_attach_over_one_with_egress() {
	plain_pair 0
	netem_elsewhere
	elsewhere
	at_each_call delayed "pfifo *limit_packets=10 *" bqdisc attach ve0 pfifo limit 10
}

test_change_that_needs_a_egress() {
	plain_pair 0
	netem_elsewhere
	at_each_call undelayed "netem *delay_ns=10000000 *" bqdisc change ve0 delay 10ms
}

test_change_that_needs_none_any_more() {
	plain_pair 0
	netem_elsewhere
	at_each_call delayed "netem *delay_ns=0 *" bqdisc change ve0 delay 0s
}

# Meanwhile senders pass on one segment at a time, and afterwards more again.
offload_is_on() {
	[ "$(ip -d -j link show ve0 | jq '.[0].gso_max_segs')" -gt 1 ]
}

corrupting() {
	offload_is_on || fail "gso_max_segs did not come back"
	must bqdisc attach ve0 netem corrupt 1% seed 1
}

test_change_of_segments() {
	plain_pair 0
	netem_elsewhere
	at_each_call delayed "netem *corrupt_percent=1 *" bqdisc change ve0 corrupt 1%
	at_each_call corrupting "" bqdisc detach ve0
	offload_is_on || fail "gso_max_segs did not come back"
}

test_detach_with_egress() {
	plain_pair 0
	netem_elsewhere
	at_each_call delayed "" bqdisc detach ve0
}

test_change_to_more_slots() {
	plain_pair 0
	elsewhere
	at_each_call attached "pfifo *limit_packets=5000 *" bqdisc change ve0 limit 5000
}

test_detach() {
	plain_pair 0
	tc qdisc add dev ve0 root handle 7: fq limit 1234 flow_limit 56 quantum 3000
	at_each_call "must bqdisc attach ve0 pfifo --force" "" bqdisc detach ve0
}

two_queues() {
	plain_pair 0 numtxqueues 2 numrxqueues 2
	elsewhere
}

test_attach_to_queues() {
	two_queues
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	at_each_call : "pfifo *queues=2 limit_packets=100 *" bqdisc attach ve0 pfifo limit 100 --force
}

test_attach_to_queues_over_one_at_the_root() {
	two_queues
	at_each_call "must bqdisc attach ve0 bfifo --root" "pfifo *queues=2 limit_packets=100 *" \
		bqdisc attach ve0 pfifo limit 100
}

test_attach_over_queues() {
	two_queues
	at_each_call attached "bfifo *queues=2 limit_bytes=9216 *" bqdisc attach ve0 bfifo limit 9kb
}

test_change_of_queues() {
	two_queues
	at_each_call attached "pfifo *queues=2 limit_packets=50 *" bqdisc change ve0 limit 50
}

test_detach_of_queues() {
	two_queues
	at_each_call attached "" bqdisc detach ve0
}

expired() {
	must bqdisc attach ve0 pfifo --force --for 1ms
}

test_sweep_of_what_has_expired() {
	plain_pair 0
	elsewhere
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	at_each_call expired "" bqdisc sweep
}

# Kill between registration and the last rename, when a qdisc of the kind already exists: the kind
# is taken over, and the qdisc is not lost.
test_a_whole_kind_is_adopted() {
	local n=1 before

	plain_pair 0
	ip link add du0 type dummy
	before=$(tc qdisc show dev du0)
	until [[ $(killat "$n" bqdisc attach ve0 pfifo) = *rename* ]]; do
		bqdisc detach ve0 >/dev/null
		n=$((n + 1))
		[ "$n" -lt 100 ] || fail "attach renames nothing"
	done
	must tc qdisc add dev du0 root handle 5: bq_pfifo
	bqdisc -j show >/tmp/show 2>/tmp/err || fail "show: $(cat /tmp/err)"
	is "$(jq -c . /tmp/show)" "[]" "show before"
	is "$(cat /tmp/err)" \
		"bqdisc: warning: du0: has bq_pfifo 5:, but /sys/fs/bpf/bqdisc has no record of it" \
		"what show says before"
	must bqdisc attach ve0 pfifo
	is "$(bqdisc -j show | jq -c 'map([.dev, .handle]) | sort | .[0]')" '["du0","5:"]' "show after"
	must bqdisc detach ve0
	must bqdisc detach du0
	is "$(tc qdisc show dev du0)" "$before" "du0"
	no_pins
}

[ "$EVERY" = 1 ] || set -- test_killat test_attach test_change test_detach_with_egress \
	test_attach_with_egress
run_tests "$@"
