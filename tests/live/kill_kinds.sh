#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Kill load and default before and after every system call that changes lasting state.
#
# runs: safety suite=kill limit=3600
# needs: killat
. "${0%/*}/lib.sh"

DEFAULT=/proc/sys/net/core/default_qdisc
PINS=/sys/fs/bpf/bqdisc
BEFORE=$(cat $DEFAULT)

# Kill COMMAND after SETUP at each lasting system call: the default is always a registered kind,
# COMMAND succeeds afterwards, and nothing is left.
survives_kills() { # SETUP COMMAND...
	local setup=$1 n=0 ended=0 now

	shift
	while [ "$ended" = 0 ]; do
		n=$((n + 1))
		$setup
		# shellcheck disable=SC2086 # none or one
		killat ${HOW:-} "$n" "$@" >/tmp/out 2>&1
		ended=$?
		now=$(cat $DEFAULT)
		[ "$now" = "$BEFORE" ] || [ -e $PINS/bq_pfifo/link ] || fail "$n: the default $now is not registered"
		must "$@"
		must bqdisc default --restore
		must bqdisc unload pfifo
		is "$(cat $DEFAULT)" "$BEFORE" "net.core.default_qdisc"
		is "$(ls $PINS)" bq_pfifo "pins after $(cat /tmp/out)"
		is "$(ls $PINS/bq_pfifo)" "$usual" "pins of pfifo after $(cat /tmp/out)"
	done
	[ "$ended" = 1 ] || fail "$*: $(cat /tmp/out)"
	[ "$n" -gt 2 ] || fail "only $n system calls of $*"
	echo "# $((n - 1)) calls of $*"
}

test_killed() {
	local usual

	# A qdisc made by tc keeps the kind registered, which saves most of the time.
	must bqdisc load pfifo
	ip link add du0 type dummy
	must tc qdisc add dev du0 root bq_pfifo
	must bqdisc unload pfifo
	usual=$(ls $PINS/bq_pfifo)
	survives_kills : bqdisc load pfifo
	survives_kills : bqdisc default pfifo
	survives_kills 'must bqdisc default pfifo' bqdisc default --restore
	HOW=--exit survives_kills : bqdisc default pfifo
	HOW=--exit survives_kills 'must bqdisc default pfifo' bqdisc default --restore
}

run_tests "$@"
