#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs in the guest of kubernetes.sh: containers of the manifest, each in a mount namespace with the
# image as its root.
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

ROOTFS=/test/rootfs
LINES=/tmp/lines

# Print a value of the DaemonSet's pod.
pod() { # FILTER
	jq -r ".[] | select(.kind == \"DaemonSet\") | .spec.template.spec | $1" /test/manifest.json
}

container_of() { # NAME FILTER
	pod "(.initContainers + .containers)[] | select(.name == \"$1\") | $2"
}

# The kubelet writes a ConfigMap so.
write_lines() {
	mkdir -p "$LINES/..1"
	jq -r '.[] | select(.kind == "ConfigMap") | .data["nodes.conf"]' /test/manifest.json \
		>"$LINES/..1/nodes.conf"
	ln -sfn ..1 "$LINES/..data"
	ln -sfn ..data/nodes.conf "$LINES/nodes.conf"
}

# Tools of the guest, at /tmp of the new root, drop the capabilities.
# shellcheck disable=SC2016 # expanded by the inner shell
enter='
	mount --bind "$ROOTFS" "$ROOTFS" && cd "$ROOTFS" &&
	mount -t proc proc proc && mount -t sysfs -o ro sysfs sys && mount --bind /tmp/pins sys/fs/bpf &&
	mount --bind "$LINES" etc/bqdisc.d && mount -o remount,bind,ro etc/bqdisc.d &&
	mount --bind / tmp &&
	mount -o remount,bind,ro "$ROOTFS" &&
	exec chroot . "/tmp$(ls /lib64/ld-linux*)" --library-path "$libraries" /tmp/test/setpriv \
		--no-new-privs --inh-caps=-all --bounding-set "-all$capabilities" -- \
		/usr/sbin/bqdisc "$@"'

# in_container CAPABILITIES ARG...: run bqdisc there.
in_container() {
	local capabilities=$1 libraries

	shift
	mkdir -p /tmp/pins
	[ /tmp/pins -ef /sys/fs/bpf ] || mount --bind /sys/fs/bpf /tmp/pins
	libraries=$(find /lib /usr/lib -name 'libc*.so*' | sed 's:^\(.*\)/[^/]*:/tmp\1:' | sort -u |
		tr '\n' ':')
	ROOTFS=$ROOTFS LINES=$LINES capabilities=$capabilities libraries=$libraries \
		unshare -m bash -c "$enter" bash "$@"
}

capabilities_of() { # NAME
	container_of "$1" '.securityContext.capabilities.add | map(",+" + ascii_downcase) | join("")'
}

run_container() { # NAME
	local args

	mapfile -t args < <(container_of "$1" '.args[]')
	in_container "$(capabilities_of "$1")" "${args[@]}"
}

is_ready() {
	local words

	mapfile -t words < <(container_of enforce '.readinessProbe.exec.command[1:][]')
	in_container "$(capabilities_of enforce)" "${words[@]}" >/dev/null
}

make_node() {
	write_lines
	ip link add ens1 type veth peer name vethp1
	ip link set ens1 up
	ip link set vethp1 up
}

# End the container that runs in the background.
stop() {
	# shellcheck disable=SC2046 # words
	kill $(grep -lx bqdisc /proc/[0-9]*/comm | cut -d/ -f3)
	wait
	return 0
}

test_containers() {
	make_node
	is_ready && fail "ready before the lines are applied"
	must run_container apply
	is "$(root ens1 kind)" bq_fq "qdisc"
	must is_ready
	is "$(root vethp1 kind)" noqueue "qdisc of a device without a line"
	run_container enforce >/tmp/events &
	trap stop EXIT
	wait_for 10 grep -q listening /tmp/events || fail "enforce does not listen"
	tc qdisc replace dev ens1 root handle 5: pfifo
	wait_for 10 is_ready 2>/dev/null || fail "not ready: $(root ens1 kind)"
	must bqdisc detach ens1
}

serves() { wget -qO /tmp/metrics http://127.0.0.1:9766/metrics 2>/dev/null; }

test_metrics() {
	make_node
	must run_container apply
	run_container metrics &
	trap stop EXIT
	wait_for 10 serves || fail "no metrics"
	grep -q 'bqdisc_.*device="ens1"' /tmp/metrics || fail "no ens1 in the metrics"
	must bqdisc detach ens1
}

# Each capability of the manifest is needed.
test_capabilities() {
	local all capability

	make_node
	all=$(capabilities_of apply)
	for capability in ${all//,/ }; do
		in_container "${all/,$capability/}" apply /etc/bqdisc.d >/dev/null 2>&1 &&
			fail "apply works without $capability"
		is "$(root ens1 kind)" noqueue "qdisc without $capability"
	done
	must in_container "$all" apply /etc/bqdisc.d
	must bqdisc detach ens1
}

run_tests "$@"
