# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A device with 100,000 packets waiting goes within a second: its link, the device, its namespace,
# and its module. In virtual time, as an emulator on a busy machine stands still for seconds.
# reset.sh tests that all packets are freed.
#
# runs: check kernels@6.18,7.3
# long: netem_ordered
# icount
# append: nohz=off
# memory: 2048
# time: 200
# limit: 3600
. "${0%/*}/lib.sh"

# Seconds in which the far end does not look at its ring.
HOLD=500
waiting=100000
# Milliseconds. The in-tree qdiscs take 70 to 110.
bound=1000

# Packets come from outside of the namespace: one holds the namespace of the socket that sent it.
move_into_namespace() {
	ip netns add held
	ip link set ve0 netns held
	ip link add vg0 type veth peer name vg1 netns held || fail "no veth pair"
	quiet vg0
	ip netns exec held bash -c "$(declare -f quiet); quiet ve0; quiet vg1"
	tc -n held qdisc add dev vg1 ingress
	tc -n held filter add dev vg1 parent ffff: matchall action mirred egress redirect dev ve0
	ip -n held link set ve0 up
	ip -n held link set vg1 up
	ip link set vg0 up
}

# fill DEV ARG...: packets sent through DEV wait in the qdisc of ve0. ARG is an option for the
# namespace of ve0, or "".
fill() { # DEV NAMESPACE-OPTION...
	packets send "$1" 1 >/dev/null
	sleep 0.2 # the poll that takes this packet; after it the far end defers
	packets send "$1" $((waiting + 400)) >/dev/null
	[ "$(tc "${@:2}" -j -s qdisc show dev ve0 | jq '[.[] | select(.root)][0].qlen')" -ge \
		$waiting ] || fail "fewer than $waiting packets wait"
}

uptime_ms() { awk '{ printf "%.0f", $1 * 1000 }' /proc/uptime; }

# within WHAT COMMAND...: it ends in time.
within() {
	local from ms

	from=$(uptime_ms)
	"${@:2}" || fail "'${*:2}' failed"
	ms=$(($(uptime_ms) - from))
	echo "# $1 with $waiting packets waiting in ${options[*]}: $ms ms"
	[ "$ms" -lt $bound ] || fail "$1 took $ms ms"
	! dmesg | grep -q 'waiting for .* to become free' || fail "$(dmesg | grep 'waiting for')"
}

waits() { # for the carrier of ve0, in the namespace of PREFIX...
	wait_for 5 "$@" grep -q 1 /sys/class/net/ve0/carrier || fail "ve0 has no carrier"
}

prepare() {
	holding_pair 0
	must bqdisc attach ve0 "${options[@]}"
	waits
	fill ve0
}

delete_namespace() {
	ip netns del held
	while ip -n peer link show vf0 >/dev/null 2>&1; do :; done
}

# gone QDISC OPTION...
gone() {
	local options=("$@")

	# The kind stays loaded.
	must bqdisc load "$1"
	prepare
	within "link down" ip link set ve0 down
	ip link del ve0
	ip netns del peer
	prepare
	within "device deleted" ip link del ve0
	ip netns del peer
	prepare
	within "module removed" rmmod veth
	modprobe veth
	ip netns del peer
	holding_pair 0
	move_into_namespace
	must bqdisc -n held attach ve0 "${options[@]}"
	waits ip netns exec held
	fill vg0 -n held
	within "namespace deleted" delete_namespace
	must bqdisc unload "$1"
}

test_pfifo() { gone pfifo limit 100100; }
test_fq() { gone fq limit 100100 flow_limit 100100; }
test_netem() { gone netem limit 100100 delay 2ms 1ms; }
test_netem_ordered() { gone netem limit 100100 delay 2ms rate 1gbit; }

run_tests "$@"
