#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What an instance costs in kernel memory: it is told truly, and too much is asked about.
#
# runs: check
# suite: ops
. "${0%/*}/lib.sh"

# Bytes of all BPF maps, as the kernel reckons them.
all_maps() {
	bpftool -j map show | jq '[.[].bytes_memlock] | add'
}

memory() { # DEV
	bqdisc -j show "$1" | jq '.[0].memory_bytes'
}

test_cost_is_what_the_kernel_says() {
	local before told

	ip link add du0 type dummy
	ip link add du1 type dummy
	must bqdisc attach du0 pfifo
	before=$(all_maps)
	must bqdisc attach du1 pfifo limit 100000
	told=$(memory du1)
	between "$told" 800000 810000 "memory of 100000 slots of 8 bytes"
	between $(($(all_maps) - before)) $((told * 95 / 100)) $((told * 110 / 100)) "memory of the maps"
	before=$(all_maps)
	must bqdisc change du1 limit 500000
	between $(($(memory du1) - told)) $(($(all_maps) - before - 100000)) \
		$(($(all_maps) - before + 200000)) "told of what it grew by"
}

test_default_cost() {
	local qdisc told

	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		plain_pair 0
		must bqdisc attach ve0 "$qdisc"
		told=$(bqdisc -j help "$qdisc" | jq .memory_bytes)
		is "$(memory ve0)" "$told" "memory of $qdisc"
		ip link del ve0
	done
}

test_cap() {
	plain_pair 0
	refuses 1 "fq with these options takes [0-9]+mb of kernel memory, and 64mb is the most: $(
		)--memory [0-9]+mb allows it" bqdisc attach ve0 fq limit 400000 buckets 262144
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
	# The remedy that it names is enough.
	# shellcheck disable=SC2046 # two words
	must bqdisc attach ve0 fq limit 400000 buckets 262144 $(grep -o -- '--memory [0-9]*mb' /tmp/err)
	is "$(root ve0 kind)" bq_fq "the root qdisc"
	refuses 1 "pfifo .* takes [89].[0-9]kb of kernel memory, and 5.0kb is the most: --memory 1mb" \
		bqdisc attach ve0 pfifo limit 1024 --memory 5kb
	refuses 1 "'0' is not a size" bqdisc attach ve0 pfifo --memory 0
}

run_tests "$@"
