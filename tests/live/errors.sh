#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Bad input and unsuitable machines: one clear line, the right exit status, no change.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# runs: arm64@newest-arm64,newest-arm64-16k
# runs: quick suite=quick
# suite: live
# needs: build/bpf/fifo.bpf.o
# time: 20
. "${0%/*}/lib.sh"

unchanged() {
	is "$(root ve0 kind)" noqueue "the root qdisc of ve0"
	no_pins
}

test_no_such_device() {
	refuses 1 "no device 'nodev0'" bqdisc attach nodev0 pfifo
	refuses 1 "no device 'nodev0'" bqdisc detach nodev0
	refuses 1 "no device 'nodev0'" bqdisc show nodev0
	refuses 1 "not a valid device name" bqdisc attach 'a-name-that-is-too-long' pfifo
}

test_unknown_words() {
	plain_pair 0
	refuses 1 "unknown qdisc 'pfif0'; the nearest is 'pfifo'" bqdisc attach ve0 pfif0
	refuses 1 "unknown qdisc 'quux'" bqdisc attach ve0 quux
	refuses 1 "unknown option 'limt'; the nearest is 'limit'" bqdisc attach ve0 pfifo limt 5
	refuses 1 "unknown command 'atach'; the nearest is 'attach'" bqdisc atach ve0 pfifo
	refuses 1 "unknown option '--farce'" bqdisc attach ve0 pfifo --farce
	refuses 1 "unknown option '-x'" bqdisc -x show
	unchanged
}

test_bad_values() {
	plain_pair 0
	refuses 1 "'abc' is not a number" bqdisc attach ve0 pfifo limit abc
	refuses 1 "'-5' is negative" bqdisc attach ve0 pfifo limit -5
	refuses 1 "'' is empty" bqdisc attach ve0 pfifo limit ''
	refuses 1 "'12abc' has an unknown unit" bqdisc attach ve0 pfifo limit 12abc
	refuses 1 "'99999999999999999999' is too large" bqdisc attach ve0 pfifo limit 99999999999999999999
	refuses 1 "'5000000000' is out of range" bqdisc attach ve0 bfifo limit 5000000000
	refuses 1 "'4gb' is out of range" bqdisc attach ve0 bfifo limit 4gb
	refuses 1 "'1parsec' has an unknown unit; use one of b, kb" bqdisc attach ve0 bfifo limit 1parsec
	refuses 1 "'10' needs a unit; use one of ns, us, ms" bqdisc attach ve0 fq horizon 10
	refuses 1 "limit: missing value; usage: limit PACKETS" bqdisc attach ve0 pfifo limit
	refuses 1 "limit: given twice" bqdisc attach ve0 pfifo limit 5 limit 6
	refuses 1 "invalid value '1:0'; give a class, such as 1:2" bqdisc attach ve0 pfifo --parent 1:0
	unchanged
}

# Arguments are validated before any privilege is needed.
test_typed_first() {
	plain_pair 0
	refuses 1 "unknown option 'limt'" setpriv --bounding-set -all --inh-caps -all \
		bqdisc attach ve0 pfifo limt 5
}

test_capabilities() {
	local cap

	plain_pair 0
	for cap in net_admin bpf perfmon; do
		refuses 2 "missing CAP_${cap^^}; run as root" \
			setpriv --bounding-set "-$cap,-sys_admin" bqdisc attach ve0 pfifo
	done
	refuses 2 "missing CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON; run as root" \
		setpriv --reuid 65534 --clear-groups bqdisc attach ve0 pfifo
	refuses 2 "-n: missing CAP_SYS_ADMIN" \
		setpriv --bounding-set -sys_admin bqdisc -n peer show
	unchanged
}

test_foreign_htb() {
	local before

	plain_pair 0
	tc qdisc add dev ve0 root handle 1: htb default 10
	tc class add dev ve0 parent 1: classid 1:10 htb rate 1mbit
	before=$(tc -d qdisc show dev ve0; tc -d class show dev ve0)
	refuses 3 "has a configured qdisc, htb 1:; --force replaces it, and detach restores it" \
		bqdisc attach ve0 pfifo
	is "$(tc -d qdisc show dev ve0; tc -d class show dev ve0)" "$before" "the htb"
	no_pins
}

# Another program registers the kind's name. bqdisc must leave its link and maps alone.
test_name_taken() {
	plain_pair 0
	mkdir /sys/fs/bpf/other
	must bpftool struct_ops register /test/fifo.bpf.o /sys/fs/bpf/other
	refuses 2 "bq_pfifo: another program has registered this qdisc kind" bqdisc attach ve0 pfifo
	is "$(root ve0 kind)" noqueue "the root qdisc"
	rm -r /sys/fs/bpf/other
	must bqdisc attach ve0 pfifo
}

# `ip netns exec` mounts /sys anew, so that the pins of a registered kind are not visible.
test_pins_not_visible() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	refuses 2 "not visible here, as inside 'ip netns exec'; use 'bqdisc -n NETNS'" \
		ip netns exec peer bqdisc attach vf0 pfifo
	# A bpf filesystem mounted there ends with the command.
	refuses 2 "private to this container" \
		ip netns exec peer sh -c 'mount -t bpf bpf /sys/fs/bpf && bqdisc attach vf0 pfifo'
	must bqdisc -n peer attach vf0 pfifo
	is "$(bqdisc -n peer -j show | jq -r '.[0].dev')" vf0 "the device of the instance in peer"
}

test_no_bpffs() {
	plain_pair 0
	umount /sys/fs/bpf
	refuses 2 "no bpf filesystem at /sys/fs/bpf; run 'mount -t bpf bpf /sys/fs/bpf'" \
		bqdisc attach ve0 pfifo
	refuses 2 "no bpf filesystem" bqdisc detach ve0
	must mount -t bpf bpf /sys/fs/bpf
	unchanged
}

# Pins that another user could have planted are not trusted.
test_planted_pins() {
	plain_pair 0
	mkdir -m 755 /sys/fs/bpf/bqdisc
	refuses 2 "must be owned by the caller with mode 700" bqdisc attach ve0 pfifo
	rmdir /sys/fs/bpf/bqdisc
	is "$(root ve0 kind)" noqueue "the root qdisc"
}

run_tests "$@"
