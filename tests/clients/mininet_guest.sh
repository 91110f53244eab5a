#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs in the guest of mininet.sh.
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/lib/observe.sh
. "${0%/*}/observe.sh"

# h1 CASE RESULTS PROGRAM... PID: the part that tclink.py runs in h1. PROGRAM shows qdiscs as tc
# does; PID is of h2.
if [ "${1:-}" = h1 ]; then
	failure=/tmp/failure_h1
	name=$2 results=$3
	set -- "${@:4}"
	peer_sysfs "/proc/${*: -1}/ns/net"
	set -- "${@:1:$#-1}"
	[ "$1" = tc ] || must bqdisc adopt ve0
	observed "$name" tc "" "$@" >>"$results"
	umount /tmp/peer
	exit 0
fi

kind_stays netem

# linked OPTIONS RESULTS PROGRAM...
linked() {
	local options=$1 results=$2

	shift 2
	PATH=/test/debian/usr/bin:/test/debian/sbin:$PATH PYTHONHOME=/test/debian/usr \
		PYTHONPATH=/test/debian/usr/lib/python3/dist-packages \
		python3.11 /test/tclink.py "$options" bash "$0" h1 "mininet: $options" "$results" "$@" \
		>/tmp/mininet 2>&1 || fail "mininet: $(tail -n 5 /tmp/mininet) $(cat /tmp/failure_h1 2>/dev/null)"
}

each_link() { # RESULTS PROGRAM...
	local options

	while read -r options; do
		linked "$options" "$@"
	done <<-END
		delay='80ms'
		delay='60ms',jitter='5ms',loss=20
		loss=40,max_queue_size=500
		delay='300ms',max_queue_size=20
	END
}

test_tclink() {
	each_link /tmp/in_tree tc
	lacks netem
	must bqdisc load --all-missing
	each_link /tmp/ours bqdisc tc
	compare /tmp/in_tree /tmp/ours
}

# With a bandwidth mininet puts netem below htb, where the kernel accepts no BPF qdisc.
test_bandwidth() {
	lacks netem
	must bqdisc load --all-missing
	linked "bw=10,delay='10ms'" /tmp/bandwidth tc
	grep -q "BPF qdisc only supported on root or mq" /tmp/mininet || fail "$(cat /tmp/mininet)"
}

run_tests "$@"
