#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Pool instances, which tc makes without bqdisc, and untrusted options.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# runs: arm64@newest-arm64,newest-arm64-16k
# runs: quick suite=quick
# suite: live
# needs: newqdisc
# time: 30
. "${0%/*}/lib.sh"

# Any instance keeps the kind registered.
registered() {
	ip link add du0 type dummy
	must bqdisc attach du0 pfifo
}

test_stock_tc() {
	plain_pair 0 txqueuelen 50
	registered
	must tc qdisc add dev ve0 root handle 3: bq_pfifo
	is "$(bqdisc -j show ve0 | jq -c '.[0] | [.handle, .options.limit_packets]')" '["3:",50]' show
	packets send ve0 10 >/dev/null
	is "$(stat ve0 enqueued)" 10 "packets stored"
}

test_default_qdisc_and_mq() {
	registered
	echo bq_pfifo >/proc/sys/net/core/default_qdisc
	ip link add ve0 numtxqueues 4 numrxqueues 4 type veth peer name vf0 numtxqueues 4 numrxqueues 4
	quiet ve0
	quiet vf0
	tc qdisc add dev ve0 root handle 1: mq
	ip link set ve0 up
	ip link set vf0 up
	echo pfifo_fast >/proc/sys/net/core/default_qdisc
	is "$(tc -j qdisc show dev ve0 | jq 'map(select(.kind == "bq_pfifo")) | length')" 4 children
	is "$(bqdisc -j show ve0 | jq -c 'map(.parent) | sort')" '["1:1","1:2","1:3","1:4"]' show
	packets send ve0 10 >/dev/null
	is "$(stat ve0 enqueued)" 10 "packets stored, over all queues"
}

# Another program creates more than 64 instances, one by one.
test_many_by_tc() {
	local i made=0

	registered
	for i in $(seq 1 70); do
		ip link add "du$i" type dummy
		tc qdisc add dev "du$i" root bq_pfifo 2>/tmp/err && made=$((made + 1))
	done
	is "$made" 70 "instances from the pool ($(cat /tmp/err))"
	is "$(bqdisc -j show | jq length)" 71 "instances, the prepared one included"
	for i in $(seq 1 70); do
		ip link del "du$i" 2>/dev/null
	done
	pool_is_empty bq_pfifo
}

# TCA_OPTIONS: the in-tree struct tc_fifo_qopt, bqdisc's options, and neither of them.
test_native_options() {
	plain_pair 0
	registered
	must newqdisc ve0 bq_pfifo 2a000000
	is "$(bqdisc -j show ve0 | jq '.[0].options.limit_packets')" 42 "the native limit"
}

test_garbage_is_refused() {
	# magic, layout, index, size; a cookie follows
	local other=646271b9ff0000000000000018000000

	plain_pair 0
	registered
	# shorter than struct tc_fifo_qopt
	newqdisc ve0 bq_pfifo 2a00 2>/dev/null && fail "two bytes were taken"
	# The magic number alone is a limit of the in-tree pfifo.
	newqdisc ve0 bq_pfifo ${other}0000000000000000 2>/dev/null && fail "another layout was taken"
	is "$(root ve0 kind)" noqueue "the root qdisc"
}

run_tests "$@"
