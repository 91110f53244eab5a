#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# CAP_NET_ADMIN in a namespace allows any TCA_OPTIONS for any loaded kind. Send each kind 10,000
# random and mutated blobs (1,000 in make check). The kind must refuse each one, or make a qdisc
# with options in range. Instances reserved for others must stay so, and nothing may be left.
#
# runs: check suite=ops BLOBS=1000
# runs: safety
# runs: arm64@newest-arm64,newest-arm64-16k BLOBS=100
# needs: newqdisc
# time: 60
. "${0%/*}/lib.sh"

SEED=${BQDISC_SEED:-$RANDOM}
BLOBS=${BLOBS:-10000}
ROUNDS=5
echo "# seed $SEED"

# List options of ve0 outside of the range in `bqdisc list`. 0 below the range means "none". The
# kernel's own attributes have 32 bits, so bqdisc's narrower limits do not apply.
out_of_range() { # QDISC
	bqdisc -j show ve0 >/tmp/show
	bqdisc -j list | jq -c --arg q "$1" --slurpfile show /tmp/show '
		$show[0][0].options as $now | .[] | select(.qdisc == $q).options[] |
		. as $o | $now[.key] | if type == "array" then .[] else . end |
		select(type == "number" and . != 0 and $o.name != "limit" and $o.name != "rate_cell_size" and
			(. < $o.min or . > $o.max)) | [$o.key, .]'
}

# No random options of tbf have a rate and a burst that fit, and hfq takes those of attach only.
# parity.sh mutates valid ones of tbf.
needs_more() { # QDISC
	[[ $1 = tbf || $1 = hfq ]] && grep -q '^0 of .* were taken' /tmp/out
}

# The device is down in all rounds but the last, because this is faster.
attack() { # QDISC KIND
	local round

	plain_pair 0
	must bqdisc load "$1"
	ip link add du0 type dummy
	# shellcheck disable=SC2046 # words
	must bqdisc attach du0 $(least_words "$1")
	bqdisc -j show du0 | jq -c '.[0].options' >/tmp/prepared
	for round in $(seq $ROUNDS); do
		[ "$round" = $ROUNDS ] || ip link set ve0 down
		newqdisc --random $((SEED + round)) $((BLOBS / ROUNDS)) ve0 "$2" >/tmp/out 2>&1 ||
			needs_more "$1" || fail "$(cat /tmp/out)"
		echo "# $1: $(cat /tmp/out)"
		ip link set ve0 up
		is "$(out_of_range "$1")" "" "options out of range"
	done
	# It gives no options, and tbf and hfq need some.
	[[ $1 = tbf || $1 = hfq ]] || must newqdisc --steal ve0 "$2"
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
