# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Shared by the live tests. A test file defines functions test_NAME and ends with `run_tests`. Each
# function runs in a subshell, makes its own devices, and calls `fail` at the first difference.
# Output, one line a test: "ok NAME (TIME)", "not ok NAME: why", "skip NAME: what is missing".
#
# needs: packets bpftool jq

# Reset the machine before a test: no state of bqdisc, no devices but lo. Files are read directly,
# because starting a program is slow under emulation.
clean() {
	local ns dev kind

	[ ! -e /run/netns/peer ] || ip netns pids peer | xargs -r kill 2>/dev/null
	for ns in /run/netns/*; do
		[ ! -e "$ns" ] || ip netns del "${ns##*/}"
	done
	for dev in /sys/class/net/ve* /sys/class/net/du*; do
		[ ! -e "$dev" ] || ip link del "${dev##*/}" 2>/dev/null
	done
	[[ $(</proc/sys/net/core/default_qdisc) != bq_* && ! -e /sys/fs/bpf/bqdisc/saved_default ]] ||
		bqdisc default --restore >/dev/null
	# Deleting a device ends its instances; the next bqdisc command removes their records.
	bqdisc detach lo >/dev/null
	# Unload kinds that a failed test left loaded.
	for kind in /sys/fs/bpf/bqdisc/*/kept; do
		[ -e "$kind" ] || continue
		kind=${kind%/kept} kind=${kind##*/}
		kind=${kind#bq_}
		kind=${kind/#pfifo_hdrop/pfifo_head_drop}
		[[ " ${kinds_held[*]} " = *" $kind "* ]] || bqdisc unload "${kind#@}" >/dev/null
	done
	hold_kinds >/dev/null
}

modprobe dummy numdummies=0 2>/dev/null # else the first dummy device brings dummy0 with it

# fail WHY...: end the test. In a command substitution it ends only that, but the test still fails.
fail() {
	echo "$*" >>"$failure"
	exit 1
}

# skip WHAT...: end the test because the machine lacks WHAT.
skip() {
	echo "skip: $*" >"$failure"
	exit 1
}

# is ACTUAL EXPECTED WHAT
is() {
	[ "$1" = "$2" ] || fail "$3: got '$1', expected '$2'"
}

# between ACTUAL LOW HIGH WHAT
between() {
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || fail "$4: got '$1', expected $2 to $3"
}

# wait_for SECONDS COMMAND...: repeat COMMAND until it succeeds. SECONDS is enough on an idle
# machine; a busy one gets four times as long.
wait_for() {
	local end=$((SECONDS + 4 * $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# must COMMAND...: fail unless it succeeds.
must() {
	"$@" >/tmp/out 2>&1 || fail "$* failed: $(cat /tmp/out)"
}

# refuses STATUS REGEX COMMAND...: expect STATUS, one line on stderr that matches, and no output.
refuses() {
	local status=$1 regex=$2 got=0

	shift 2
	"$@" >/tmp/out 2>/tmp/err || got=$?
	is "$got" "$status" "exit status of '$*' ($(cat /tmp/err))"
	is "$(wc -l </tmp/err)" 1 "lines on stderr of '$*' ($(cat /tmp/err))"
	grep -Eq -- "$regex" /tmp/err || fail "'$*' said: $(cat /tmp/err)"
	[ ! -s /tmp/out ] || fail "'$*' wrote to stdout: $(cat /tmp/out)"
}

# veth_pair N [LINK OPTION...]: veN here and vfN in the namespace `peer`, both up, without IPv6.
veth_pair() {
	local n=$1

	shift
	ip netns add peer 2>/dev/null
	ip link add "ve$n" "$@" type veth peer name "vf$n" "$@" || fail "no veth pair $n"
	quiet "ve$n"
	ip link set "vf$n" netns peer
	ip netns exec peer bash -c "$(declare -f quiet); quiet vf$n"
}

quiet() {
	echo 1 >"/proc/sys/net/ipv6/conf/$1/disable_ipv6"
}

up_pair() {
	ip link set "ve$1" up
	ip -n peer link set "vf$1" up
}

# plain_pair N: a pair that is up, with the kernel's default qdisc, noqueue.
plain_pair() {
	veth_pair "$@"
	up_pair "$1"
}

address_pair() {
	up_pair "$1"
	ip addr add "10.9.$1.1/24" dev "ve$1"
	ip -n peer addr add "10.9.$1.2/24" dev "vf$1"
}

modules=/lib/modules/$(uname -r)
# lacks KIND...: the kernel has no such qdisc until the test ends. A test is a subshell.
lacks() {
	local kind

	[ -e /tmp/modules.dep ] || cp "$modules/modules.dep" /tmp/modules.dep
	for kind; do
		[ ! -d "/sys/module/sch_$kind" ] || modprobe -r "sch_$kind" || fail "sch_$kind stays"
		mv "$modules/kernel/net/sched/sch_$kind.ko" /tmp
		sed -i "/\/sch_$kind\.ko/d" "$modules/modules.dep"
	done
	trap has_all EXIT
}

has_all() {
	echo pfifo_fast >/proc/sys/net/core/default_qdisc
	mv /tmp/sch_*.ko "$modules/kernel/net/sched"
	cp /tmp/modules.dep "$modules/modules.dep"
}

# holding_pair N [LINK OPTION...]: a pair whose far end does not poll its ring for HOLD seconds
# after the first packet. So the ring fills, the queue stops, and the qdisc fills exactly to its
# limit. HOLD is long because an emulator on a busy machine is slow.
HOLD=60
holding_pair() {
	local n=$1

	veth_pair "$@"
	ethtool -K "ve$n" tso off >/dev/null 2>&1
	ip netns exec peer ethtool -K "vf$n" gro on >/dev/null 2>&1
	ip netns exec peer sh -c "echo ${HOLD}000000000 >/sys/class/net/vf$n/gro_flush_timeout"
	ip netns exec peer sh -c "echo 1000 >/sys/class/net/vf$n/napi_defer_hard_irqs"
	up_pair "$n"
}

# hold N: make the far end of a holding pair stop polling. The packet starts HOLD.
hold() {
	wait_for 5 carrier "ve$1" || fail "ve$1 has no carrier"
	packets send "ve$1" 1 >/dev/null
	sleep 0.2 # the poll that takes this packet; after it the far end defers
}

# dummies N: make du1 to duN, up.
dummies() {
	local i

	for i in $(seq "$1"); do
		echo "link add du$i type dummy"
		echo "link set du$i up"
	done >/tmp/batch
	ip -batch /tmp/batch || fail "cannot make $1 dummies"
}

listening() {
	ip netns exec peer ss -Hltn 'sport = 5201' | grep -q .
}

# serve [-1]: iperf3 serves in the peer; -1: one transfer, and ends.
serve() {
	ip netns exec peer iperf3 -s "$@" -D --logfile /dev/null
	wait_for 10 listening || fail "iperf3 does not listen"
}

# start_transfer: a connection over ve0 that goes on until end_transfer.
start_transfer() {
	serve -1
	iperf3 -c 10.9.0.2 -t 1000 >/dev/null 2>&1 &
	transfer=$!
	wait_for 20 sent_more_than 200 || fail "no transfer"
	at_first=$(connections)
	is "$(wc -l <<<"$at_first")" 2 "connections of iperf3"
}

# The transfer goes on, with the same connections.
end_transfer() {
	local sent

	sent=$(sent_by ve0)
	wait_for 20 sent_more_than $((sent + 200)) || fail "the transfer does not go on"
	is "$(connections)" "$at_first" "the connections afterwards"
	kill "$transfer"
	wait "$transfer" 2>/dev/null
	wait_for 5 all_is_sent || fail "the connection does not end: $(leaving)"
}

# Print connections that are closed but still have data to send. A FIN that is lost goes again.
leaving() {
	ss -Htn state connected exclude time-wait 'dport = 5201'
	ip netns exec peer ss -Htn state connected exclude time-wait 'sport = 5201'
}

all_is_sent() { [ -z "$(leaving)" ]; }

sent_more_than() {
	[ "$(sent_by ve0)" -gt "$1" ]
}

# Print iperf3's two connections by their ports.
connections() {
	ss -Htn state established 'dport = 5201' | awk '{ print $3 }' | sort
}

sent_by() {
	cat "/sys/class/net/$1/statistics/tx_packets"
}

# received N: print the packets that vfN has received.
received() {
	ip netns exec peer cat "/sys/class/net/vf$1/statistics/rx_packets"
}

has_received() { # N COUNT
	[ "$(received "$1")" -ge "$2" ]
}

# arrive N BEFORE COUNT: expect COUNT packets at vfN since it had received BEFORE.
arrive() {
	wait_for 10 has_received "$1" $(($2 + $3)) ||
		fail "$(($(received "$1") - $2)) of $3 packets arrived"
	is "$(($(received "$1") - $2))" "$3" "packets that arrived"
}

# accounted DEV: print the sum of packets that its qdisc has sent, dropped and holds.
accounted() {
	bqdisc -j stats "$1" | jq '.[0].stats | .packets + .drops + .backlog_packets'
}

carrier() {
	[ "$(cat "/sys/class/net/$1/carrier")" = 1 ]
}

# root DEV FIELD: print a field of the root qdisc from tc's JSON.
root() {
	tc -j -s qdisc show dev "$1" | jq -r "[.[] | select(.root)][0].$2"
}

# Nothing is pinned anywhere in the bpf filesystem. tc makes empty directories when it loads a filter.
no_pins() {
	is "$(find /sys/fs/bpf -mindepth 1 ! -path /sys/fs/bpf/ip ! -path /sys/fs/bpf/xdp \
		! -path /sys/fs/bpf/tc ! -path /sys/fs/bpf/tc/globals)" "" "files under /sys/fs/bpf"
}

# pool_of KIND MEMBER: count the words that are not zero in a bitmap of the kind's pool (pool.h).
pool_of() {
	bpftool -j map dump pinned "/sys/fs/bpf/bqdisc/$1/pool" |
		jq ".[0].formatted.value.$2 | map(select(. != 0)) | length"
}

# Print the words of the map `usage` that have a bit of an instance of the pool. A sweep clears the
# bits of those that are gone.
pool_in_use() { # KIND
	local instances
	instances=$(bpftool -j map dump pinned "/sys/fs/bpf/bqdisc/$1/pool" |
		jq '.[0].formatted.value.instances')
	bqdisc sweep >/dev/null
	bpftool -j map dump pinned "/sys/fs/bpf/bqdisc/$1/usage" |
		jq "map(.formatted.value.used)[:$((instances / 64))] | map(select(. != 0)) | length"
}

# The kind's pool has no instance and no area in use.
pool_is_empty() {
	is "$(pool_in_use "$1")" 0 "words with instances in use in the pool of $1"
	is "$(pool_of "$1" taken)" 0 "words with areas taken in the pool of $1"
	is "$(pool_of "$1" stocked)" 0 "words with areas that have pages in the pool of $1"
}

# kind_stays KIND...: keep kinds loaded between tests, which saves most of their time.
kind_stays() {
	kinds_held=("$@")
	hold_kinds
}

kinds_held=()
hold_kinds() {
	local kind

	for kind in "${kinds_held[@]}"; do
		[ -e "/sys/fs/bpf/bqdisc/bq_$kind/kept" ] || bqdisc load "$kind"
	done
}

# kind_goes: unload the kinds for a test that expects none. The next test loads them again.
kind_goes() {
	local kind

	for kind in "${kinds_held[@]}"; do
		must bqdisc unload "$kind"
	done
}

nothing_recorded() {
	[ ! -e /sys/fs/bpf/bqdisc/undo ] ||
		is "$(bpftool -j map dump pinned /sys/fs/bpf/bqdisc/undo | jq length)" 0 "records"
}

# least_words QDISC: print the words that attach needs at least.
least_words() {
	case $1 in
	tbf) echo tbf rate 1mbit ;;
	hfq) echo hfq class rest ;;
	*) echo "$1" ;;
	esac
}

# stat DEV COUNTER: print a counter of bqdisc's qdisc
stat() {
	bqdisc stats "$1" "$2"
}

# opt DEV KEY, counter DEV KEY: print an option, or a counter, as JSON.
opt() { bqdisc -j show "$1" | jq -c ".[0].options.$2"; }
counter() { bqdisc -j stats "$1" | jq -c ".[0].stats.$2"; }

# snap DEV: read all counters at one instant. snapped KEY: print one of them.
snap() { bqdisc -j stats "$1" >/tmp/snap; }
snapped() { jq -c ".[0].stats.$1" /tmp/snap; }

# No packet waits in ve0.
drained() { [ "$(stat ve0 backlog_packets)" = 0 ]; }

# is_chosen TEST: ONLY="NAME..." selects tests. LEAVE_OUT=long leaves out those that the head of the
# file names as long.
is_chosen() {
	local long

	if [ -n "${ONLY:-}" ]; then
		[[ " $ONLY " = *" $1 "* ]]
		return
	fi
	[ -n "${LEAVE_OUT:-}" ] || return 0
	long=$(grep '^# long: ' "$0")
	[[ " ${long//$'\n'/ } " != *" $1 "* ]]
}

# run_tests [FUNCTION...]: run all tests of the file, or those.
run_tests() {
	local t name started failed=0

	failure=$(mktemp)
	for t in $(declare -F | sed -n 's/^declare -f \(test_.*\)/\1/p'); do
		[ $# -eq 0 ] || [[ " $* " = *" $t "* ]] || continue
		is_chosen "${t#test_}" || continue
		name=${0##*/}
		name=${name%.sh}/${t#test_}
		clean
		: >"$failure"
		started=${EPOCHREALTIME/[.,]/}
		if ("$t") && [ ! -s "$failure" ]; then
			echo "ok $name ($(((${EPOCHREALTIME/[.,]/} - started) / 1000)) ms)"
		elif [ -s "$failure" ] && ! grep -qv '^skip: ' "$failure"; then
			echo "skip $name: $(sed 's/^skip: //' "$failure")"
		else
			echo "not ok $name: $(tr '\n' ' ' <"$failure")"
			failed=1
		fi
	done
	kinds_held=()
	clean
	return $failed
}
