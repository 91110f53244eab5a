#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The companion: a program before all others on the egress hook, which does what a qdisc cannot.
. "${0%/*}/lib.sh"

# Where the user's programs are pinned: not where ours are.
user=/tmp/user
mount_user() {
	mkdir -p $user
	umount $user 2>/dev/null
	mount -t bpf bpf $user
}

# put before|behind PROGRAM NAME: a program of the user's on ve0's hook.
put() {
	mkdir -p "$user/$3"
	must hook "$1" ve0 "$2" "$user/$3"
}

# put_clsact PROGRAM NAME
put_clsact() {
	mkdir -p "$user/$2"
	must hook load "$1" "$user/$2"
	must tc qdisc replace dev ve0 clsact
	must tc filter add dev ve0 egress bpf direct-action object-pinned "$user/$2/program"
}

seen() { hook seen "$user/$1" | jq .seen; }
companion() { bqdisc -j show ve0 | jq -r '.[0].companion'; }

# A pair with addresses, where ve0 delays for 10 ms and nobody but us sends.
delayed_pair() {
	mount_user
	plain_pair 0
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr "$(ip -n peer -j link show vf0 | jq -r '.[0].address')" dev ve0
	ip -n peer neigh replace 10.9.0.1 lladdr "$(cat /sys/class/net/ve0/address)" dev vf0
	must bqdisc attach ve0 netem delay 10ms
	ping -q -c 1 -W 5 10.9.0.2 >/dev/null || fail "no answer"
}

# pings N: sends them; all must be answered.
pings() {
	ping -q -i 0.01 -c "$1" -W 5 10.9.0.2 | grep -q " $1 received" || fail "pings were lost"
}

test_comes_and_goes() {
	delayed_pair
	is "$(companion)" first "the companion with a delay"
	is "$(bpftool -j net show dev ve0 | jq -r '.[0].tc | map(.kind) | join(" ")')" tcx/egress hooks
	must bqdisc change ve0 delay 0s
	is "$(companion)" null "the companion without one"
	is "$(bpftool -j net show dev ve0 | jq -r '.[0].tc | length')" 0 "programs on the hooks"
	must bqdisc change ve0 delay 5ms
	is "$(companion)" first "the companion with one again"
	must bqdisc detach ve0
	is "$(bpftool -j net show dev ve0 | jq -r '.[0].tc | length')" 0 "programs after detach"
	no_pins
}

# One companion serves all queues of a device.
test_queues() {
	mount_user
	plain_pair 0 numtxqueues 2 numrxqueues 2
	must bqdisc attach ve0 netem delay 10ms --mq
	is "$(companion)" first "the companion"
	is "$(hooked)" 1 "programs on the hooks"
	must bqdisc change ve0 delay 0s
	is "$(companion) $(hooked)" "null 0" "the companion without a delay"
	must bqdisc attach ve0 netem delay 20ms --mq
	is "$(companion) $(hooked)" "first 1" "the companion with one"
	must bqdisc attach ve0 netem delay 20ms --root
	is "$(companion) $(hooked)" "first 1" "the companion without mq"
	must bqdisc detach ve0
	no_pins
}

# Each packet is seen once by a user's program, wherever it is and whatever it returns.
test_others_see_each_packet_once() {
	local where program

	delayed_pair
	for where in before behind clsact; do
		for program in count_next count_ok; do
			if [ $where = clsact ]; then
				put_clsact $program p
			else
				put $where $program p
			fi
			pings 5
			is "$(seen p)" 5 "packets seen by $program $where"
			[ $where = before ] || is "$(companion)" first "the companion with $program $where"
			[ $where != before ] || is "$(companion)" behind "the companion with $program $where"
			tc qdisc del dev ve0 clsact 2>/dev/null
			rm -r $user/p
			wait_for 5 hook_is 1 || fail "the hook after $program $where: $(hooked)"
		done
	done
}
hooked() { bpftool -j net show dev ve0 | jq -r '.[0].tc | length'; }
hook_is() { [ "$(hooked)" = "$1" ]; }

# Two programs of the user's around ours stay when ours goes.
test_detach_leaves_others_alone() {
	delayed_pair
	put behind count_next last
	put_clsact count_next filter
	put before count_next first
	must bqdisc detach ve0
	hook_is 3 || fail "programs left: $(hooked)"
	pings 5
	is "$(seen first) $(seen last) $(seen filter)" "5 5 5" "packets seen"
	no_pins
}

# Gone by somebody else's hand, it is missed, and the same attach brings it back.
test_gone() {
	delayed_pair
	rm /sys/fs/bpf/bqdisc/companion_*/link
	wait_for 5 hook_is 0 || fail "the link is there without its pin"
	is "$(companion)" gone "the companion"
	pings 3
	bqdisc show ve0 2>&1 >/dev/null | grep -q companion || fail "show does not warn"
	bqdisc -j doctor >/tmp/doctor 2>/tmp/err && fail "doctor is content: $(cat /tmp/doctor)"
	is "$(jq -r '.[] | select(.check == "companions") | .ok' /tmp/doctor)" false "doctor's check"
	must bqdisc attach ve0 netem delay 10ms
	is "$(companion)" first "the companion after attach"
	is "$(bqdisc -j attach ve0 netem delay 10ms | jq .changed)" false "a second attach"
	must bqdisc doctor
}

test_capabilities() {
	local caps=cap_net_admin,cap_bpf,cap_perfmon run

	mount_user
	plain_pair 0
	run=(capsh --drop="$(capsh --decode=ffffffffff | sed 's/.*=//' | tr , '\n' |
		grep -vxF "${caps//,/$'\n'}" | paste -sd,)" -- -c)
	"${run[@]}" "bqdisc attach ve0 netem delay 10ms" >/tmp/out 2>&1 || fail "attach: $(cat /tmp/out)"
	is "$("${run[@]}" "bqdisc -j show ve0" | jq -r '.[0].companion')" first "the companion"
	"${run[@]}" "bqdisc detach ve0" >/tmp/out 2>&1 || fail "detach: $(cat /tmp/out)"
	no_pins
}

# Through a delay a local sender is as fast as the receiver's window lets it be: TCP does not wait
# for packets to leave this machine.
test_tcp_is_not_held_back() {
	mount_user
	plain_pair 0
	address_pair 0
	ip -n peer link set lo up
	ip netns exec peer iperf3 -s -D >/dev/null
	wait_for 10 listening || fail "no iperf3 server"
	must bqdisc attach ve0 netem delay 20ms
	between "$(iperf3 -J -c 10.9.0.2 -t 2 | jq '.end.sum_received.bits_per_second / 1e6 | floor')" \
		20 100000 "Mbit/s"
}

run_tests "$@"
umount $user 2>/dev/null
