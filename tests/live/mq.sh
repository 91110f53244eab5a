#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Several transmit queues: one command attaches an instance to each, and one detaches them all.
#
# runs: check kernels@6.17,6.18,7.2
# suite: state
# needs: rawtc
. "${0%/*}/lib.sh"

four_queues() {
	plain_pair 0 numtxqueues 4 numrxqueues 4
}

# Print kind and queue number of every qdisc from tc's JSON: "bq_pfifo 1".
kinds() { # DEV
	tc -j qdisc show dev "$1" |
		jq -c 'map([.kind, (.parent // "root" | sub(".*:"; ""))]) | sort'
}

everything() { # DEV
	rawtc "$1" | sort
}

all_four='[["bq_pfifo","1"],["bq_pfifo","2"],["bq_pfifo","3"],["bq_pfifo","4"],["mq","root"]]'

changed() {
	"$@" >/tmp/out 2>&1 || fail "$* failed: $(cat /tmp/out)"
	jq .changed /tmp/out
}

# to_queue DEV N: send from now on through transmit queue N, counted from 0.
to_queue() {
	tc qdisc del dev "$1" clsact 2>/dev/null
	tc qdisc add dev "$1" clsact
	tc filter add dev "$1" egress matchall action skbedit queue_mapping "$2" || fail "no filter"
}

test_one_step_and_back() {
	local before

	four_queues
	before=$(everything ve0)
	is "$(changed bqdisc -j attach ve0 pfifo limit 5)" true attach
	is "$(kinds ve0)" "$all_four" "the queues"
	is "$(changed bqdisc -j attach ve0 pfifo limit 5)" false "the same again"
	is "$(changed bqdisc -j detach ve0)" true detach
	is "$(everything ve0)" "$before" "the device afterwards"
	is "$(changed bqdisc -j detach ve0)" false "a second detach"
	nothing_recorded
}

test_sum_and_queues() {
	local n

	four_queues
	must bqdisc attach ve0 pfifo limit 50
	for n in 0 1 2 3; do
		to_queue ve0 $n
		packets send ve0 $((10 * (n + 1))) >/dev/null
	done
	bqdisc -j show ve0 >/tmp/json
	is "$(jq -c 'map([.dev, .qdisc, .parent, .queues, .options.limit_packets, .stats.packets,
		.stats.enqueued])' /tmp/json)" '[["ve0","pfifo","root",4,50,100,100]]' "the sum"
	is "$(jq -r '.[0].handle' /tmp/json)" "$(root ve0 handle)" "its handle"
	is "$(bqdisc stats ve0 packets)" 100 "a bare number"
	is "$(bqdisc -j stats ve0 --per-queue |
		jq -c 'map([(.parent | sub(".*:"; "")), .stats.packets]) | sort')" \
		'[["1",10],["2",20],["3",30],["4",40]]' "each queue"
	is "$(bqdisc -j show ve0 --per-queue | jq -c 'map(has("queues")) | unique')" '[false]' \
		"queues that say how many they are"
}

test_change_is_for_all() {
	four_queues
	must bqdisc attach ve0 pfifo limit 50
	to_queue ve0 2
	packets send ve0 10 >/dev/null
	is "$(changed bqdisc -j change ve0 limit 5000)" true "change to more slots"
	is "$(bqdisc -j show ve0 --per-queue | jq -c 'map(.options.limit_packets)')" \
		'[5000,5000,5000,5000]' options
	is "$(changed bqdisc -j attach ve0 pfifo limit 7)" true "attach of another limit"
	is "$(bqdisc -j show ve0 --per-queue | jq -c 'map(.options.limit_packets)')" '[7,7,7,7]' options
	is "$(bqdisc stats ve0 packets)" 10 "packets, kept by the changes"
	is "$(changed bqdisc -j change ve0 limit 7)" false "the same again"
	refuses 1 "is a queue of ve0" bqdisc change ve0 limit 8 --parent "$(root ve0 handle)3"
	refuses 1 "is a queue of ve0" bqdisc detach ve0 --parent "$(root ve0 handle)3"
}

test_root_and_mq() {
	four_queues
	must bqdisc attach ve0 pfifo --root
	is "$(kinds ve0)" '[["bq_pfifo","root"]]' --root
	is "$(bqdisc show ve0 --commands)" "bqdisc attach ve0 pfifo --root" "the command for it"
	must bqdisc attach ve0 pfifo
	is "$(kinds ve0)" "$all_four" "what is meant for one queue"
	is "$(bqdisc show ve0 --commands)" "bqdisc attach ve0 pfifo --mq" "the command for it"
	must bqdisc attach ve0 pfifo --root
	is "$(kinds ve0)" '[["bq_pfifo","root"]]' "--root again"
	must bqdisc attach ve0 bfifo --mq
	must bqdisc detach ve0
	is "$(kinds ve0)" '[["noqueue","root"]]' "the device afterwards"
	plain_pair 1
	refuses 1 "--root and --mq exclude each other" bqdisc attach ve0 pfifo --root --mq
	refuses 1 "ve1: has one transmit queue, but mq needs several" bqdisc attach ve1 pfifo --mq
	refuses 1 "--parent excludes --root and --mq" bqdisc attach ve0 pfifo --mq --parent 1:1
	must bqdisc attach ve1 pfifo
	is "$(kinds ve1)" '[["bq_pfifo","root"]]' "a device with one queue"
}

# The queues in use count, not the possible ones.
test_queues_in_use_decide() {
	four_queues
	ethtool -L ve0 tx 1 rx 1 || skip "ethtool -L on veth"
	must bqdisc attach ve0 pfifo
	is "$(kinds ve0)" '[["bq_pfifo","root"]]' "with one queue in use"
}

# Attach another qdisc of bqdisc: the queues are replaced below the same mq.
test_replaced_by_another_of_bqdisc() {
	local mq

	four_queues
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	must bqdisc attach ve0 pfifo --force
	mq=$(root ve0 handle)
	must bqdisc attach ve0 bfifo limit 9kb
	is "$(kinds ve0)" "${all_four//pfifo/bfifo}" "the queues"
	is "$(root ve0 handle)" "$mq" "the mq"
	is "$(bqdisc -j show ve0 | jq -c 'map([.qdisc, .queues])')" '[["bfifo",4]]' show
	must bqdisc detach ve0
	is "$(root ve0 kind) $(root ve0 handle)" "fq 7:" "the device afterwards"
	nothing_recorded
}

test_exact_undo() {
	local before

	ip link add du0 numtxqueues 4 type dummy || fail "no dummy device"
	quiet du0
	ip link set du0 up
	tc qdisc add dev du0 root handle 1: mq
	tc qdisc add dev du0 parent 1:2 handle 10: fq limit 500
	tc qdisc add dev du0 parent 1:4 handle 8001: htb
	tc class add dev du0 parent 8001: classid 8001:1 htb rate 5mbit
	before=$(everything du0)
	refuses 3 "has a configured qdisc, mq 1:; --force replaces it, and detach restores it" \
		bqdisc attach du0 pfifo
	must bqdisc attach du0 pfifo --force
	is "$(kinds du0)" "$all_four" "the queues"
	must bqdisc detach du0
	is "$(everything du0)" "$before" "the device afterwards"
	nothing_recorded
}

# Only the program can check this option, and refuses it at the first queue, after mq was made.
test_failure_in_the_middle() {
	local before

	four_queues
	before=$(everything ve0)
	refuses 2 "refused the qdisc bq_fq: Invalid argument" bqdisc attach ve0 fq offload_horizon 1ms
	is "$(everything ve0)" "$before" "a default afterwards"
	tc qdisc add dev ve0 root handle 7: fq limit 1234
	before=$(everything ve0)
	refuses 2 "Invalid argument" bqdisc attach ve0 fq offload_horizon 1ms --force
	is "$(everything ve0)" "$before" "the configured qdisc afterwards"
	must bqdisc attach ve0 pfifo limit 5 --force
	refuses 2 "Invalid argument" bqdisc attach ve0 fq offload_horizon 1ms
	is "$(kinds ve0)" "$all_four" "bqdisc's afterwards"
	must bqdisc attach ve0 bfifo limit 9kb --root
	refuses 2 "Invalid argument" bqdisc attach ve0 fq offload_horizon 1ms
	is "$(bqdisc -j show ve0 | jq -c 'map([.qdisc, .parent, .queues, .options])')" \
		'[["bfifo","root",null,{"limit_bytes":9216}]]' "bqdisc's at the root afterwards"
	must bqdisc detach ve0
	is "$(everything ve0)" "$before" "the configured qdisc after detach"
	nothing_recorded
}

test_number_of_queues_changes() {
	local n

	four_queues
	ethtool -L ve0 tx 4 rx 4 || skip "ethtool -L on veth"
	must bqdisc attach ve0 pfifo limit 5
	for n in 2 4 1 4; do
		ethtool -L ve0 tx "$n" rx "$n" || fail "ethtool -L $n"
		is "$(kinds ve0)" "$all_four" "the queues with $n in use"
		is "$(bqdisc -j show ve0 | jq -c 'map([.qdisc, .queues])')" '[["pfifo",4]]' "show with $n"
	done
	to_queue ve0 3
	packets send ve0 10 >/dev/null
	is "$(bqdisc stats ve0 packets)" 10 "packets through the last queue"
	is "$(changed bqdisc -j attach ve0 pfifo limit 5)" false "the same again"
}

test_queue_replaced_by_another_program() {
	local mq

	four_queues
	must bqdisc attach ve0 pfifo
	mq=$(root ve0 handle)
	tc qdisc replace dev ve0 parent "${mq}3" handle 9: tbf rate 5mbit burst 20kb latency 30ms ||
		fail "no tbf"
	refuses 3 "ve0: another program configured tbf 9: on queue ${mq}3; --force" \
		bqdisc attach ve0 bfifo
	refuses 3 "ve0: another program configured tbf 9: on queue ${mq}3; --force" \
		bqdisc detach ve0
	is "$(bqdisc -j show ve0 | jq -c 'map([.qdisc, .queues])')" '[["pfifo",3]]' "show"
	must bqdisc attach ve0 pfifo --force
	is "$(kinds ve0)" "$all_four" "the queues"
	must bqdisc detach ve0
	nothing_recorded
}

# The default restored below mq has a handle. bqdisc recognises it by this handle.
test_restored_default_below_mq() {
	four_queues
	tc qdisc add dev ve0 root handle 1: mq
	for _ in 1 2 3; do
		must bqdisc attach ve0 pfifo --parent 1:2
		must bqdisc detach ve0 --parent 1:2
	done
	nothing_recorded
	tc qdisc replace dev ve0 parent 1:2 handle 9: fq
	refuses 3 "has a configured qdisc, fq 9:" bqdisc attach ve0 pfifo --parent 1:2
}

test_fq_under_tcp() {
	command -v iperf3 >/dev/null || skip iperf3
	four_queues
	address_pair 0
	serve -1
	iperf3 -c 10.9.0.2 -t 6 -P 4 -J >/tmp/iperf 2>&1 &
	sleep 1
	must bqdisc attach ve0 fq
	sleep 1
	must bqdisc attach ve0 pfifo
	sleep 1
	must bqdisc detach ve0
	wait $! || fail "iperf3: $(tail -n 3 /tmp/iperf)"
	is "$(jq '[.end.streams[].receiver.bytes] | map(. > 0) | all' /tmp/iperf)" true \
		"all connections carried data"
}

kind_stays pfifo bfifo fq
run_tests "$@"
