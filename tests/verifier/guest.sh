#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The contract of ownership, tried on the kernel that runs.
#
#   guest.sh [NAME...]    in the guest of tests/vm/run; all tests, or those named by these patterns
#
# It expects beside it
#   rules/    this directory: the programs' sources, with their declarations
#   built/    the same programs as NAME.bpf.o;  load, which loads them
#   objects/  other objects, *.bpf.o: each must load and register
#   bqdisc    the program, for the tests of `bqdisc verify`: what it says of each fail_ program must
#             be what stands beside the source in NAME.explain, or from a series on in
#             NAME.explain-SERIES; and it must find nothing in the others
#
# Declarations at the top of a source:
#   // needs: NAME           a function or type without which the kernel cannot run the test
#   // expect: TEXT          the kernel or libbpf must say it; every such line, all in one attempt
#   // expect-SERIES: TEXT   the same from that kernel series on, until the next one named
#   // expect-SERIES: (loads)  there the object must load
#
# One line a test: "ok NAME", "not ok NAME: reason", "skip NAME: what is missing"; details follow
# a failure behind "# ". Exits 0 when none failed.
set -u
cd "$(dirname "$0")" || exit 2

tests=0
failures=0
series=$(uname -r | grep -oE '^[0-9]+\.[0-9]+')

result() { # NAME STATUS ; standard input: nothing when it went well, or the reason and details
	local reason
	IFS= read -r reason || true
	if [ "$2" -eq 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1: ${reason:-exit status $2}"
		sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

# Runs COMMAND as the test NAME, whose output is the reason and details of a failure.
try() { # NAME COMMAND...
	local output status name=$1
	shift
	output=$("$@" 2>&1)
	status=$?
	result "$name" "$status" <<<"$output"
}

# ---- what a source declares -------------------------------------------------

declared() { # SOURCE WORD
	sed -n "s|^// $2: ||p" "$1"
}

# The greatest series on stdin that is not above the kernel's; nothing if there is none.
choose_series() {
	sort -uV | while read -r named; do
		printf '%s\n' "$named" "$series" | sort -V -c 2>/dev/null && echo "$named"
	done | tail -n 1
}

expectations() { # SOURCE
	local named
	declared "$1" expect
	named=$(sed -n 's|^// expect-\([0-9.]*\): .*|\1|p' "$1" | choose_series)
	[ -z "$named" ] || declared "$1" "expect-$named"
}

# Reading the kernel's types is slow, so each name is looked up once.
declare -A known=()

knows() { # NAME
	[ -n "${known[$1]:-}" ] || {
		known[$1]=no
		! ./load --has "$1" || known[$1]=yes
	}
	[ "${known[$1]}" = yes ]
}

find_missing() { # SOURCE ; sets missing
	for missing in bpf_struct_ops_Qdisc_ops $(declared "$1" needs); do
		knows "$missing" || return 0
	done
	missing=
}

# ---- programs that must not load --------------------------------------------

check_refused() { # NAME
	local text options=()
	while IFS= read -r text; do
		options+=(--fails-with "$text")
	done < <(expectations "rules/$1.bpf.c")
	[ ${#options[@]} -gt 0 ] || {
		echo "the source declares no expectation"
		return 1
	}
	[ "${options[*]}" != "--fails-with (loads)" ] || options=(--load-only)
	./load "${options[@]}" "built/$1.bpf.o"
}

fail() {
	echo "$@"
	return 1
}

# ---- what `bqdisc verify` says -----------------------------------------------

# From the JSON. Omit the missing operations of the fail_ programs, and line numbers in headers.
# shellcheck disable=SC2016 # jq's own variables
explanation='
def place: if .file | endswith(".h") then .file else "\(.file):\(.line)" end;
(.findings | map(select(.rule != "operation_missing"))) as $real
| (if $real == [] then .findings else $real end)[]
| "[\(.rule)] \(if .line then place + ": " else "" end)\(.what)",
  (if .after then "  after \(.after | place)" else empty end),
  (.path[]? | "  \(place) -> \(if .goes_on_at then .goes_on_at | place else "the end" end)"),
  (if .remedy then "  instead: \(.remedy)" else empty end)'

explain() { # OBJECT [FLAG...]
	local object=$1 status=0
	shift
	./bqdisc -j verify "$object" "$@" >/tmp/verify.json 2>/tmp/verify.err || status=$?
	cp /tmp/verify.json "/out/verify.$(basename "$object" .bpf.o)"
	jq -r "$explanation" /tmp/verify.json
	echo "status $status"
}

check_explained() { # NAME
	local named file=rules/$1.explain
	named=$(find rules -name "$1.explain-*" | sed 's|.*\.explain-||' | choose_series)
	explain "built/$1.bpf.o" >/tmp/explained
	diff -u "$file${named:+-$named}" /tmp/explained ||
		fail "it is explained otherwise" "$(cat /tmp/verify.err)"
}

check_accepted() { # OBJECT
	[ "$(explain "$1")" = "status 0" ] || fail "verify found something" "$(cat /tmp/verify.err)" ||
		return
	jq -e '.ok and .kernel == $release and (.qdiscs | length) > 0' --arg release "$(uname -r)" \
		/tmp/verify.json >/dev/null || fail "the verdict" "$(cat /tmp/verify.json)"
}

# verify registers nothing: the kernel does not know the kind afterwards.
check_unregistered() {
	check_accepted built/ok_slots.bpf.o || return
	! tc qdisc add dev lo root bqt_slots 2>/dev/null || fail "there is a qdisc bqt_slots" || return
	[ -z "$(ls -A /sys/fs/bpf)" ] || fail "pins are left" "$(ls -R /sys/fs/bpf)"
}

# Another program's qdisc has the name; gone, the name is free.
check_name_taken() {
	[ "$(explain built/ok_slots.bpf.o | head -n 1)" = \
		"[name_taken] the name '$1' is taken by a qdisc of the kernel or of another program" ] ||
		fail "the name was not found taken" "$(cat /tmp/verify.json)"
}

check_unsafe() {
	explain built/fail_options_read.bpf.o >/tmp/safe
	explain built/fail_options_read.bpf.o --unsafe >/tmp/unsafe
	grep -q '^\[options_read\]' /tmp/safe || fail "it is let pass" "$(cat /tmp/safe)" || return
	! grep -q '^\[options_' /tmp/unsafe || fail "--unsafe does not let it pass"
}

# The verifier's own log comes with -v, behind the explanation, and is a part of the JSON.
check_log() {
	./bqdisc -v verify built/fail_unreleased.bpf.o >/tmp/all 2>&1
	[ "$(grep -nm 1 'neither stores nor drops' /tmp/all | cut -d : -f 1)" -lt \
		"$(grep -nm 1 '^Unreleased reference' /tmp/all | cut -d : -f 1)" ] ||
		fail "the log is not behind it" "$(cat /tmp/all)" || return
	./bqdisc -j -v verify built/fail_unreleased.bpf.o 2>/dev/null |
		jq -e '.log | test("\nUnreleased reference")' >/dev/null || fail "JSON has no log"
}

refuses() { # STATUS TEXT ARGUMENT...
	local status=$1 text=$2 got=0
	shift 2
	./bqdisc "$@" >/tmp/out 2>/tmp/err || got=$?
	[ "$got" -eq "$status" ] || fail "exit status $got, not $status: $*" "$(cat /tmp/err)" || return
	[ "$(grep -c . /tmp/err)" -eq 1 ] && grep -q "$text" /tmp/err || fail "$*" "$(cat /tmp/err)"
}

check_misuse() {
	refuses 1 "absent.bpf.o: no such file" verify absent.bpf.o &&
		refuses 1 "verify: missing FILE.bpf.o" verify &&
		refuses 1 "verify: unknown option '--what'" verify --what built/ok_slots.bpf.o &&
		refuses 2 "1 finding" verify rules/rules.bpf.h
}

# ---- programs that carry traffic --------------------------------------------

# ve0, 10.0.0.1 <-> ve1 in the namespace peer, 10.0.0.2
make_link() {
	ip netns add peer
	ip link add ve0 address 02:00:00:00:00:01 type veth \
		peer name ve1 netns peer address 02:00:00:00:00:02
	ip address add 10.0.0.1/24 dev ve0
	ip -n peer address add 10.0.0.2/24 dev ve1
}

raise_link() {
	ip link set ve0 up
	ip -n peer link set ve1 up
	ip -n peer link set lo up
}

# No more ARP and IPv6, which the slow peer would delay, and which send packets of their own: once
# the qdisc is gone, the kernel grumbles about any packet for a virtual device that is stopped.
make_link_quiet() {
	sysctl -q net.ipv6.conf.ve0.disable_ipv6=1
	ip netns exec peer sysctl -q net.ipv6.conf.ve1.disable_ipv6=1
	ip neighbour replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev ve0
	ip -n peer neighbour replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev ve1
}

# The peer polls its ring only every 30 s: the ring fills, and packets wait in the qdisc.
make_peer_slow() {
	ethtool -K ve0 tso off gso off
	ip netns exec peer bash -c '
		ethtool -K ve1 gro on &&
		echo 30000000000 >/sys/class/net/ve1/gro_flush_timeout &&
		echo 1000 >/sys/class/net/ve1/napi_defer_hard_irqs'
}

remove_link() {
	ip link del ve0 2>/dev/null
	ip netns del peer 2>/dev/null
	true
}

# Takes 0.1 s, on a busy host a second. Never ends while something holds the device.
delete_device() {
	local pid
	ip link del ve0 &
	pid=$!
	for _ in {1..80}; do
		[ -d "/proc/$pid" ] || break
		sleep 0.1
	done
	[ ! -d "/proc/$pid" ] || fail "the device cannot be deleted" "$(cat "/proc/$pid/stack")" ||
		return
	wait "$pid"
}

counter() { # FILTER
	tc -j -s qdisc show dev ve0 root | jq ".[0] | $1"
}

check_counters() { # KIND
	local counters
	[ "$(counter .kind)" = "\"$1\"" ] || fail "ve0 has another qdisc" || return
	counters=$(counter '{packets, qlen, backlog, drops}')
	jq -e '.packets > 0 and .qlen == 0 and .backlog == 0 and .drops == 0' \
		>/dev/null <<<"$counters" || fail "wrong counters" "$counters"
}

carry_traffic() { # KIND
	make_link && raise_link && tc qdisc replace dev ve0 root "$1" || return
	ip netns exec peer iperf3 --server --one-off --daemon
	ping -q -c 20 -i 0.02 10.0.0.2 >/tmp/ping || fail "ping got no answer" || return
	grep -q ' 0% packet loss' /tmp/ping || fail "ping lost packets" || return
	iperf3 --client 10.0.0.2 --bytes 4M --connect-timeout 3000 >/tmp/iperf 2>&1 ||
		fail "iperf3 failed" "$(tail -n 1 /tmp/iperf)" || return
	check_counters "$1" && tc qdisc del dev ve0 root && delete_device
}

# Memory of the packets that a socket to port 9 still answers for, hexadecimal.
charged() {
	awk '$3 ~ /:0009$/ { split($5, queue, ":"); print queue[1] }' /proc/net/udp
}

await_no_charge() {
	local i
	for i in {1..20}; do
		[ "$(charged)" != 00000000 ] || return 0
		sleep 0.1
	done
	return 1
}

# The port has no socket: ignore the peer's errors, which belong to earlier packets.
flood() { # PACKETS
	local i
	for ((i = 0; i < $1; i++)); do
		echo packet >&7
	done 2>/dev/null
}

# The first packet makes the peer poll and defer. On a busy host this takes a while.
fill_queue() {
	local i
	exec 7>/dev/udp/10.0.0.2/9
	flood 1
	for i in {1..5}; do
		sleep 0.2
		flood 600
		[ "$(counter .qlen)" -le 100 ] || return 0
	done
	fail "no packets wait" "$(counter .)"
}

# Returns the packets by deleting the qdisc, or the device with it.
hold_packets() { # KIND del-qdisc|del-device
	sysctl -q net.core.wmem_default=100000000
	make_link && make_peer_slow && raise_link && make_link_quiet || return
	tc qdisc replace dev ve0 root "$1" && fill_queue || return
	[ "$2" = del-device ] || tc qdisc del dev ve0 root || return
	delete_device || return
	await_no_charge || fail "packets were not returned, bytes: 0x$(charged)"
}

# The kernel's messages at level warning or worse.
complaints() { dmesg -r | grep -E '^<[0-4]>' || true; }

# Runs CHECK KIND ARGUMENT... while the kind of NAME is registered.
with_kind() { # NAME CHECK ARGUMENT...
	local name=$1 check=$2 kind status before after
	shift 2
	before=$(complaints)
	coproc HOLD { exec ./load --hold "built/$name.bpf.o"; }
	local out=${HOLD[0]} in=${HOLD[1]} pid=$HOLD_PID
	IFS= read -r kind <&"$out"
	if [[ $kind == bqt_* ]]; then
		"$check" "$kind" "$@"
		status=$?
	else
		echo "$kind"
		cat <&"$out"
		status=1
	fi
	remove_link
	exec {in}>&-
	wait "$pid" || status=$?
	after=$(complaints)
	[ "$after" = "$before" ] || fail "the kernel complained:" "${after#"$before"}" || status=1
	return "$status"
}

# ---- the tests ---------------------------------------------------------------

wanted=("$@")
is_wanted() { # NAME
	local pattern

	[ ${#wanted[@]} -gt 0 ] || return 0
	for pattern in "${wanted[@]}"; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# Runs COMMAND as the test NAME, unless the kernel lacks what SOURCE needs.
test_program() { # NAME SOURCE COMMAND...
	local name=$1 missing
	is_wanted "$name" || return 0
	tests=$((tests + 1))
	find_missing "$2"
	if [ -n "$missing" ]; then
		echo "skip $name: the kernel has no $missing"
		return
	fi
	shift 2
	try "$name" "$@"
}

for source in rules/fail_*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	test_program "$name" "$source" check_refused "$name"
	test_program "explain.$name" "$source" check_explained "$name"
done
for source in rules/ok_*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	test_program "verify.$name" "$source" check_accepted "built/$name.bpf.o"
	test_program "$name.traffic" "$source" with_kind "$name" carry_traffic
	test_program "$name.delete_qdisc" "$source" with_kind "$name" hold_packets del-qdisc
	test_program "$name.delete_device" "$source" with_kind "$name" hold_packets del-device
done
for object in objects/*.bpf.o; do
	[ -e "$object" ] || continue
	name=$(basename "$object" .bpf.o)
	test_program "object.$name" /dev/null ./load "$object"
	# An egress program's object has no qdisc.
	grep -q '\.struct_ops' "$object" || continue
	test_program "verify.$name" /dev/null check_accepted "$object"
done
test_program verify.unregistered /dev/null check_unregistered
test_program verify.name_taken /dev/null with_kind ok_slots check_name_taken
test_program verify.unsafe /dev/null check_unsafe
test_program verify.log /dev/null check_log
test_program verify.misuse /dev/null check_misuse
if [ "$tests" -eq 0 ]; then
	echo "not ok: there is no such test"
	exit 2
fi
[ "$failures" -eq 0 ]
