#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tbf with real packets, checked by its counters and by the packets that arrive.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# icount
# append: nohz=off
# time: 60
. "${0%/*}/lib.sh"

# counters OF...: print counters of ve0 at one instant.
counters() { bqdisc -j stats ve0 | jq -c "[.[0].stats | .${1}$(printf ', .%s' "${@:2}")]"; }

test_options() {
	plain_pair 0
	must bqdisc attach ve0 tbf rate 8mbit
	is "$(bqdisc -j show ve0 | jq -c '.[0].options |
		[.rate_bits_per_second, .burst_bytes, .limit_bytes, .latency_ns, .peakrate_bits_per_second,
		.mpu_bytes, .overhead_bytes, .linklayer]')" \
		'[8000000,3128,53128,50000000,null,0,0,"ethernet"]' defaults
	must bqdisc change ve0 rate 16mbit
	is "$(opt ve0 limit_bytes)" 103128 "the limit of a higher rate"
	must bqdisc change ve0 limit 20kb
	is "$(bqdisc -j show ve0 | jq -c '.[0].options | [.limit_bytes, .latency_ns]')" '[20480,8676000]' \
		"the latency of a limit"
	must bqdisc change ve0 latency 10ms peakrate 20mbit linklayer adsl
	is "$(bqdisc -j show ve0 | jq -c '.[0].options |
		[.limit_bytes, .latency_ns, .mtu_bytes, .linklayer]')" '[23128,10000000,1564,"atm"]' \
		"the limit of a latency"
	is "$(bqdisc show ve0 --tc)" "tc qdisc add dev ve0 root tbf rate 16mbit burst 3128 latency 10ms \
peakrate 20mbit mtu 1564 linklayer atm" "as a command of tc"
	must bqdisc detach ve0
}

test_wrong_words() {
	plain_pair 0
	refuses 1 "missing rate; add rate RATE" bqdisc attach ve0 tbf burst 10kb
	refuses 1 "peakrate: is not above rate" bqdisc attach ve0 tbf rate 8mbit peakrate 8mbit
	refuses 1 "'latency' and 'limit' exclude each other" \
		bqdisc attach ve0 tbf rate 8mbit limit 1mb latency 5ms
	refuses 1 "is none of ethernet, atm, adsl" bqdisc attach ve0 tbf rate 8mbit linklayer dsl
	refuses 1 "cannot be a default: it needs options" bqdisc default tbf
	tc qdisc add dev ve0 root bq_tbf 2>/dev/null && fail "the kernel made a tbf without a rate"
	is "$(root ve0 kind)" noqueue "the root qdisc"
}

# Five packets fit into the burst, and ten into the limit.
test_burst_and_limit() {
	plain_pair 0
	must bqdisc attach ve0 tbf rate 1kbit burst 5000 limit 10999
	packets send ve0 100 1000 >/tmp/sent
	is "$(jq -c '[.sent, .refused]' /tmp/sent)" '[15,85]' "sent and refused"
	is "$(counters packets backlog_packets backlog_bytes drops drops_limit)" '[5,10,10000,85,85]' \
		"counters"
	[ "$(stat ve0 overlimits)" -gt 0 ] || fail "no packet was held back"
	is "$(received 0)" 5 "packets that arrived"
}

test_longer_than_burst() {
	plain_pair 0
	must bqdisc attach ve0 tbf rate 1mbit burst 1000
	packets send ve0 1 1001 >/tmp/sent
	is "$(jq .refused /tmp/sent)" 1 "refused with burst"
	packets send ve0 1 1000 >/tmp/sent
	is "$(jq .refused /tmp/sent)" 0 "refused of the longest"
	must bqdisc change ve0 burst 10kb peakrate 2mbit mtu 900
	packets send ve0 2 901 >/tmp/sent
	is "$(jq .refused /tmp/sent)" 2 "refused with mtu"
	is "$(counters drops drops_too_long)" '[3,3]' drops
	bqdisc stats ve0 2>&1 | grep -q "packets are longer than burst or mtu" || fail "no warning"
}

# A packet that waits leaves at the new rate within 50 ms, also if the burst is too small for it now.
test_change_while_packets_wait() {
	local before

	plain_pair 0
	must bqdisc attach ve0 tbf rate 8bit burst 1000 limit 1mb
	packets send ve0 50 1000 >/dev/null
	before=$(received 0)
	is "$(stat ve0 backlog_packets)" 49 "packets waiting"
	must bqdisc change ve0 rate 100mbit
	arrive 0 "$before" 49
	must bqdisc change ve0 rate 8bit burst 5000
	packets send ve0 50 1000 >/dev/null
	before=$(received 0)
	is "$(stat ve0 backlog_packets)" 45 "packets waiting again"
	must bqdisc change ve0 rate 100mbit burst 500
	arrive 0 "$before" 45
}

# A transfer goes on while the rate changes, and loses nothing but to the limit.
test_change_under_load() {
	local rate

	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 tbf rate 200mbit burst 50kb
	start_transfer
	for rate in 50mbit 400mbit 100mbit 1gbit; do
		must bqdisc change ve0 rate $rate
		sleep 0.1
	done
	end_transfer
	wait_for 10 drained || fail "packets stay"
	is "$(counters drops_too_long drops_no_slot)" '[0,0]' "drops of another kind"
}

# iperf3's segments are 40 bytes of headers larger.
test_udp_at_a_rate() {
	local bits

	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 tbf rate 10mbit burst 20kb latency 20ms
	serve -1
	iperf3 -J -u -b 20M -l 1000 -c 10.9.0.2 -t 2 >/tmp/iperf || fail "$(jq -r .error /tmp/iperf)"
	bits=$(jq '.end.streams[0].udp | (.packets - .lost_packets) * 1042 * 8 / .seconds | floor' /tmp/iperf)
	between "$bits" 9500000 10300000 "bits a second with headers"
	[ "$(stat ve0 drops_limit)" -gt 0 ] || fail "nothing was dropped"
}

# TCP sends packets of up to 64 KiB, longer than the burst and the limit, and has the rate.
test_tcp_at_a_rate() {
	local bits

	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 tbf rate 50mbit burst 10kb latency 20ms
	serve -1
	iperf3 -J -c 10.9.0.2 -t 3 >/tmp/iperf || fail "$(jq -r .error /tmp/iperf)"
	bits=$(jq '.end.sum_received.bits_per_second | floor' /tmp/iperf)
	between "$bits" 42000000 50000000 "bits a second without headers"
	[ "$(stat ve0 unsegmented)" -gt 0 ] || fail "no packet was longer than the burst"
	is "$(stat ve0 drops_too_long)" 0 "drops of packets that are longer"
}

test_expiry() {
	local before

	plain_pair 0
	must bqdisc attach ve0 tbf rate 8bit burst 1000 limit 100kb --for 1s
	packets send ve0 40 1000 >/dev/null
	before=$(received 0)
	arrive 0 "$before" 39
	packets send ve0 40 1000 >/dev/null
	arrive 0 "$before" 79
}

test_down_and_up() {
	plain_pair 0
	must bqdisc attach ve0 tbf rate 8bit burst 2000 limit 1mb
	packets send ve0 40 1000 >/dev/null
	is "$(stat ve0 backlog_packets)" 38 "packets waiting"
	ip link set ve0 down
	is "$(stat ve0 backlog_packets)" 0 "packets waiting when down"
	ip link set ve0 up
	wait_for 5 carrier ve0 || fail "no carrier"
	packets send ve0 40 1000 >/dev/null
	is "$(stat ve0 backlog_packets)" 38 "packets behind a full burst"
}

test_removal_with_packets() {
	kind_goes
	plain_pair 0
	must bqdisc attach ve0 tbf rate 8bit burst 2000 limit 1mb
	packets send ve0 900 1000 >/dev/null
	timeout 20 ip link del ve0 || fail "the device is still held"
	bqdisc detach lo >/dev/null
	no_pins
}

test_detach_under_traffic() {
	kind_goes
	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 tbf rate 200mbit burst 50kb
	start_transfer
	must bqdisc detach ve0
	end_transfer
	no_pins
}

# On a device with several queues, one tbf has the rate for all of them.
test_several_queues() {
	plain_pair 0 numtxqueues 4 numrxqueues 4
	must bqdisc attach ve0 tbf rate 1mbit
	is "$(bqdisc -j show ve0 | jq -c 'map([.parent, .queues])')" '[["root",null]]' "its place"
}

# tc creates one by the in-tree qdisc's attributes.
test_native_name() {
	lacks tbf
	plain_pair 0
	must bqdisc load tbf --as tbf
	must tc qdisc add dev ve0 root handle 3: tbf rate 10mbit burst 10kb latency 20ms peakrate 12mbit \
		mtu 2000 mpu 64 overhead 10 linklayer atm
	is "$(bqdisc -j show ve0 | jq -c '.[0] | [.qdisc, .kind, .handle], [.options |
		.rate_bits_per_second, .burst_bytes, .limit_bytes, .peakrate_bits_per_second, .mtu_bytes,
		.mpu_bytes, .overhead_bytes, .linklayer]' | tr -d '\n')" \
		'["tbf","tbf","3:"][10000000,10240,32000,12000000,2000,64,10,"atm"]' options
	packets send ve0 5 >/dev/null
	arrive 0 0 5
	must tc qdisc replace dev ve0 root handle 4: tbf rate 8gbit burst 1mb limit 2mb
	is "$(opt ve0 rate_bits_per_second)" 8000000000 "a rate of 32 bits"
	must tc qdisc replace dev ve0 root handle 5: tbf rate 80gbit burst 1mb limit 2mb
	is "$(opt ve0 rate_bits_per_second)" 80000000000 "a rate of 64 bits"
	must tc qdisc del dev ve0 root
	must bqdisc unload tbf
}

# bqdisc tc leaves an in-tree tbf to tc, which can put another qdisc into it.
test_bqdisc_tc() {
	plain_pair 0
	must bqdisc attach ve0 tbf rate 10mbit burst 10kb latency 20ms
	bqdisc tc qdisc show dev ve0 >/tmp/ours
	must bqdisc tc qdisc change dev ve0 root tbf rate 20mbit burst 10kb latency 20ms
	is "$(opt ve0 rate_bits_per_second)" 20000000 "after change"
	must bqdisc detach ve0
	must tc qdisc add dev ve0 root tbf rate 10mbit burst 10kb latency 20ms
	tc qdisc show dev ve0 >/tmp/theirs
	is "$(sed 's/ [0-9a-f]*: / /; s/ *$//' /tmp/ours)" "$(sed 's/ [0-9a-f]*: / /; s/ *$//' /tmp/theirs)" \
		"qdisc show"
	tc qdisc del dev ve0 root
	must bqdisc tc qdisc add dev ve0 root handle 1: tbf rate 10mbit burst 10kb latency 20ms
	must bqdisc tc qdisc add dev ve0 parent 1: handle 10: pfifo limit 5
	is "$(bqdisc -j show ve0)" "[]" "the in-tree tbf with a pfifo"
	tc qdisc del dev ve0 root
}

kind_stays tbf
run_tests "$@"
