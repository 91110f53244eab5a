#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Flows of fq: names, owners, order, and drops, with senders that are known. Rules of netem. Drops:
# the last of each reason, and each as it happens.
#
# runs: check kernels@6.17,6.18,7.2
# needs: flows floor.bpf.o
# time: 40
. "${0%/*}/lib.sh"

# flow FILTER: print it for the flows in /tmp/flows.
flow() { jq -c ".[0].flows | $1" /tmp/flows; }
read_flows() { bqdisc -j flows ve0 "$@" >/tmp/flows || fail "flows ${*} failed"; }

# Flow N of 0 to 7 sends 1000 bytes of data at (N + 1) * 8 kB/s, for 12 s. Flow 0 goes on, beyond
# its limit. A last packet keeps the sender, and so its sockets, alive.
send_eight() {
	local n

	for n in 0 1 2 3 4 5 6 7; do
		yes "0 $n 1000 rate $(((n + 1) * 8000))" | head -n $((n ? 90 + 90 * n : 850))
	done >/tmp/script
	echo "60000000000 7 100" >>/tmp/script
	flows send /tmp/script >/dev/null &
	wait_for 10 all_are_throttled || fail "flows: $(cat /tmp/flows)"
}

all_are_throttled() {
	read_flows
	[ "$(flow 'map(select(.state == "throttled")) | length')" = 8 ]
}

test_eight_flows() {
	local sender

	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 fq flow_limit 800
	send_eight
	sender=$!
	read_flows --sort rate
	is "$(flow 'map(.sport - 9001)')" "[7,6,5,4,3,2,1,0]" "order by rate"
	is "$(flow 'map([.protocol, .src, .dst, .dport]) | unique')" \
		'[["udp","10.9.0.1","10.9.0.2",9000]]' names
	is "$(flow 'map([.uid, .command, .pid]) | unique')" "[[0,\"flows\",$sender]]" owners
	# The guest wakes flows late if its machine is busy.
	is "$(flow 'map(.rate_bits_per_second / (.sport - 9000) / 64000 |
		select(. > 1.4 or . < 0.3)) | length')" 0 "wrong rates in $(cat /tmp/flows)"
	is "$(flow 'map(.pacing_rate_bits_per_second / 64000) | sort')" "[1,2,3,4,5,6,7,8]" pacing
	read_flows --sort drops --top 1
	is "$(flow 'map(.sport)')" "[9001]" "first by drops"
	is "$(flow '.[0] | .packets + .backlog_packets + .drops')" 850 "packets of the first"
	is "$(flow '.[0].drops')" "$(stat ve0 flows_plimit)" "drops of the first, and of all"
	[ "$(flow '.[0].drops')" -gt 0 ] || fail "no drops"
	is "$(flow '.[0] | .backlog_bytes == .backlog_packets * 1042')" true "bytes that wait"
	is "$(flow '.[0] | .next_send_ns > 0 and .next_send_ns <= 1e9')" true "next: $(cat /tmp/flows)"
	is "$(flow '.[0] | .throttled_ns > 1e8 and .delay_ns > 1e8')" true "times: $(cat /tmp/flows)"
	kill "$sender"
}

# connect PROTOCOL ADDRESS PORT: another user in the cgroup "/owner" sends a byte, and waits.
connect() {
	bash -c "echo \$\$ >/sys/fs/cgroup/owner/cgroup.procs
		exec setpriv --reuid 1000 --clear-groups bash -c \
		'exec 3<>/dev/$1/$2/$3; echo >&3; exec sleep 60'" &
}

test_owners() {
	local expected

	veth_pair 0
	address_pair 0
	echo 0 >/proc/sys/net/ipv6/conf/ve0/disable_ipv6
	ip netns exec peer sh -c "echo 0 >/proc/sys/net/ipv6/conf/vf0/disable_ipv6"
	ip addr add fd00::1/64 dev ve0 nodad
	ip -n peer addr add fd00::2/64 dev vf0 nodad
	must bqdisc attach ve0 fq maxrate 1gbit
	mkdir -p /sys/fs/cgroup/owner
	serve
	connect udp fd00::2 7777
	connect tcp 10.9.0.2 5201
	wait_for 10 both_are_sent || fail "flows: $(cat /tmp/flows)"
	expected='["10.9.0.1","10.9.0.2",5201,"tcp",1000,"sleep","/owner"]'
	expected+=',["fd00::1","fd00::2",7777,"udp",1000,"sleep","/owner"]'
	is "$(flow "$SENT"' | map([.src, .dst, .dport, .protocol, .uid, .command, .cgroup]) | sort')" \
		"[$expected]" owners
	is "$(flow "$SENT"' | map(.state) | unique')" '["idle"]' state
	jobs -p | xargs kill
	ip netns pids peer | xargs kill
}

SENT='map(select((.dport == 7777 or .dport == 5201) and .packets > 0))'
both_are_sent() {
	read_flows
	[ "$(flow "$SENT | length")" = 2 ]
}

# --- drops

# last REASON FILTER: print a filter of the last drop for that reason.
last() { bqdisc -j drops ve0 | jq -c ".[0].last_drops[] | select(.reason == \"$1\") | $2"; }

# Two flows send 30 datagrams each into a queue for 20 that does not move.
overfill() {
	for flow in 0 1; do
		yes "0 $flow 1000" | head -n 30 >/tmp/script
		flows send /tmp/script >/dev/null
	done
}

holding() {
	local HOLD=600

	holding_pair 0
	ip addr add 10.9.0.1/24 dev ve0
	ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	hold 0
	packets fill ve0 2000 >/dev/null
}

test_last_drops() {
	local before

	holding
	must bqdisc attach ve0 pfifo limit 20
	before=$(jq -n 'now * 1e9')
	overfill
	is "$(last drops_limit '[.protocol, .src, .sport, .dst, .dport, .bytes]')" \
		'["udp","10.9.0.1",9002,"10.9.0.2",9000,1042]' "the last drop"
	is "$(last drops_limit ".time_ns >= $before and .time_ns <= now * 1e9")" true "its time"
	is "$(bqdisc -j stats ve0 | jq -c '.[0].last_drops | map(.reason)')" '["drops_limit"]' "in stats"
	must bqdisc attach ve0 pfifo_head_drop limit 20
	overfill
	is "$(last drops_oldest .protocol)" '"udp"' "the oldest"
	is "$(last drops_oldest .sport)" 9002 "its port"
}

test_follow() {
	local follower

	holding
	must bqdisc attach ve0 pfifo limit 20
	bqdisc -j drops ve0 --follow >/tmp/followed &
	follower=$!
	wait_for 10 followed || fail "it does not follow"
	refuses 2 "ve0: another process follows its drops" bqdisc drops ve0 --follow
	overfill
	wait_for 10 all_are_followed || fail "$(wc -l </tmp/followed) of $(stat ve0 drops_limit) drops"
	is "$(jq -c '[.reason, .dev, .qdisc, .sport, .bytes, .missed]' /tmp/followed | uniq -c | tr -s ' ')" \
		" 10 [\"drops_limit\",\"ve0\",\"pfifo\",9001,1042,0]
 30 [\"drops_limit\",\"ve0\",\"pfifo\",9002,1042,0]" "drops of each flow"
	kill -INT $follower
	wait $follower || fail "exit status $? after SIGINT"
	is "$(bpftool -j map dump pinned /sys/fs/bpf/bqdisc/bq_pfifo/followers)" "[]" "buffers afterwards"
}

all_are_followed() { [ "$(wc -l </tmp/followed)" = "$(stat ve0 drops_limit)" ]; }
followed() { [ "$(bpftool -j map dump pinned /sys/fs/bpf/bqdisc/bq_pfifo/followers | jq length)" = 1 ]; }

# A process that is killed leaves a buffer and a time limit. The next one replaces both.
test_follower_is_killed() {
	local follower

	holding
	must bqdisc attach ve0 pfifo limit 20
	bqdisc drops ve0 --follow >/tmp/followed &
	follower=$!
	wait_for 10 followed || fail "it does not follow"
	kill -9 $follower
	wait_for 10 is_over || fail "drops are still sent"
	overfill
	is "$(wc -l </tmp/followed)" 0 "drops after the end"
	bqdisc -j drops ve0 --follow >/tmp/followed &
	follower=$!
	wait_for 10 is_on || fail "a second one does not follow"
	followed || fail "the buffer of the first is left"
	kill -TERM $follower
	wait $follower || fail "exit status $? after SIGTERM"
}

# Print the end of the time limit less the uptime, in s.
time_left() {
	bpftool -j map dump pinned /sys/fs/bpf/bqdisc/bq_pfifo/instances |
		jq --arg now "$(cut -d' ' -f1 /proc/uptime)" \
			'[.[].formatted.value.id.follow_until] | max / 1e9 - ($now | tonumber)'
}

is_over() { [ "$(time_left | jq '. < 0')" = true ]; }
is_on() { [ "$(time_left | jq '. > 0')" = true ]; }

test_rules() {
	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 netem delay 100s match dst 10.9.0.2 rule loss 100% match dst 10.9.0.3 \
		rule match proto tcp
	ip neigh add 10.9.0.3 lladdr 02:00:00:00:00:03 dev ve0
	for word in 2 2 2 3 3; do
		echo >/dev/udp/10.9.0.$word/9000
	done
	read_flows
	is "$(flow 'map([.rule, .match, .packets, .drops, .backlog_packets, .state])')" "[$(
		)[1,\"match dst 10.9.0.2\",3,0,3,\"throttled\"],$(
		)[2,\"match dst 10.9.0.3\",2,2,0,\"idle\"],$(
		)[3,\"match proto tcp\",0,0,0,\"idle\"]]" rules
	is "$(last dropped '[.dst, .dport]')" '["10.9.0.3",9000]' "the packet that was lost"
	ip link set ve0 down
	read_flows
	is "$(flow 'map(.backlog_packets)')" "[0,0,0]" "waiting after a reset"
	must bqdisc attach ve0 netem delay 100s
	ip link set ve0 up
	echo >/dev/udp/10.9.0.2/9000
	read_flows
	is "$(flow 'map([.rule, .match, .backlog_packets])')" '[[1,"",1]]' "the only rule"
}

test_without_flows() {
	plain_pair 0
	refuses 1 "ve0: no qdisc of bqdisc is attached" bqdisc flows ve0
	must bqdisc attach ve0 pfifo
	refuses 1 "ve0: pfifo has no flows; use fq, fq_codel, netem or hfq" bqdisc flows ve0
	must bqdisc attach ve0 ./floor.bpf.o
	refuses 1 "ve0: bqt_floor has no flows; use fq, fq_codel, netem or hfq" bqdisc flows ve0
	refuses 1 "give backlog, rate, drops or delay" bqdisc flows ve0 --sort size
	refuses 1 "invalid value '0'; give a number" bqdisc flows ve0 --top 0
}

kind_stays fq netem
run_tests "$@"
