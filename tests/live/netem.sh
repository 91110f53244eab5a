# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# netem: what it does to real packets, and that it follows a change.
. "${0%/*}/lib.sh"

# delayed_pair N: a pair with addresses, whose neighbours know each other: no packet but ours.
delayed_pair() {
	plain_pair "$1"
	address_pair "$1"
	ip neigh replace "10.9.$1.2" lladdr "$(address_of peer "vf$1")" dev "ve$1"
	ip -n peer neigh replace "10.9.$1.1" lladdr "$(cat "/sys/class/net/ve$1/address")" \
		dev "vf$1"
}

address_of() { ip -n "$1" -j link show "$2" | jq -r '.[0].address'; }

# Milliseconds of one round trip; 0 when nothing came back within 5 s.
round_trip() { # HOST
	ping -n -q -c 1 -W 5 "$1" | sed -n 's|.*= \([0-9]*\)\..*|\1|p'
}

backlog() { stat "$1" backlog_packets; }
holds() { [ "$(backlog "$1")" = "$2" ]; }

test_delay() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 200ms
	between "$(round_trip 10.9.0.2)" 200 400 "round trip with 200 ms"
	is "$(stat ve0 delayed)" 1 "packets delayed"
	is "$(backlog ve0)" 0 "packets waiting after"
}

test_seed_is_shown() {
	delayed_pair 0
	must bqdisc attach ve0 netem
	bqdisc -j show ve0 >/tmp/a
	[ "$(jq '.[0].options.seed' /tmp/a)" != 0 ] || fail "no seed was drawn: $(cat /tmp/a)"
	must bqdisc attach ve0 netem seed 4242
	is "$(bqdisc -j show ve0 | jq '.[0].options.seed')" 4242 "seed"
}

# Packets that are held already follow a change of the delay, with no other packet to wake it.
test_change_reaches_held_packets() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 1000s
	packets send ve0 5 >/dev/null
	is "$(backlog ve0)" 5 "packets held"
	must bqdisc change ve0 delay 0s
	wait_for 2 holds ve0 0 || fail "$(backlog ve0) of 5 packets are still held"
	is "$(stat ve0 packets)" 5 "packets sent"
}

test_limit() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 1000s limit 3
	packets send ve0 5 >/dev/null
	is "$(backlog ve0)" 3 "packets held"
	is "$(stat ve0 drops_limit)" 2 "drops by limit"
	is "$(stat ve0 drops)" 2 "drops"
	must bqdisc detach ve0
}

# A device that goes away gets its packets back.
test_device_is_deleted() {
	delayed_pair 0
	must bqdisc attach ve0 netem delay 1000s
	packets send ve0 100 >/dev/null
	is "$(backlog ve0)" 100 "packets held"
	timeout 20 ip link del ve0 || fail "the device is held"
	[ ! -e /sys/class/net/ve0 ] || fail "the device is there still"
}

run_tests "$@"
