#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Qdiscs attached by another build. `near` has the same layout but other programs: bqdisc treats its
# qdiscs as its own. `other` has another layout: bqdisc reports it, restores the previous qdisc, and
# can replace its kind.
#
# runs: check
# suite: ops
# needs: build/tests/other/bqdisc:other/ build/tests/near/bqdisc:near/
. "${0%/*}/lib.sh"

other() {
	/test/other/bqdisc "$@"
}

near() {
	/test/near/bqdisc "$@"
}

# upgraded QDISC OPTION OTHER: attach with `near` and OPTION; then show it, change it to OTHER with
# its counters kept, attach another of the kind, and detach.
upgraded() {
	local qdisc=$1 before option other

	read -ra option <<<"$2"
	read -ra other <<<"$3"
	plain_pair 0
	plain_pair 1
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	before=$(tc qdisc show dev ve0)
	must near attach ve0 "$qdisc" "${option[@]}" --force
	packets send ve0 20 >/dev/null
	is "$(bqdisc show ve0 --commands)" "bqdisc attach ve0 $qdisc $2" "show"
	is "$(stat ve0 packets)" 20 "packets of the old one"
	is "$(bqdisc -j attach ve0 "$qdisc" "${option[@]}" | jq .changed)" false "the same again"
	is "$(bqdisc -j change ve0 "${other[@]}" | jq .changed)" true "change"
	is "$(near show ve0 --commands)" "bqdisc attach ve0 $qdisc $3" "what near shows"
	packets send ve0 20 >/dev/null
	is "$(stat ve0 packets)" 40 "packets after the change"
	must bqdisc attach ve1 "$qdisc"
	is "$(bqdisc -j detach ve0 | jq .changed)" true "detach"
	is "$(tc qdisc show dev ve0)" "$before" "the qdisc from before"
	must near detach ve1
	no_pins
}

test_pfifo_of_the_same_layout() { upgraded pfifo "limit 100p" "limit 50p"; }
test_fq_of_the_same_layout() { upgraded fq "quantum 3000b" "quantum 4000b"; }
test_netem_of_the_same_layout() { upgraded netem "delay 1us seed 1" "delay 2us seed 1"; }

test_attached_by_another_release() {
	local before

	plain_pair 0
	plain_pair 1
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	before=$(tc qdisc show dev ve0)
	must other attach ve0 pfifo limit 100 --force
	must bqdisc show
	grep -q "ve0: has bq_pfifo 8[0-9a-f]*:, but pfifo: loaded by another release" /tmp/out ||
		fail "show said: $(cat /tmp/out)"
	refuses 2 "loaded by another release of bqdisc; run 'bqdisc detach'" \
		bqdisc change ve0 limit 5
	refuses 2 "then 'bqdisc unload pfifo'" bqdisc attach ve1 pfifo
	refuses 2 "ve0: uses pfifo; detach it first" bqdisc unload pfifo
	is "$(root ve0 kind)" bq_pfifo "the root qdisc"
	is "$(bqdisc -j detach ve0 | jq .changed)" true "detach"
	is "$(tc qdisc show dev ve0)" "$before" "the qdisc from before"
	is "$(bqdisc -j unload pfifo | jq -c '[.changed, .loaded]')" '[true,false]' "unload"
	must bqdisc attach ve1 pfifo
	must bqdisc detach ve1
	no_pins
}

# Another qdisc of bqdisc may replace it directly, and detach still restores the previous qdisc.
test_replaced_by_another_qdisc() {
	plain_pair 0
	must other attach ve0 pfifo
	must bqdisc attach ve0 bfifo
	is "$(root ve0 kind)" bq_bfifo "the root qdisc"
	must bqdisc unload pfifo
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
}

# The same in the other direction: `other` detaches what this release attached.
test_attached_by_this_release() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	refuses 2 "loaded by another release" other change ve0 limit 5
	is "$(other -j detach ve0 | jq .changed)" true "detach"
	must other unload pfifo
	no_pins
}

run_tests "$@"
