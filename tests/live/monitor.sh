#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# monitor: each change of a qdisc is one event. native.sh has --adopt.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# suite: ops
# time: 20
# schema
. "${0%/*}/lib.sh"

# Start monitor, and wait until it listens.
monitor() {
	bqdisc -j monitor >/tmp/events 2>/tmp/monitor.err &
	monitor=$!
	trap 'kill $monitor' EXIT
	wait_for 10 has listening || fail "monitor does not listen: $(cat /tmp/monitor.err)"
}

has() { # EVENT [COUNT]
	[ "$(grep -c "\"event\":\"$1\"" /tmp/events)" -ge "${2:-1}" ]
}

# expect EVENT [COUNT]: wait for it.
expect() {
	wait_for 10 has "$@" || fail "no event $1: $(cat /tmp/events /tmp/monitor.err)"
}

# Print the events after the first, with these members.
events() { # MEMBER...
	jq -cs --args '.[1:] | map([.[$ARGS.positional[]]])' "$@" </tmp/events
}

test_one_device() {
	ip link add du0 type dummy
	ip link set du0 up
	monitor
	must bqdisc attach du0 netem delay 1ms
	expect attached
	must bqdisc change du0 delay 2ms
	expect changed
	must bqdisc change du0 delay 2ms
	must bqdisc attach du0 netem delay 3ms loss 1%
	expect changed 2
	must bqdisc attach du0 pfifo limit 5
	expect attached 2
	must bqdisc detach du0
	expect detached 2
	is "$(events event dev parent kind words)" "$(jq -c . <<-END)" "events"
		[["attached","du0","root","bq_netem","netem delay 1ms"],
		["changed","du0","root","bq_netem","netem delay 2ms"],
		["changed","du0","root","bq_netem","netem delay 3ms loss random 1%"],
		["detached","du0","root","bq_netem",null],
		["attached","du0","root","bq_pfifo","pfifo limit 5p"],
		["detached","du0","root","bq_pfifo",null]]
	END
	cp /tmp/events /out/monitor.one
}

# Another program replaces a qdisc, and deletes a device.
test_other_programs() {
	ip link add du0 type dummy
	ip link add du1 type dummy
	must bqdisc attach du0,du1 pfifo
	monitor
	must tc qdisc replace dev du0 root handle 7: pfifo
	expect lost
	ip link del du1
	expect detached
	must bqdisc load bfifo
	must tc qdisc replace dev du0 root handle 8: bq_bfifo
	expect attached
	must tc qdisc del dev du0 root
	expect detached 2
	is "$(events event dev kind)" "$(jq -c . <<-END)" "events"
		[["lost","du0","bq_pfifo"],["detached","du1","bq_pfifo"],
		["attached","du0","bq_bfifo"],["detached","du0","bq_bfifo"]]
	END
	is "$(cat /tmp/monitor.err)" "" "warnings"
	must bqdisc unload bfifo
}

test_expiry() {
	ip link add du0 type dummy
	monitor
	must bqdisc attach du0 pfifo --for 1s
	expect expired
	must bqdisc sweep
	expect detached
	is "$(events event dev)" '[["attached","du0"],["expired","du0"],["detached","du0"]]' events
}

test_default() {
	local before

	before=$(cat /proc/sys/net/core/default_qdisc)
	monitor
	must bqdisc default pfifo
	expect default
	echo "$before" >/proc/sys/net/core/default_qdisc
	expect default 2
	is "$(events event kind)" "[[\"default\",\"bq_pfifo\"],[\"default\",\"$before\"]]" events
	cp /tmp/events /out/monitor.default
}

# The queues of an mq are one qdisc. Other namespaces are not seen.
test_queues_and_namespaces() {
	veth_pair 0 numtxqueues 4 numrxqueues 4
	monitor
	must bqdisc attach ve0 fq
	must bqdisc -n peer attach vf0 pfifo
	must bqdisc change ve0 quantum 3000
	expect changed
	must bqdisc detach ve0
	expect detached
	is "$(events event dev parent)" '[["attached","ve0","root"],["changed","ve0","root"],["detached","ve0","root"]]' \
		events
}

# Without -j: the time, the device and the event.
test_text() {
	ip link add du0 type dummy
	bqdisc monitor >/tmp/events &
	monitor=$!
	trap 'kill $monitor' EXIT
	wait_for 10 grep -q listening /tmp/events || fail "monitor does not listen"
	must bqdisc attach du0 pfifo limit 7
	wait_for 10 grep -Eq '^[0-9-]+T[0-9:.]+Z du0: attached pfifo limit 7p$' /tmp/events ||
		fail "text: $(cat /tmp/events)"
}

kind_stays pfifo fq netem
run_tests "$@"
