#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# --dry-run prints the steps that the command would take, and takes none.
#
# runs: check kernels@6.17,6.18,7.2
# suite: state
# needs: rawtc killat
. "${0%/*}/lib.sh"

# Print every state that a command of bqdisc can change.
state() {
	rawtc ve0 | sort
	find /sys/fs/bpf | sort
	[ ! -e /sys/fs/bpf/bqdisc/undo ] ||
		bpftool -j map dump pinned /sys/fs/bpf/bqdisc/undo | jq -cS 'map(.key) | sort'
	bqdisc -j show ve0 | jq -c 'map(del(.stats, .expires_in_ns))'
}

# dry COMMAND...: write the steps to /tmp/steps; fail if a system call could change anything.
dry() {
	local before calls

	before=$(state)
	"$@" --dry-run >/tmp/steps 2>/tmp/err || fail "$*: $(cat /tmp/err)"
	calls=$(killat --count "$@" --dry-run | tail -n 1)
	is "$calls" 0 "system calls of '$* --dry-run' that change something"
	is "$(state)" "$before" "the state after '$* --dry-run'"
	! grep -vq '^# \|^tc \|^bqdisc load \|^ethtool \|^ip ' /tmp/steps || fail "no lines for a shell: $(cat /tmp/steps)"
}

# Print the qdiscs of ve0 as tc reports them.
dump() {
	tc -j qdisc show dev ve0 | jq -cS 'map(del(.refcnt)) | sort'
}

test_nothing_is_done() {
	kind_goes
	plain_pair 0
	dry bqdisc attach ve0 fq maxrate 5mbit
	grep -q '^bqdisc load fq # registers the kind bq_fq$' /tmp/steps || fail "no kind: $(cat /tmp/steps)"
	grep -q '^tc qdisc add dev ve0 root handle 8001: bq_fq # and .*: maxrate 5mbit$' /tmp/steps ||
		fail "no request: $(cat /tmp/steps)"
	dry bqdisc detach ve0
	is "$(cat /tmp/steps)" "# nothing to do" "detach where nothing is"
	[ ! -e /sys/fs/bpf/bqdisc ] || fail "pins were made"
}

test_steps_fed_to_a_shell() {
	local by_us before

	plain_pair 0
	before=$(dump)
	dry bqdisc attach ve0 pfifo
	cp /tmp/steps /tmp/attach
	must bqdisc attach ve0 pfifo
	by_us=$(dump)
	dry bqdisc detach ve0
	must sh -e /tmp/steps
	is "$(dump)" "$before" "ve0 after the steps of detach: $(cat /tmp/steps)"
	must bqdisc detach ve0
	must sh -e /tmp/attach
	is "$(dump)" "$by_us" "ve0 after the steps of attach: $(cat /tmp/attach)"
}

test_steps_for_queues() {
	local by_us before

	plain_pair 0 numtxqueues 3 numrxqueues 3
	tc qdisc add dev ve0 root handle 7: pfifo limit 77
	before=$(dump)
	dry bqdisc attach ve0 pfifo --force
	cp /tmp/steps /tmp/attach
	is "$(grep -c '^tc ' /tmp/attach)" 4 "requests for an mq and three queues"
	must bqdisc attach ve0 pfifo --force
	by_us=$(dump)
	dry bqdisc detach ve0
	is "$(grep '^tc ' /tmp/steps)" "tc qdisc replace dev ve0 root handle 7: pfifo limit 77" "detach"
	must sh -e /tmp/steps
	is "$(dump)" "$before" "ve0 after the steps of detach"
	must sh -e /tmp/attach
	is "$(dump)" "$by_us" "ve0 after the steps of attach: $(cat /tmp/attach)"
}

# The steps also work for a kind that is not loaded.
test_steps_from_nothing() {
	plain_pair 0
	dry bqdisc attach ve0 fq
	must sh -e /tmp/steps
	is "$(root ve0 kind)" bq_fq "the root qdisc"
	tc qdisc del dev ve0 root
	must bqdisc unload fq
}

# Device names may contain nearly any character.
test_steps_for_a_strange_name() {
	local dev="du0;\$('x"

	ip link add "$dev" type dummy && ip link set "$dev" up
	must bqdisc attach "$dev" pfifo --dry-run
	cp /tmp/out /tmp/attach
	must sh -e /tmp/attach
	is "$(root "$dev" kind)" bq_pfifo "the root qdisc after $(cat /tmp/attach)"
}

test_egress() {
	plain_pair 0
	dry bqdisc attach ve0 netem corrupt 1%
	is "$(grep 'hook\|gso' /tmp/steps)" \
		"# put the program netem_egress on the tcx egress hook of ve0, before all others
ip link set dev ve0 gso_max_segs 1" "the egress program's steps"
	must bqdisc attach ve0 netem corrupt 1%
	dry bqdisc detach ve0
	is "$(cat /tmp/steps)" "tc qdisc delete dev ve0 root
# delete the undo record
# take the program netem_egress off the tcx egress hook of ve0
ip link set dev ve0 gso_max_segs 65535" "the steps of detach"
	must bqdisc detach ve0
	dry bqdisc attach ve0 netem delay 1ms
	! grep -q 'gso' /tmp/steps || fail "segments: $(cat /tmp/steps)"
	dry bqdisc attach ve0 pfifo
	! grep -q 'hook' /tmp/steps || fail "an egress program: $(cat /tmp/steps)"
}

test_change() {
	plain_pair 0
	must bqdisc attach ve0 pfifo limit 5
	dry bqdisc change ve0 limit 7
	is "$(cat /tmp/steps)" "# change pfifo of ve0, live, to: limit 7p" "the step"
	dry bqdisc change ve0 limit 5
	is "$(cat /tmp/steps)" "# nothing to do" "the same again"
	dry bqdisc attach ve0 pfifo limit 5 --for 1h
	is "$(bqdisc -j attach ve0 pfifo limit 5 --dry-run | jq -c '[.changed, .steps]')" '[false,[]]' JSON
	is "$(bqdisc -j change ve0 limit 6 --dry-run | jq -c '[.changed, (.steps | length)]')" '[true,1]' \
		JSON
}

# --dry-run refuses what the command refuses.
test_refused() {
	plain_pair 0
	tc qdisc add dev ve0 root handle 7: fq
	refuses 3 "has a configured qdisc, fq 7:" bqdisc attach ve0 pfifo --dry-run
	refuses 1 "unknown option 'limt'" bqdisc attach ve0 pfifo limt 5 --dry-run
	refuses 1 "no qdisc of bqdisc" bqdisc change ve0 limit 5 --dry-run
}

# A step that tc cannot express is printed as a comment.
test_a_tree() {
	plain_pair 0
	tc qdisc add dev ve0 root handle 1: htb default 20
	tc class add dev ve0 parent 1: classid 1:20 htb rate 5mbit burst 9000
	tc qdisc add dev ve0 parent 1:20 handle 20: netem delay 9ms
	must bqdisc attach ve0 pfifo --force
	dry bqdisc detach ve0
	is "$(cat /tmp/steps)" "tc qdisc replace dev ve0 root handle 1: htb default 0x20 r2q 10 direct_qlen 1000
tc class add dev ve0 parent 1: classid 1:20 htb rate 5mbit burst 9000 ceil 5mbit cburst 1600 prio 0 quantum 62500
# the qdisc netem 20:, as it was recorded
# delete the undo record" "the steps"
}

test_namespace() {
	plain_pair 0
	bqdisc -n peer attach vf0 pfifo --dry-run >/tmp/steps || fail "attach in a namespace"
	grep -q '^tc -n peer qdisc add dev vf0 root handle 8001: bq_pfifo$' /tmp/steps ||
		fail "the steps: $(cat /tmp/steps)"
}

kind_stays pfifo fq netem
run_tests "$@"
