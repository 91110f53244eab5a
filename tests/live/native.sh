#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Native names: qdiscs of bqdisc under the names of in-tree qdiscs that the kernel lacks. tc is
# unmodified, and the modules are taken out of the guest where a test wants them absent.
#
# EVERY=N: kill only at each Nth call, from a random one on. make check-safety does it at each.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# long: killed
# runs: safety suite=native_kill EVERY=1 limit=3600
# needs: killat build/tests/byo/*.bpf.o:byo/
# time: 120
# schema
. "${0%/*}/lib.sh"

EVERY=${EVERY:-15}
# Print what load reports, without the name of the qdisc.
loading() {
	bqdisc -j load "$@" | jq -c 'del(.qdisc)'
}

kept() {
	[ -e "/sys/fs/bpf/bqdisc/$1/kept" ]
}

# shown DEV FILTER: print from the JSON of show.
shown() {
	bqdisc -j show "$1" | jq -c "$2"
}

# --- tc and other programs ---

test_tc() {
	lacks netem
	plain_pair 0
	tc qdisc add dev ve0 root netem delay 10ms 2>/dev/null && fail "the kernel has netem"
	is "$(loading netem --as netem)" '{"changed":true,"loaded":true}' load
	is "$(loading netem --as netem)" '{"changed":false,"loaded":true}' "load again"
	must tc qdisc add dev ve0 root handle 3: netem delay 10ms 1ms loss 5% limit 500
	is "$(shown ve0 '.[0] | [.qdisc, .kind, .handle, .options.limit_packets]')" \
		'["netem","netem","3:",500]' show
	is "$(shown ve0 '.[0].options | [.delay_ns, .jitter_ns, .loss_percent]')" \
		'[10000000,1000000,5]' "options of tc"
	must tc qdisc replace dev ve0 root handle 4: netem delay 20ms
	is "$(shown ve0 '.[0] | [.handle, .options.delay_ns]')" '["4:",20000000]' replace
	packets send ve0 10 >/dev/null
	wait_for 5 has_sent 10 || fail "packets: $(stat ve0 packets)"
	must tc qdisc del dev ve0 root
	is "$(root ve0 kind)" noqueue "after tc qdisc del"
	is "$(shown ve0 length)" 0 "show after tc qdisc del"
}

has_sent() { [ "$(stat ve0 packets 2>/dev/null)" = "$1" ]; }

# The delay is that of packets, not only an option.
test_delay() {
	local ms

	lacks netem
	plain_pair 0
	address_pair 0
	must bqdisc load netem --as netem
	must tc qdisc add dev ve0 root netem delay 100ms
	ms=$(ping -c 3 -i 0.3 10.9.0.2 | sed -n 's/^rtt.* = \([0-9]*\).*/\1/p')
	between "${ms:-0}" 100 400 "ms, the least of three"
}

# A pool instance begins with 16 slots.
test_change() {
	lacks netem
	plain_pair 0
	must bqdisc load netem --as netem
	must tc qdisc add dev ve0 root netem delay 100s limit 500
	packets send ve0 700 >/dev/null
	is "$(stat ve0 backlog_packets)" 500 "packets, the limit of tc"
	must bqdisc change ve0 limit 5000
	packets send ve0 4400 >/dev/null
	is "$(stat ve0 backlog_packets)" 4900 "packets, more than the pool gives without a look"
	is "$(shown ve0 '.[0].options | [.delay_ns, .limit_packets]')" '[100000000000,5000]' options
	must bqdisc change ve0 delay 0
	arrive 0 0 4900
	is "$(bqdisc -j change ve0 delay 0 | jq -c .changed)" false "the same change again"
}

# attach of the same qdisc changes the one of tc, and detach restores the default.
test_attach_and_detach() {
	lacks netem
	plain_pair 0
	must bqdisc load netem --as netem
	must tc qdisc add dev ve0 root handle 5: netem delay 10ms limit 500
	must bqdisc attach ve0 netem delay 30ms
	is "$(shown ve0 '.[0] | [.kind, .handle, .options.delay_ns, .options.limit_packets]')" \
		'["netem","5:",30000000,100000]' "after attach"
	is "$(bqdisc -j attach ve0 netem delay 30ms | jq .changed)" false "attach again"
	must bqdisc attach ve0 pfifo limit 10
	is "$(shown ve0 '.[0].kind')" '"bq_pfifo"' "after attach of another qdisc"
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "after detach"
	must tc qdisc add dev ve0 root netem delay 10ms
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "after detach of tc's"
}

# A qdisc that bqdisc attached has bqdisc's name, and both have their own kinds.
test_both_names() {
	lacks netem
	plain_pair 0
	ip link add du0 type dummy
	must bqdisc load netem --as netem
	must bqdisc attach ve0 netem delay 10ms
	must tc qdisc add dev du0 root netem delay 20ms
	is "$(bqdisc -j show | jq -c 'map([.dev, .kind, .options.delay_ns]) | sort')" \
		'[["du0","netem",20000000],["ve0","bq_netem",10000000]]' show
	must bqdisc detach --all
	kept netem || fail "detach has unloaded netem"
}

test_default_qdisc_and_mq() {
	lacks fq
	echo fq 2>/dev/null >/proc/sys/net/core/default_qdisc && fail "the kernel has fq"
	must bqdisc load fq --as fq
	echo fq >/proc/sys/net/core/default_qdisc || fail "no default fq"
	ip link add ve0 numtxqueues 4 numrxqueues 4 type veth peer name vf0 numtxqueues 4 numrxqueues 4
	quiet ve0
	quiet vf0
	ip link set ve0 up
	ip link set vf0 up
	must tc qdisc add dev ve0 root handle 1: mq
	is "$(shown ve0 'map([.kind, .parent]) | sort')" \
		'[["fq","1:1"],["fq","1:2"],["fq","1:3"],["fq","1:4"]]' "children of mq"
	must tc qdisc replace dev ve0 parent 1:2 handle 12: fq limit 77
	is "$(shown ve0 'map(select(.handle == "12:")) | .[0].options.limit_packets')" 77 "tc's fq"
	packets send ve0 10 >/dev/null
	is "$(bqdisc -j stats ve0 | jq 'map(.stats.packets) | add')" 10 "packets, over all queues"
	is "$(bqdisc -j default | jq -c '[.kind, .qdisc]')" '["fq","fq"]' default
	refuses 2 "fq: is the default qdisc" bqdisc unload fq
}

# --- owners of a name ---

test_module() {
	refuses 2 "netem: this kernel has its own module sch_netem.*--force" bqdisc load netem --as netem
	[ ! -d /sys/module/sch_netem ] || fail "load has loaded the module"
	modprobe sch_netem || fail "no module"
	refuses 2 "netem: the kernel's own module sch_netem is loaded" \
		bqdisc load netem --as netem --force
	modprobe -r sch_netem || fail "the module stays"
	is "$(loading netem --as netem --force)" '{"changed":true,"loaded":true}' "load --force"
	modprobe sch_netem 2>/dev/null # its exit status is 0 on some kernels
	[ ! -d /sys/module/sch_netem ] || fail "the module has taken the name"
	is "$(loading netem --as netem)" '{"changed":false,"loaded":true}' "load again"
	must bqdisc unload netem
	modprobe sch_netem || fail "the name is not free"
	modprobe -r sch_netem
}

test_built_in() {
	refuses 2 "pfifo: is built into this kernel" bqdisc load pfifo --as pfifo --force
	refuses 1 "'codel'; use 'fq' or 'bq_fq'" bqdisc load fq --as codel
	is "$(loading pfifo --as bq_pfifo)" '{"changed":true,"loaded":true}' "its own name"
}

test_user_object() {
	lacks fq
	must bqdisc load fq --as fq
	must bqdisc load ./byo/drr.bpf.o --as fq
	ip link add du0 type dummy
	must tc qdisc add dev du0 root fq
	is "$(shown du0 '.[0] | [.kind, (.options | has("flow_limit_packets"))]')" '["fq",false]' \
		"the qdisc is the object's"
	ip link del du0
	must bqdisc unload fq
	kept fq && fail "fq is still loaded"
	kept @fq && fail "the object is still loaded"
	refuses 2 "netem: this kernel has its own module" bqdisc load ./byo/drr.bpf.o --as netem
}

owners() {
	bqdisc -j load --all-missing "$@" | jq -c 'map([.kind, .owner, .changed]) | sort'
}

kernels='["bfifo","kernel",false],' codel='["fq_codel","kernel",false],'
fifos='["pfifo","kernel",false],["pfifo_head_drop","kernel",false]'
tbf='["tbf","module",false]'

test_all_missing() {
	lacks fq
	is "$(bqdisc -j doctor | jq -r '.[] | select(.check == "tc'"'"'s qdiscs").found')" \
		"no fq; 'bqdisc load --all-missing' loads bqdisc's" doctor
	is "$(owners)" "[${kernels}[\"fq\",\"bqdisc\",true],${codel}[\"netem\",\"module\",false],$fifos,$tbf]" load
	is "$(owners)" "[${kernels}[\"fq\",\"bqdisc\",false],${codel}[\"netem\",\"module\",false],$fifos,$tbf]" again
	is "$(owners --force)" "[${kernels}[\"fq\",\"bqdisc\",false],${codel}[\"netem\",\"bqdisc\",true],$fifos,${tbf/module\",false/bqdisc\",true}]" \
		"load --force"
	is "$(bqdisc -j doctor | jq -r '.[] | select(.check == "tc'"'"'s qdiscs").found')" \
		"fq, netem, tbf by bqdisc" "doctor afterwards"
	refuses 1 "excludes QDISC" bqdisc load fq --all-missing
}

# Kill load at each system call that changes lasting state, or each EVERYth. fq is loaded or not.
test_killed() {
	local n=$((RANDOM % EVERY + 1 - EVERY)) status=0 call

	lacks fq
	until [ "$status" = 1 ]; do
		n=$((n + EVERY))
		call=$(killat "$n" bqdisc load --all-missing 2>/tmp/err)
		status=$?
		[ "$status" -le 1 ] || fail "without a kill: $(cat /tmp/err)"
		must bqdisc load --all-missing
		kept fq || fail "no fq after ${call##*$'\n'}"
		ip link add du0 type dummy
		must tc qdisc add dev du0 root fq
		ip link del du0
		must bqdisc unload fq
		no_pins
	done
	[ "$n" -gt 20 ] || fail "only $n calls"
}

# --- egress programs of tc's qdiscs ---

# netem_pair: ve0 with addresses, on a kernel whose netem is bqdisc's.
netem_pair() {
	lacks netem
	plain_pair 0 "$@"
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr "$(ip -n peer -j link show vf0 | jq -r '.[0].address')" dev ve0
	ip -n peer neigh replace 10.9.0.1 lladdr "$(cat /sys/class/net/ve0/address)" dev vf0
	must bqdisc load netem --as netem
}

egress_state() { bqdisc -j show ve0 2>/tmp/err | jq -c 'map(.egress_program)'; }
adopting() { bqdisc -j adopt "$@" | jq -c .changed; }
hooks() { bpftool -j net show dev ve0 | jq '.[0].tc | length'; }
gso() { ip -d -j link show ve0 | jq '.[0].gso_max_segs'; }

# Print the kbit/s of a local TCP sender.
throughput() {
	iperf3 -J -c 10.9.0.2 -t 3 >/tmp/iperf || fail "no connection: $(jq -r .error /tmp/iperf)"
	jq '.end.sum_sent.bits_per_second / 1e3 | floor' /tmp/iperf
}

test_adopt() {
	netem_pair
	must tc qdisc add dev ve0 root netem delay 10ms
	is "$(egress_state)" '["missing"]' "before adopt"
	grep -q "local TCP senders wait.*'bqdisc adopt ve0'" /tmp/err || fail "show said: $(cat /tmp/err)"
	is "$(bqdisc -j doctor 2>/dev/null | jq -c '.[] | select(.check == "egress programs") |
		[.ok, (.remedy | test("bqdisc adopt"))]')" '[false,true]' doctor
	is "$(adopting ve0) $(adopting ve0)" "true false" "adopt, twice"
	is "$(egress_state) $(hooks)" '["active"] 1' "after adopt"
	is "$(</tmp/err)" "" "what show warns of"
	must bqdisc change ve0 delay 0
	is "$(egress_state) $(hooks)" '[null] 0' "without a delay"
	must bqdisc change ve0 delay 10ms
	is "$(egress_state) $(hooks)" '["active"] 1' "with a delay again"
	must tc qdisc del dev ve0 root
	must bqdisc sweep
	is "$(hooks)" 0 "programs when the qdisc is gone"
	[ ! -e /sys/fs/bpf/bqdisc/hooks ] || fail "left: $(ls /sys/fs/bpf/bqdisc/hooks)"
	is "$(adopting ve0)" false "adopt without a qdisc"
}

# TCP limits what waits below a socket. With the egress program delayed packets do not count.
test_adopt_tcp() {
	local before after

	netem_pair
	serve
	must tc qdisc add dev ve0 root netem delay 50ms limit 100000
	before=$(throughput)
	must bqdisc adopt
	after=$(throughput)
	echo "# TCP through 50 ms: $before kbit/s without the egress program, $after with it" >&2
	[ "$before" -gt 0 ] && [ "$after" -gt $((before * 2)) ] ||
		fail "$before kbit/s before adopt, $after after it"
}

test_adopt_what_writes() {
	netem_pair
	must tc qdisc add dev ve0 root netem duplicate 100%
	is "$(egress_state)" '["missing"]' duplicate
	packets send ve0 10 >/dev/null
	is "$(stat ve0 duplicated)" 0 "packets duplicated before adopt"
	must bqdisc adopt ve0
	packets send ve0 10 >/dev/null
	is "$(stat ve0 duplicated)" 10 "packets duplicated"
	must tc qdisc replace dev ve0 root handle 9: netem corrupt 100%
	must bqdisc adopt ve0
	is "$(gso)" 1 "segments in a packet, with corrupt"
	packets send ve0 10 >/dev/null
	is "$(stat ve0 corrupted)" 10 "packets corrupted"
	must tc qdisc replace dev ve0 root handle a: netem loss 100% ecn
	must bqdisc adopt ve0
	[ "$(gso)" -gt 1 ] || fail "gso_max_segs is still 1"
	ping -q -c 5 -i 0.01 -W 1 -Q 2 10.9.0.2 >/dev/null
	is "$(stat ve0 ecn_marked) $(stat ve0 dropped)" "5 0" "packets marked and lost"
}

test_adopt_mq() {
	netem_pair numtxqueues 2 numrxqueues 2
	must tc qdisc replace dev ve0 root handle 1: mq
	must tc qdisc replace dev ve0 parent 1:1 handle 11: netem duplicate 100%
	must tc qdisc replace dev ve0 parent 1:2 handle 12: netem duplicate 100%
	is "$(egress_state)" '["missing","missing"]' "before adopt"
	is "$(adopting ve0) $(adopting ve0)" "true false" "adopt, twice"
	is "$(egress_state) $(hooks)" '["active","active"] 1' "after adopt"
	packets send ve0 10 >/dev/null
	is "$(bqdisc -j stats ve0 | jq 'map(.stats.duplicated) | add')" 10 "packets duplicated"
	must tc qdisc replace dev ve0 parent 1:1 handle 13: pfifo
	must bqdisc sweep
	is "$(egress_state) $(hooks)" '["active"] 1' "with one of them"
	must tc qdisc del dev ve0 root
	must bqdisc sweep
	is "$(hooks)" 0 "programs when the qdiscs are gone"
}

test_adopt_fq() {
	lacks fq
	plain_pair 0
	must bqdisc load fq --as fq
	must tc qdisc add dev ve0 root fq ce_threshold 1ms
	is "$(egress_state)" '["missing"]' "before adopt"
	must bqdisc adopt ve0
	is "$(egress_state) $(hooks)" '["active"] 1' "after adopt"
}

# Kill adopt at each system call that changes lasting state.
test_adopt_killed() {
	local n=$((RANDOM % EVERY + 1 - EVERY)) status=0 call was

	netem_pair
	was=$(gso)
	until [ "$status" = 1 ]; do
		n=$((n + EVERY))
		must tc qdisc add dev ve0 root netem corrupt 1% delay 1ms
		call=$(killat "$n" bqdisc adopt ve0 2>/tmp/err)
		status=$?
		[ "$status" -le 1 ] || fail "without a kill: $(cat /tmp/err)"
		must bqdisc adopt ve0
		is "$(egress_state) $(gso)" '["active"] 1' "after ${call##*$'\n'} and adopt"
		must tc qdisc del dev ve0 root
		must bqdisc sweep
		is "$(hooks) $(gso)" "0 $was" "programs and segments, after ${call##*$'\n'}"
		[ ! -e /sys/fs/bpf/bqdisc/hooks ] || fail "left after ${call##*$'\n'}"
	done
	[ "$n" -gt 5 ] || fail "only $n calls"
}

# --- monitor ---

monitor() {
	bqdisc -j monitor --adopt >/tmp/events 2>/tmp/monitor.err &
	monitor=$!
	trap 'kill $monitor; has_all' EXIT
}

events() { # FILTER
	jq -s -c "map(select(.event == \"adopted\")) | $1" /tmp/events
}

has_events() { # COUNT
	[ "$(grep -c adopted /tmp/events)" -ge "$1" ]
}

# adopt_time.sh measures how long it takes.
test_monitor() {
	netem_pair
	ip link add du0 type dummy
	must tc qdisc add dev ve0 root netem delay 10ms
	monitor
	wait_for 10 has_events 1 || fail "not adopted: $(cat /tmp/monitor.err)"
	is "$(egress_state)" '["active"]' "what was there at first"
	must tc qdisc replace dev ve0 root handle 7: netem delay 20ms
	wait_for 10 has_events 2 || fail "not adopted: $(cat /tmp/monitor.err)"
	is "$(egress_state) $(hooks)" '["active"] 1' "after tc qdisc replace"
	must tc qdisc add dev du0 root pfifo
	must tc qdisc replace dev du0 root handle 8: netem limit 10
	must tc qdisc replace dev du0 root handle 9: netem duplicate 1%
	wait_for 10 has_events 3 || fail "du0 is not adopted"
	must tc qdisc del dev ve0 root
	wait_for 10 no_hooks || fail "programs when the qdisc is gone: $(hooks)"
	is "$(events 'map([.event, .dev, .parent])')" \
		'[["adopted","ve0","root"],["adopted","ve0","root"],["adopted","du0","root"]]' events
	is "$(</tmp/monitor.err)" "" "what monitor says"
	cp /tmp/events /out/monitor.events
}

no_hooks() { [ "$(hooks)" = 0 ]; }

# Killed at any time, it leaves nothing that the next one does not repair.
test_monitor_killed() {
	netem_pair
	monitor
	kill -9 "$monitor"
	wait "$monitor" 2>/dev/null
	must tc qdisc add dev ve0 root netem delay 10ms
	is "$(egress_state)" '["missing"]' "without monitor"
	monitor
	wait_for 10 has_events 1 || fail "not adopted: $(cat /tmp/monitor.err)"
	is "$(egress_state)" '["active"]' "after it was started again"
}

run_tests "$@"
