#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Live change: no packet sees words of two configurations. Needs a second CPU, because on one CPU
# the writer never runs while a program does.
#
# runs: check
# needs: torn torn.bpf.o
# cpus: 2
# time: 40
. "${0%/*}/lib.sh"

test_no_packet_sees_two_versions() {
	[ "$(nproc)" -gt 1 ] || skip "a second CPU"
	ip link add du0 type dummy
	quiet du0
	ip link set du0 up
	torn /test/torn.bpf.o du0 300000 >/tmp/torn 2>/tmp/err || fail "$(cat /tmp/err)"
	is "$(jq .packets /tmp/torn)" 300000 "packets"
	[ "$(jq .changes /tmp/torn)" -gt 30 ] || fail "only $(jq .changes /tmp/torn) changes"
	is "$(jq .torn /tmp/torn)" 0 "packets torn in $(jq .changes /tmp/torn) changes"
}

run_tests "$@"
