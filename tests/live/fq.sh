# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# fq on a real kernel: what it does by its counters and by what arrives.
set -u
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

opt() { bqdisc -j show "$1" | jq -c ".[0].options.$2"; }
counter() { bqdisc -j stats "$1" | jq -c ".[0].stats.$2"; }
drained() { [ "$(counter ve0 backlog_packets)" = 0 ]; }
# All counters at one instant, and one of those: the far end looks again after 3 s.
snap() { bqdisc -j stats "$1" >/tmp/snap; }
snapped() { jq -c ".[0].stats.$1" /tmp/snap; }

test_defaults_and_words() {
	plain_pair 0
	must bqdisc attach ve0 fq
	is "$(opt ve0 limit_packets)" 10000 limit
	is "$(opt ve0 quantum_bytes)" 3028 quantum
	is "$(opt ve0 initial_quantum_bytes)" 15140 "initial quantum"
	is "$(opt ve0 maxrate_bits_per_second)" null maxrate
	is "$(opt ve0 pacing)" true pacing
	is "$(opt ve0 weights_bytes)" "[589824,196608,65536]" weights
	must bqdisc change ve0 nopacing maxrate 5mbps horizon 1s horizon_cap weights 20000 30000 40000
	is "$(opt ve0 pacing)" false pacing
	is "$(opt ve0 maxrate_bits_per_second)" 40000000 maxrate
	is "$(opt ve0 horizon_drop)" false horizon_drop
	is "$(opt ve0 weights_bytes)" "[20000,30000,40000]" weights
	is "$(opt ve0 quantum_bytes)" 3028 "quantum, not named"
}

test_wrong_words() {
	plain_pair 0
	refuses 1 "did you mean 'quantum'" bqdisc attach ve0 fq quantun 1000
	refuses 1 "needs 3 values" bqdisc attach ve0 fq weights 20000 30000
	refuses 1 "out of range" bqdisc attach ve0 fq weights 20000 30000 3
	refuses 1 "out of range" bqdisc attach ve0 fq priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3
	refuses 1 "given twice" bqdisc attach ve0 fq pacing nopacing
	refuses 4 "not supported" bqdisc attach ve0 fq ce_threshold 1ms
}

test_band_limit() {
	holding_pair 0
	must bqdisc attach ve0 fq limit 300 flow_limit 10000
	hold 0
	packets send ve0 2000 >/tmp/sent
	snap ve0
	is "$(jq .refused /tmp/sent)" "$(snapped 'band_drops|add')" "refused and dropped"
	# What the short way holds (8) and what the core holds for the device (1) is in no band.
	between "$(snapped backlog_packets)" 300 309 backlog
	is "$(snapped 'band_pkt_count|add')" 300 "packets in the bands"
}

test_flow_limit() {
	holding_pair 0
	must bqdisc attach ve0 fq flow_limit 20
	hold 0
	packets send ve0 1000 >/tmp/sent
	snap ve0
	is "$(jq .refused /tmp/sent)" "$(snapped flows_plimit)" "refused and dropped"
	is "$(snapped 'band_pkt_count|add')" 20 "packets of the flow"
}

test_down_and_up_frees_everything() {
	local HOLD=5

	holding_pair 0
	must bqdisc attach ve0 fq flow_limit 1000
	hold 0
	packets send ve0 900 >/dev/null
	between "$(counter ve0 backlog_packets)" 500 900 backlog
	ip link set ve0 down
	is "$(counter ve0 backlog_packets)" 0 "backlog when down"
	is "$(counter ve0 flows)" 0 "flows when down"
	ip link set ve0 up
	wait_for 5 carrier ve0 || fail "no carrier"
	packets send ve0 5 >/dev/null
	wait_for 20 drained || fail "packets stay"
}

test_removal_with_packets() {
	holding_pair 0
	must bqdisc attach ve0 fq flow_limit 1000
	hold 0
	packets send ve0 900 >/dev/null
	between "$(counter ve0 backlog_packets)" 500 900 backlog
	timeout 20 ip link del ve0 || fail "the device is still held"
	bqdisc detach lo >/dev/null
	no_pins
}

test_instances_do_not_mix() {
	holding_pair 0
	holding_pair 1
	must bqdisc attach ve0 fq flow_limit 20
	must bqdisc attach ve1 fq flow_limit 50
	hold 0
	hold 1
	packets send ve0 800 >/dev/null
	packets send ve1 800 >/dev/null
	is "$(counter ve0 'band_pkt_count|add')" 20 "packets of ve0"
	is "$(counter ve1 'band_pkt_count|add')" 50 "packets of ve1"
}

test_pool_instance() {
	plain_pair 1
	must bqdisc attach ve1 fq
	holding_pair 0
	tc qdisc add dev ve0 root bq_fq || fail "tc refused"
	hold 0
	packets send ve0 1000 >/dev/null
	is "$(counter ve0 'band_pkt_count|add')" 100 "packets, by the default flow_limit"
	tc qdisc del dev ve0 root
}

test_many_flows() {
	plain_pair 0
	must bqdisc attach ve0 fq buckets 64 maxrate 1gbit orphan_mask 1048575
	modprobe pktgen || skip "no pktgen"
	for word in "rem_device_all" "add_device ve0"; do echo "$word" >/proc/net/pktgen/kpktgend_0; done
	for word in "count 20000" "pkt_size 100" "xmit_mode queue_xmit" "dst 10.0.0.2" \
		"src_min 10.1.0.1" "src_max 10.1.40.1" "flag IPSRC_RND" "dst_mac 02:00:00:00:00:02"; do
		echo "$word" >/proc/net/pktgen/ve0
	done
	echo start >/proc/net/pktgen/pgctrl
	# The table has 1024 places; more flows than that go the short way and are counted.
	is "$(counter ve0 flows)" 1024 "flows in the table"
	[ "$(counter ve0 allocation_errors)" -gt 0 ] || fail "nobody went without a flow"
	wait_for 5 drained || fail "packets stay"
}

run_tests "$@"
