# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Shared by fq/same.sh and netem/same.sh, which send the same packets through the in-tree qdisc and
# bqdisc's. Needs --icount, where virtual time does not depend on the machine.
#
# needs: flows scripts cases.sh
set -u
PATH=/test:$PATH
# shellcheck source=tests/lib/cases.sh
. "${0%/*}/cases.sh"

# prepare QDISC [OPTIONS]: make ve0, a device that accepts every packet at once, so that only the
# qdisc delays packets. Keep the kind of QDISC loaded between cases.
prepare() {
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	modprobe "sch_$1"
	ip link add ve0 type dummy
	echo 1 >/proc/sys/net/ipv6/conf/ve0/disable_ipv6
	ip addr add 10.9.0.1/24 dev ve0
	ip link set ve0 up
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	ip link add du0 type dummy
	# shellcheck disable=SC2086 # words
	bqdisc attach du0 "$1" ${2:-} >/dev/null
	sleep 4 # the guest's boot-time work
}

no_qdisc() {
	tc qdisc replace dev ve0 root noqueue
}

# record FILE: send the script through ve0 and write the departures to FILE.
record() {
	flows watch ve0 >"$1" &
	sleep 0.3
	flows send /tmp/script in-phase >"$1.sent" # idle time is virtual and passes at once
	kill $!
	wait $!
}

# attach QDISC WORD...: replace the qdisc of ve0
attach() {
	no_qdisc
	bqdisc attach ve0 "$@" --force >/dev/null 2>/tmp/err
}

field() { jq -r ".$2" <<<"$1"; }
