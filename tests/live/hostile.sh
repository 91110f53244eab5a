#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A namespace with CAP_NET_ADMIN may make a qdisc of any loaded kind, with anything as TCA_OPTIONS.
# Every kind gets ten thousand random and mutated blobs, a thousand in make check: each is refused
# cleanly or makes a qdisc whose options are in range; prepared instances are not to be had; and
# nothing is left.
#
# runs: check suite=ops BLOBS=1000
# runs: safety
# needs: newqdisc
# time: 60
. "${0%/*}/lib.sh"

SEED=${BQDISC_SEED:-$RANDOM}
BLOBS=${BLOBS:-10000}
ROUNDS=5
echo "# seed $SEED"

# Options of ve0 that are outside of what the tables allow. Where 0 is below the range it says that
# there is none; and the kernel's own attributes are 32 bits wide, whatever we let people type.
out_of_range() { # QDISC
	bqdisc -j show ve0 >/tmp/show
	bqdisc -j list | jq -c --arg q "$1" --slurpfile show /tmp/show '
		$show[0][0].options as $now | .[] | select(.qdisc == $q).options[] |
		. as $o | $now[.key] | if type == "array" then .[] else . end |
		select(type == "number" and . != 0 and $o.name != "limit" and $o.name != "rate_cell_size" and
			(. < $o.min or . > $o.max)) | [$o.key, .]'
}

# The device is down in all rounds but the last, which makes the kernel quicker.
attack() { # QDISC KIND
	local round

	plain_pair 0
	must bqdisc load "$1"
	ip link add du0 type dummy
	must bqdisc attach du0 "$1"
	bqdisc -j show du0 | jq -c '.[0].options' >/tmp/prepared
	for round in $(seq $ROUNDS); do
		[ "$round" = $ROUNDS ] || ip link set ve0 down
		must newqdisc --random $((SEED + round)) $((BLOBS / ROUNDS)) ve0 "$2"
		echo "# $1: $(cat /tmp/out)"
		ip link set ve0 up
		is "$(out_of_range "$1")" "" "options out of range"
	done
	must newqdisc --steal ve0 "$2"
	is "$(bqdisc -j show du0 | jq -c '.[0].options')" "$(cat /tmp/prepared)" \
		"the prepared instance"
	ip link del ve0
	must bqdisc detach du0
	must bqdisc unload "$1"
	wait_for 10 gone || fail "left: $(find /sys/fs/bpf/bqdisc)"
}

gone() {
	bqdisc detach lo >/dev/null
	[ ! -e /sys/fs/bpf/bqdisc ]
}

while read -r qdisc kind; do
	eval "test_$qdisc() { attack $qdisc $kind; }"
done < <(bqdisc -j list | jq -r '.[] | "\(.qdisc) \(.kind)"')

run_tests "$@"
