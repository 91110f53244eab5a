#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# .init accepts and refuses the options that the in-tree qdisc accepts and refuses, with the same
# errno: MESSAGES mutations of recorded messages go to both. COMPARED of those that both accept
# result in the same options. parity.c has the messages, and the differences that are intended.
#
# runs: check suite=parity-short MESSAGES=4000 COMPARED=60
# runs: long time=1500 limit=5400
# needs: parity
# time: 50
. "${0%/*}/lib.sh"

SEED=${BQDISC_SEED:-$RANDOM}
MESSAGES=${MESSAGES:-100000}
COMPARED=${COMPARED:-500}
echo "# seed $SEED"

# Instances with small numbers prepare memory for others when they begin. Occupy them, because this
# takes most of the time otherwise.
occupy() { # QDISC KIND
	local i

	must bqdisc load "$1"
	for i in $(seq 3); do
		ip link add "du$i" type dummy
		# tbf has no such memory, and needs options.
		[ "$1" = tbf ] || must tc qdisc add dev "du$i" root "$2"
	done
}

# The devices are down, because this is faster.
same() { # QDISC KIND SHARE: of the messages, in percent
	local dev

	modprobe "sch_$1" 2>/dev/null
	occupy "$1" "$2"
	ip link add ve0 type dummy
	ip link add ve1 type dummy
	parity "$SEED" 0 $((MESSAGES * $3 / 100)) $((COMPARED * $3 / 100)) "$1" ve0 ve1 >/tmp/parity ||
		fail "$(grep -v '^#' /tmp/parity)"
	sed 's/^{/# {/' /tmp/parity
	is "$(tc qdisc show dev ve1 | grep -c bq_)" 0 "qdiscs that are left"
	for dev in du1 du2 du3; do
		ip link del "$dev"
	done
	must bqdisc unload "$1"
}

test_netem() { same netem bq_netem 40; }
test_fq() { same fq bq_fq 25; }
test_fq_codel() { same fq_codel bq_fq_codel 10; }
test_tbf() { same tbf bq_tbf 13; }
test_pfifo() { same pfifo bq_pfifo 4; }
test_bfifo() { same bfifo bq_bfifo 4; }
test_pfifo_head_drop() { same pfifo_head_drop bq_pfifo_hdrop 4; }

run_tests "$@"
