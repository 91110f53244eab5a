#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A detach that is killed or refused half-way: the next one completes it.
#
# runs: safety kernels@6.18
# suite: undo
# needs: rawtc killat
# limit: 3600
. "${0%/*}/lib.sh"

everything() {
	rawtc du0 | sort
}

build() {
	ip link add du0 type dummy || fail "no dummy device"
	quiet du0
	ip link set du0 up
	tc qdisc add dev du0 root handle 1: htb default 20
	tc class add dev du0 parent 1: classid 1:1 htb rate 100mbit
	tc class add dev du0 parent 1:1 classid 1:20 htb rate 5mbit
	tc qdisc add dev du0 parent 1:20 handle 20: fq limit 500
	tc filter add dev du0 parent 1: protocol ip prio 5 matchall flowid 1:20
}

# inject WHAT NUMBER COMMAND...: inject at the NUMBERth netlink message to the kernel.
inject() {
	strace -o /dev/null -e trace=sendto -e "inject=sendto:$1:when=$2" "${@:3}" >/tmp/out 2>&1
}

# Requests read the device and its root, restore that, and the fourth creates a class.
first_class=4

needs_strace() {
	command -v strace >/dev/null || skip "strace"
}

test_killed_at_every_step() {
	local before n=0 status=137

	needs_strace
	build
	before=$(everything)
	while [ "$status" -eq 137 ] && [ "$n" -lt 30 ]; do
		n=$((n + 1))
		must bqdisc attach du0 pfifo limit 9 --force
		status=0
		inject signal=KILL "$n" bqdisc detach du0 || status=$?
		[ "$status" -eq 137 ] || break
		must bqdisc detach du0
		is "$(everything)" "$before" "after a kill at request $n and another detach"
		nothing_recorded
	done
	is "$status" 0 "exit status of the detach that was not killed ($(cat /tmp/out))"
	between "$n" 6 29 "requests of a detach"
	is "$(everything)" "$before" "after a detach that was not killed"
}

test_refused_half_way() {
	local before status=0

	needs_strace
	build
	before=$(everything)
	must bqdisc attach du0 pfifo limit 9 --force
	inject error=ENOBUFS "$first_class" bqdisc detach du0 || status=$?
	is "$status" 2 "exit status of a detach that was refused ($(cat /tmp/out))"
	grep -q "restored 1 of 5 steps, failed at the class htb 1:1; run" /tmp/out ||
		fail "detach said: $(cat /tmp/out)"
	refuses 3 "du0: a detach was interrupted.*run 'bqdisc detach du0' again" \
		bqdisc attach du0 pfifo
	must bqdisc detach du0
	is "$(everything)" "$before" "after another detach"
	nothing_recorded
}

# Kill detach after each call, also between a step and its record: --dry-run prints what is left.
test_dry_run_prints_the_rest() {
	local before n=0 ended=0 call resumed=0

	until [ "$ended" = 1 ]; do
		n=$((n + 1))
		build
		before=$(everything)
		must bqdisc attach du0 pfifo limit 9 --force
		call=$(killat --exit "$n" bqdisc detach du0 2>/tmp/err)
		ended=$?
		[ "$ended" -le 1 ] || fail "detach without a kill: $(cat /tmp/err)"
		if [ "$ended" = 0 ] && [ "$(root du0 kind)" = htb ]; then
			must bqdisc detach du0 --dry-run
			mv /tmp/out /tmp/steps
			! grep " root " /tmp/steps >/tmp/out ||
				fail "killed at ${call##*$'\n'}, but prints $(cat /tmp/out)"
			# The first of them may be complete but not recorded. detach accepts that.
			sh /tmp/steps >/tmp/out 2>&1
			is "$(everything)" "$before" "after the printed steps, killed at ${call##*$'\n'}"
			resumed=$((resumed + 1))
		fi
		ip link del du0
		bqdisc detach lo >/dev/null
		nothing_recorded
	done
	between "$resumed" 6 40 "kills during the restore"
}

# A pending restore is void when another program has installed a qdisc since.
test_given_up() {
	needs_strace
	build
	must bqdisc attach du0 pfifo limit 9 --force
	inject error=ENOBUFS "$first_class" bqdisc detach du0
	tc qdisc replace dev du0 root handle 9: fq
	is "$(bqdisc -j detach du0 | jq .changed)" false "detach of another program's qdisc"
	is "$(root du0 kind)" fq "the root qdisc"
	nothing_recorded
}

kind_stays pfifo
run_tests "$@"
