#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# More instances than the first table of a kind has, and the index that finds them.
#
# runs: check kernels@6.17,6.18,7.3
# long: pool_grows
# suite: state
# time: 60
. "${0%/*}/lib.sh"

# Prints lines for `ip -batch`.
each_device() { # FIRST LAST WORDS-BEFORE WORDS-AFTER
	local i

	for ((i = $1; i <= $2; i++)); do
		echo "$3 du$i ${4-}"
	done
}

make_devices() { # COUNT
	each_device 1 "$1" "link add" "type dummy" >/tmp/batch
	must ip -batch /tmp/batch
}

kinds_loaded() { # KIND
	find /sys/fs/bpf/bqdisc -maxdepth 1 -name "$1*" | wc -l
}

limits() {
	bqdisc -j show | jq -c 'map(.options.limit_packets)'
}

# The first table has room for 63. Each instance keeps its own options, in whatever table it is.
test_a_second_table() {
	local i expected=''

	make_devices 70
	for i in $(seq 1 70); do
		bqdisc attach "du$i" pfifo limit "$i" >/dev/null || fail "attach du$i"
		expected="$expected${expected:+,}$i"
	done
	is "$(kinds_loaded bq_pfifo)" 2 "tables of pfifo"
	is "$(limits)" "[$expected]" "limits of all"
	must bqdisc change du3 limit 1003
	must bqdisc change du68 limit 1068
	is "$(bqdisc -j show du3 | jq '.[0].options.limit_packets')" 1003 "in the first"
	is "$(bqdisc -j show du68 | jq '.[0].options.limit_packets')" 1068 "in the second"
	is "$(tc -j qdisc show | jq 'map(select(.kind == "bq_pfifo")) | length')" 70 "qdiscs"
	for i in $(seq 1 70); do
		bqdisc detach "du$i" >/dev/null || fail "detach du$i"
	done
	no_pins
}

# With many records a sweep looks only at those of instances that are gone.
test_devices_go() {
	make_devices 50
	for i in $(seq 1 50); do
		bqdisc attach "du$i" pfifo >/dev/null || fail "attach du$i"
	done
	each_device 1 49 "link del" >/tmp/batch
	must ip -batch /tmp/batch
	is "$(bqdisc -j show | jq length)" 1 "instances that are left"
	must bqdisc detach du50
	no_pins
}

# Devices of two namespaces have the same number. An instance is found by the namespace too.
test_same_ifindex() {
	local ns

	for ns in one two; do
		ip netns add "$ns"
		ip -n "$ns" link add du0 type dummy
	done
	is "$(ip -n one -j link show du0 | jq '.[0].ifindex')" \
		"$(ip -n two -j link show du0 | jq '.[0].ifindex')" "numbers of the devices"
	must bqdisc -n one attach du0 pfifo limit 11
	must bqdisc -n two attach du0 pfifo limit 22
	is "$(bqdisc -n one -j show du0 | jq '.[0].options.limit_packets')" 11 "limit in the first"
	is "$(bqdisc -n two -j show du0 | jq '.[0].options.limit_packets')" 22 "limit in the second"
	must bqdisc -n one detach du0
	is "$(bqdisc -n two -j show du0 | jq '.[0].options.limit_packets')" 22 "after the first went"
	ip netns del two
	ip netns del one
	is "$(bqdisc sweep 2>&1)" "$(bqdisc sweep 2>&1)" sweep
	no_pins
}

# A qdisc replaced by another of its kind, through tc and again by bqdisc, is found each time.
test_replaced() {
	local i

	make_devices 1
	for i in 1 2 3; do
		must bqdisc attach du1 pfifo limit $((10 + i))
		must tc qdisc replace dev du1 root handle "$i:" bq_pfifo
		is "$(bqdisc -j show du1 | jq -c '.[0] | [.handle, .options.limit_packets]')" \
			"[\"$i:\",1000]" "of tc"
		must bqdisc attach du1 pfifo limit $((30 + i)) --force
		is "$(bqdisc -j show du1 | jq '.[0].options.limit_packets')" $((30 + i)) "of bqdisc"
	done
	must bqdisc detach du1
	bqdisc sweep >/dev/null
}

# tc takes instances of the pool. A command that finds it short loads a larger one.
test_pool_grows() {
	local i made=0

	make_devices 260
	must bqdisc attach du1 pfifo
	for i in $(seq 2 80); do
		tc qdisc add dev "du$i" root bq_pfifo || fail "du$i"
	done
	must bqdisc attach du81 pfifo
	is "$(kinds_loaded bq_pfifo)" 2 "tables of pfifo"
	for i in $(seq 82 260); do
		tc qdisc add dev "du$i" root bq_pfifo && made=$((made + 1))
	done
	is "$(bqdisc -j show | jq length)" 260 "instances"
	each_device 1 260 "link del" >/tmp/batch
	must ip -batch /tmp/batch
	bqdisc sweep >/dev/null
	no_pins
}

run_tests "$@"
