#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Kinds loaded by hand: load, unload, default.
#
# runs: check
# suite: ops
. "${0%/*}/lib.sh"

DEFAULT=/proc/sys/net/core/default_qdisc
PINS=/sys/fs/bpf/bqdisc

# The machine's default qdisc. Every test restores it.
BEFORE=$(cat $DEFAULT)

loaded() { # QDISC
	[ -e "$PINS/$(bqdisc -j list | jq -r ".[] | select(.qdisc == \"$1\").kind")/link" ]
}

# Make a device that gets the default qdisc: it has a queue, and is set up now.
new_device() {
	ip link add "$1" type ifb
	quiet "$1"
	ip link set "$1" txqueuelen 100
	ip link set "$1" up
}

default_is() {
	is "$(cat $DEFAULT)" "$1" "net.core.default_qdisc"
}

test_loaded_until_unloaded() {
	is "$(bqdisc -j load pfifo | jq -c .)" '{"qdisc":"pfifo","changed":true,"loaded":true}' load
	is "$(bqdisc -j load pfifo | jq .changed)" false "load once more"
	plain_pair 0
	must bqdisc attach ve0 pfifo
	must bqdisc detach ve0
	loaded pfifo || fail "gone with its last qdisc though it was loaded"
	must tc qdisc add dev ve0 root bq_pfifo
	is "$(bqdisc -j unload pfifo | jq -c .)" '{"qdisc":"pfifo","changed":true,"loaded":true}' unload
	is "$(root ve0 kind)" bq_pfifo "the root qdisc"
	is "$(bqdisc -j unload pfifo | jq .changed)" false "unload once more"
	ip link del ve0
	is "$(bqdisc -j unload pfifo | jq .loaded)" false "unload after the last qdisc"
	no_pins
}

test_unload_what_never_was() {
	is "$(bqdisc -j unload fq | jq -c '[.changed, .loaded]')" '[false,false]' unload
	refuses 1 "unknown qdisc 'pfif0'; the nearest is 'pfifo'" bqdisc load pfif0
	refuses 1 "unknown qdisc 'quux'; 'bqdisc list'" bqdisc unload quux
	no_pins
}

test_default_and_back() {
	is "$(bqdisc -j default pfifo | jq -c .)" \
		"{\"kind\":\"bq_pfifo\",\"qdisc\":\"pfifo\",\"previous\":\"$BEFORE\",\"changed\":true}" default
	is "$(bqdisc -j default pfifo | jq .changed)" false "default once more"
	default_is bq_pfifo
	new_device du0
	is "$(bqdisc -j show | jq -c 'map([.dev, .handle, .options.limit_packets])')" \
		'[["du0","0:",100]]' "show of what the kernel made"
	is "$(bqdisc -j stats du0 drops | jq -c .)" '{"dev":"du0","drops":0}' "stats of it"
	is "$(bqdisc -j detach du0 | jq .changed)" false "detach without an attachment"
	refuses 2 "bq_pfifo: is the default qdisc; run 'bqdisc default --restore' first" \
		bqdisc unload pfifo
	is "$(bqdisc -j default --restore | jq -c '[.kind, .previous, .changed]')" \
		"[\"$BEFORE\",null,true]" "default --restore"
	default_is "$BEFORE"
	is "$(bqdisc -j default --restore | jq .changed)" false "default --restore once more"
	loaded pfifo || fail "the kind is gone while du0 has one"
	ip link del du0
	must bqdisc unload pfifo
	no_pins
}

# attach replaces a default of bqdisc without --force, and detach restores it.
test_attach_over_a_default_of_bqdisc() {
	must bqdisc default pfifo
	new_device du0
	must bqdisc attach du0 pfifo limit 7
	is "$(bqdisc -j show du0 | jq -c '.[0].options')" '{"limit_packets":7}' "options"
	must bqdisc detach du0
	is "$(bqdisc -j show du0 | jq -c '.[0] | [.handle, .options.limit_packets]')" '["0:",100]' \
		"the default again"
	must bqdisc default --restore
	ip link del du0
	must bqdisc unload pfifo
	no_pins
}

# Changing bqdisc's default keeps the first recorded value, and unloads the unused kind.
test_default_to_another_of_bqdisc() {
	must bqdisc default pfifo
	must bqdisc default bfifo
	default_is bq_bfifo
	loaded pfifo && fail "bq_pfifo is kept though nothing uses it"
	must bqdisc default --restore
	default_is "$BEFORE"
	no_pins
}

# Another program changes the default qdisc: bqdisc's record of it is void.
test_default_changed_by_others() {
	must bqdisc default pfifo
	echo fq_codel >$DEFAULT
	is "$(bqdisc -j default --restore | jq -c '[.kind, .changed]')" '["fq_codel",false]' restore
	no_pins
	must bqdisc load pfifo
	echo bq_pfifo >$DEFAULT
	must bqdisc unload fq
	refuses 2 "bq_pfifo: is the default qdisc" bqdisc unload pfifo
	refuses 3 "the previous value is not recorded" bqdisc default --restore
	echo "$BEFORE" >$DEFAULT
	must bqdisc unload pfifo
	no_pins
}

# With two transmit queues the kernel makes mq with one instance a queue.
test_default_of_many_queues() {
	must bqdisc default pfifo
	ip link add ve0 numtxqueues 2 numrxqueues 2 type veth peer name vf0 numtxqueues 2 numrxqueues 2
	quiet ve0
	quiet vf0
	tc qdisc add dev ve0 root handle 1: mq
	ip link set ve0 up
	ip link set vf0 up
	packets send ve0 10 >/dev/null
	is "$(bqdisc -j show ve0 | jq -c 'map(.parent) | sort')" '["1:1","1:2"]' show
	is "$(stat ve0 enqueued)" 10 "packets stored, over both queues"
	must bqdisc default --restore
}

test_default_not_visible() {
	ip netns add peer
	refuses 1 "not visible in this network namespace" \
		bqdisc -n peer default pfifo
	default_is "$BEFORE"
	no_pins
}

run_tests "$@"
