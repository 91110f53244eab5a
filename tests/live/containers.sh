#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Containers: an attachment lasts as long as the qdisc, or is refused. A qdisc whose pins are lost
# can be removed.
#
# runs: check kernels@6.17,6.18,7.2
# needs: build/tests/byo/*.bpf.o:byo/
# time: 60
. "${0%/*}/lib.sh"

PINS=/sys/fs/bpf/bqdisc
O=${0%/*}/byo

# container MOUNTS COMMAND: run COMMAND in new mount and PID namespaces.
container() {
	unshare -mpf --mount-proc bash -c "$1 && $2"
}

# A bpf filesystem of its own looks like the host's.
own="mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/bpf && mount -t bpf bpf /sys/fs/bpf"
# As `docker run -v /sys/fs/bpf:/sys/fs/bpf` does.
hosts="mkdir -p /tmp/host && mount --bind /sys/fs/bpf /tmp/host && mount -t tmpfs tmpfs /sys/fs &&
	mkdir /sys/fs/bpf && mount --bind /tmp/host /sys/fs/bpf"

receives() { ip netns exec peer grep -qi ' 88b5 ' /proc/net/packet; }

# Every packet of ten arrives twice at vf0.
duplicates() {
	ip netns exec peer packets receive vf0 20 20000 >/tmp/received &
	wait_for 5 receives || fail "no receiver"
	packets send ve0 10 >/dev/null
	wait $!
	is "$(jq .received /tmp/received)" 20 "packets received of ten, each sent twice"
}

flows() {
	ip netns exec peer packets receive vf0 10 20000 >/tmp/received &
	wait_for 5 receives || fail "no receiver"
	packets send ve0 10 >/dev/null
	wait $!
	is "$(jq .received /tmp/received)" 10 "packets received of ten"
}

test_own_bpffs_is_refused() {
	local why="private to this container.*mount the host's /sys/fs/bpf here, or run 'bqdisc -n"
	local command

	plain_pair 0
	for command in "attach ve0 netem duplicate 100%" "attach ve0 pfifo --dry-run" \
		"attach ve0 $O/mine.bpf.o" "load pfifo" "default pfifo"; do
		refuses 2 "$why" container "$own" "bqdisc $command"
		# The host's first process is visible there.
		refuses 2 "$why" unshare -m bash -c "mount -t bpf bpf /sys/fs/bpf && bqdisc $command"
	done
	is "$(root ve0 kind)" noqueue "the root qdisc"
	# Commands that leave nothing behind are not refused.
	must container "$own" "bqdisc show && bqdisc detach ve0 && bqdisc sweep"
	no_pins
}

test_host_bpffs_in_a_container() {
	plain_pair 0
	must container "$hosts" "bqdisc attach ve0 netem duplicate 100%"
	is "$(bqdisc -j show ve0 | jq -r '.[0].egress_program')" active "the egress program"
	duplicates
	must container "$hosts" "bqdisc change ve0 duplicate 0%"
	flows
	must bqdisc detach ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	no_pins
}

# A mount namespace that shares the host's mounts is no container, for example a systemd service.
test_shared_mounts() {
	plain_pair 0
	must unshare -m bqdisc attach ve0 netem duplicate 100%
	duplicates
	must bqdisc detach ve0
	no_pins
}

# The namespace has no name, like that of a container.
test_from_the_host() {
	plain_pair 0
	unshare -mn sleep 1000 &
	pid=$! netns=/proc/$!/ns/net
	wait_for 5 has_own || fail "no namespace"
	ip link set ve0 netns $pid
	in_container() { nsenter --net="$netns" "$@"; }
	in_container ip link set ve0 up
	must bqdisc -n "$netns" attach ve0 netem duplicate 100%
	ip netns exec peer packets receive vf0 20 20000 >/tmp/received &
	wait_for 5 receives || fail "no receiver"
	in_container packets send ve0 10 >/dev/null
	wait $!
	is "$(jq .received /tmp/received)" 20 "packets received of ten, each sent twice"
	kill $pid
	wait_for 10 gone || fail "the namespace's device is still there"
	must bqdisc sweep
	no_pins
}

gone() { ! ip -n peer link show vf0 >/dev/null 2>&1; }

has_own() { [ "$(readlink "$netns")" != "$(readlink /proc/self/ns/net)" ]; }

# removes_by_force DEV [NETNS]
removes_by_force() {
	local ns=(${2:+-n "$2"})

	refuses 3 "no record of it; 'bqdisc detach $1 --force'" bqdisc "${ns[@]}" detach "$1"
	is "$(bqdisc "${ns[@]}" -j detach "$1" --force | jq .changed)" true "detach by force"
	is "$(bqdisc "${ns[@]}" -j detach "$1" --force | jq .changed)" false "detach by force again"
}

test_root_without_pins() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 1ms duplicate 100%
	rm -r $PINS
	removes_by_force ve0
	is "$(root ve0 kind)" noqueue "the root qdisc"
	flows
	must bqdisc attach ve0 netem duplicate 100%
	duplicates
	must bqdisc detach ve0
	no_pins
}

test_namespace_without_pins() {
	plain_pair 0
	must bqdisc -n peer attach vf0 fq
	rm -r $PINS
	removes_by_force vf0 peer
	is "$(ip netns exec peer tc -j qdisc show dev vf0 | jq -r '.[0].kind')" noqueue "the root qdisc"
	flows
}

# Only the kernel knows the qdisc's name.
test_user_object_without_pins() {
	plain_pair 0
	must bqdisc attach ve0 "$O/mine.bpf.o"
	rm -r $PINS
	is "$(bqdisc -j detach ve0 --force | jq .changed)" true "detach by force"
	is "$(root ve0 kind)" noqueue "the root qdisc"
	flows
}

children() {
	tc -j qdisc show dev ve0 | jq -r '[.[] | select(.parent) | .kind] | unique | join(" ")'
}

test_mq_without_pins() {
	veth_pair 0 numtxqueues 2 numrxqueues 2
	up_pair 0
	must bqdisc attach ve0 fq --mq
	rm -r $PINS
	removes_by_force ve0
	grep -q bq_ <<<"$(children)" && fail "under mq are $(children)"
	flows
}

test_child_without_pins() {
	veth_pair 0 numtxqueues 2 numrxqueues 2
	up_pair 0
	tc qdisc add dev ve0 root handle 1: mq
	must bqdisc attach ve0 pfifo --parent 1:1
	must bqdisc attach ve0 pfifo --parent 1:2
	rm -r $PINS
	must bqdisc attach ve0 bfifo --parent 1:2 --force
	is "$(bqdisc -j detach ve0 --parent 1:1 --force | jq .changed)" true "detach by force"
	# No record exists of the previous qdisc, because that one had lost its pins too.
	refuses 2 "is not recorded" bqdisc detach ve0 --parent 1:2
	must bqdisc detach ve0 --parent 1:2 --force
	must bqdisc attach ve0 bfifo --parent 1:2 --force
	# The recorded qdisc stays.
	is "$(bqdisc -j detach ve0 --force | jq .changed)" false "detach of the root"
	is "$(bqdisc -j show | jq -r '.[].qdisc')" bfifo "what is left"
	flows
	must bqdisc detach ve0 --parent 1:2
}

# A qdisc of another program is not removed, with or without --force.
test_foreign_stays() {
	plain_pair 0
	tc qdisc add dev ve0 root handle 7: fq
	is "$(bqdisc -j detach ve0 --force | jq .changed)" false "detach by force"
	is "$(root ve0 kind)" fq "the root qdisc"
}

run_tests "$@"
