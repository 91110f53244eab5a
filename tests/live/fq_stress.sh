# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# fq under random traffic while its options, its device and its links come and go: no packet or
# object is left.
# LONG=yes: run for ten minutes. BQDISC_SEED=N: repeat the same events.
#
# runs: kernels@6.18,7.3
# runs: long suite=fq_stress_long LONG=yes
# suite: fq
# needs: flows storm
set -u
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

# Not in a subshell: each subshell of bash has its own random sequence.
pick() { # VARIABLE WORD...: one of the words
	local -n picked=$1

	shift $((1 + RANDOM % ($# - 1)))
	# shellcheck disable=SC2034 # it is the caller's variable
	picked=$1
}

# maybe WORD...: one time in four, add one of the words to the options
maybe() {
	local chosen

	pick chosen "$@"
	[ $((RANDOM % 4)) != 0 ] || options+=" $chosen"
}

random_options() {
	options="flow_limit 50"
	maybe "limit 20" "limit 100" "limit 1000"
	maybe "quantum 300" "quantum 1514" "quantum 9000"
	maybe "initial_quantum 500" "initial_quantum 15140" "initial_quantum 60000"
	maybe "maxrate 2mbit" "maxrate 20mbit" "maxrate 10gbit"
	maybe pacing nopacing
	maybe "low_rate_threshold 100kbit" "low_rate_threshold 4mbit"
	maybe "timer_slack 1ns" "timer_slack 10us" "timer_slack 1ms"
	maybe "horizon 50ms" "horizon 10s"
	maybe horizon_drop horizon_cap
	maybe "refill_delay 1ms" "refill_delay 100ms"
	maybe "orphan_mask 1" "orphan_mask 1023"
	maybe "ce_threshold 1ms" "ce_threshold 10s"
}

# Print the BPF objects in the kernel, which frees some of them late.
objects() { echo "$(bpftool -j prog show | jq length) $(bpftool -j map show | jq length)"; }
objects_are() { [ "$(objects)" = "$1" ]; }
# The undo map of other tests may stay.
no_kind_is_left() {
	[ "$(bpftool -j map show | jq 'map(select(.name != "bqdisc_undo")) | length')" = 0 ]
}

make_device() {
	ip link add ve0 numtxqueues 2 numrxqueues 2 type veth peer name vf0 || fail "no veth pair"
	quiet ve0
	ip link set vf0 netns peer
	address_pair 0
	ip -n peer link set lo up
	attach
}

attach() {
	local shape

	pick shape --root --mq
	must bqdisc attach ve0 fq limit 1000 "$shape"
}

happen() {
	case $((RANDOM % 8)) in
	0) ip link set ve0 down && ip link set ve0 up ;;
	1) ip -n peer link set vf0 down && ip -n peer link set vf0 up ;;
	2)
		timeout 20 ip link del ve0 || fail "the device is still held"
		make_device
		;;
	3)
		must bqdisc detach ve0
		attach
		;;
	*)
		random_options
		# shellcheck disable=SC2086 # words
		must bqdisc change ve0 $options
		;;
	esac
}

traffic() {
	while :; do
		iperf3 -c 10.9.0.2 -t 1 -P 3 --connect-timeout 1000 >/dev/null 2>&1
		packets send ve0 500 >/dev/null 2>&1
	done
}

is_idle() {
	[ "$(bqdisc -j stats ve0 | jq -c '.[0].stats | [.backlog_packets, .throttled_flows,
		(.band_pkt_count | add), .flows - .inactive_flows]')" = "[0,0,0,0]" ]
}

test_nothing_stays() {
	local before seed=${BQDISC_SEED:-$$} options storms=() noise end events=0 n status=0 seconds=60

	[ -z "${LONG:-}" ] || seconds=600
	RANDOM=$seed
	echo "# BQDISC_SEED=$seed"
	wait_for 20 no_kind_is_left || fail "programs and maps are left of other tests: $(objects)"
	before=$(objects)
	ip netns add peer
	make_device
	serve
	# Change something first. An emulator on a busy machine would only send.
	for n in 1 2; do
		storm "$n" >/tmp/storm$n &
		storms+=($!)
		renice -n 19 -p $! >/dev/null
	done
	traffic &
	noise=$!
	renice -n 19 -p "$noise" >/dev/null
	end=$((SECONDS + seconds))
	while [ "$SECONDS" -lt "$end" ]; do
		happen
		events=$((events + 1))
		sleep 0.1
	done
	kill "$noise"
	must bqdisc change ve0 maxrate 10gbit timer_slack 10us
	kill "${storms[@]}"
	for n in "${storms[@]}"; do wait "$n" || status=1; done
	echo "# $events events; $(cat /tmp/storm1 /tmp/storm2)"
	[ "$events" -ge 10 ] || fail "only $events events"
	is "$status" 0 "packets that still weigh on their sockets: $(cat /tmp/storm1 /tmp/storm2)"
	[ "$(jq .sent /tmp/storm1)" -gt 1000 ] || fail "hardly any traffic: $(cat /tmp/storm1)"
	wait_for 20 is_idle || fail "flows or packets stay: $(bqdisc -j stats ve0)"
	must bqdisc detach ve0
	timeout 20 ip link del ve0 || fail "the device is still held"
	no_pins
	wait_for 20 objects_are "$before" || fail "programs and maps: $before before, $(objects) now"
}

run_tests "$@"
