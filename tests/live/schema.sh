#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Print all JSON output into /out, in files COMMAND.NAME. The host validates each file against the
# definition of COMMAND in cmd/schema.json.
#
# runs: check
# suite: ops
# schema
. "${0%/*}/lib.sh"

# print NAME COMMAND...
print() {
	"${@:2}" >"/out/$1" || fail "${*:2} failed"
}

test_without_a_device() {
	local word

	print help bqdisc -j help
	print list bqdisc -j list
	print version bqdisc -j version
	print doctor bqdisc -j doctor
	print show.nothing bqdisc -j show
	for word in $(bqdisc -j help | jq -r '.commands[].name') $(bqdisc -j list | jq -r '.[].qdisc'); do
		print "help.$word" bqdisc -j help "$word"
	done
	print load bqdisc -j load pfifo
	print unload bqdisc -j unload pfifo
	print load.missing bqdisc -j load --all-missing
	print adopt.nothing bqdisc -j adopt
	print default bqdisc -j default
	print default.pfifo bqdisc -j default pfifo
	print default.restored bqdisc -j default --restore
	umount /sys/fs/bpf
	bqdisc -j doctor >/out/doctor.unmet 2>/dev/null && fail "doctor is content without bpffs"
	mount -t bpf bpf /sys/fs/bpf
}

test_every_qdisc() {
	local qdisc words

	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		read -ra words <<<"$(least_words "$qdisc")"
		plain_pair 0
		print "attach.$qdisc" bqdisc -j attach ve0 "${words[@]}"
		print "attach.$qdisc.twice" bqdisc -j attach ve0 "${words[@]}"
		packets send ve0 10 >/dev/null
		print "show.$qdisc" bqdisc -j show
		print "stats.$qdisc" bqdisc -j stats ve0
		print "drops.$qdisc" bqdisc -j drops ve0
		[[ $qdisc = *fifo* || $qdisc = tbf ]] || print "flows.$qdisc" bqdisc -j flows ve0
		print "stats.$qdisc.packets" bqdisc -j stats ve0 packets
		print "change.$qdisc" bqdisc -j change ve0 limit 5000
		print "detach.$qdisc" bqdisc -j detach ve0
		ip link del ve0
	done
}

test_several_devices() {
	ip link add du1 type dummy
	ip link add du2 type dummy
	print attach.several bqdisc -j attach du1,du2 pfifo
	print attach.several.dry bqdisc -j attach du1,du2 bfifo --dry-run
	print change.several bqdisc -j change 'du[12]' limit 5
	print show.several bqdisc -j show 'du[12]'
	print stats.several.packets bqdisc -j stats 'du[12]' packets
	print detach.several bqdisc -j detach du1,lo
	printf '%s\n' 'du* pfifo limit 5' 'du9 fq' 'netns absent lo fq' 'load pfifo' \
		'du2 pfifo --parent 1:1' 'default pfifo' >/tmp/conf
	print apply.dry bqdisc -j apply /tmp/conf --dry-run
	bqdisc -j apply /tmp/conf >/out/apply 2>/dev/null && fail "a class that does not exist"
	print default.applied bqdisc -j default --restore
	print apply.prune bqdisc -j apply /dev/null --prune
	print detach.all bqdisc -j detach --all
	print detach.nothing bqdisc -j detach --all
}

test_queues_and_time() {
	plain_pair 0 numtxqueues 2 numrxqueues 2
	must bqdisc attach ve0 pfifo --for 1h
	print show.queues bqdisc -j show
	print stats.queues bqdisc -j stats --per-queue
	print adopt bqdisc -j adopt ve0
	print adopt.several bqdisc -j adopt
	print sweep bqdisc -j sweep
}

test_watch() {
	plain_pair 0
	must bqdisc attach ve0 pfifo
	bqdisc -j stats --watch 0.1 >/tmp/watch &
	wait_for 10 grep -q rates /tmp/watch || fail "no rates"
	kill %1
	wait 2>/dev/null
	# Ignore a line that was cut off.
	print stats.watch head -n 2 /tmp/watch
}

test_recording() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 3ms loss 10%
	packets send ve0 20 >/dev/null
	print record.lines bqdisc record ve0 --every 50ms --for 200ms -
	print record.end bqdisc -j record ve0 --every 50ms --for 200ms /tmp/recording
	print stats.delta bqdisc -j stats ve0 --delta 0.1
	print report bqdisc -j report /tmp/recording
}

run_tests "$@"
