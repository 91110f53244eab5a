#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# apply brings devices to the state of a file, and save writes that file.
#
# runs: check kernels@6.17,6.18,7.2,7.3
# suite: many
# needs: killat tests/live/option_lines.jq build/tests/byo/good.bpf.o build/tests/byo/globals.bpf.o
# time: 60
. "${0%/*}/lib.sh"

kind_stays pfifo pfifo_head_drop

# Print the devices with their qdiscs and limits.
state() {
	bqdisc -j show | jq -r '[.[] | "\(.dev) \(.qdisc) \(.options.limit_packets //
		.options.limit_bytes)"] | join(", ")'
}

# lines LINE...: write them into the file.
lines() {
	printf '%s\n' "$@" >/tmp/conf
}

# exits STATUS COMMAND...: the output is in /tmp/out and /tmp/err.
exits() {
	local status=$1 got=0

	shift
	"$@" >/tmp/out 2>/tmp/err || got=$?
	is "$got" "$status" "exit status of '$*' ($(cat /tmp/out /tmp/err))"
}

# actions COMMAND...: print what the JSON says was done.
actions() {
	"$@" | jq -r '[.[] | "\(.dev) \(.action)"] | join(", ")'
}

test_state() {
	local handle

	dummies 5
	# shellcheck disable=SC1003 # a line that continues
	lines '# all, but one with a smaller limit, and one that is left alone' \
		'du*  pfifo limit 20   # packets' 'du2 \' '	pfifo limit 30' 'du3 none' \
		"'du4',du9 bfifo limit 10kb"
	exits 5 bqdisc apply /tmp/conf --check
	is "$(cat /tmp/out)" $'+ du1 pfifo limit 20\n+ du5 pfifo limit 20\n+ du2 pfifo limit 30
+ du4 bfifo limit 10kb' "differences"
	is "$(state)" "" "state after --check"
	must bqdisc apply /tmp/conf
	is "$(state)" "du1 pfifo 20, du2 pfifo 30, du4 bfifo 10240, du5 pfifo 20" "state"
	exits 0 bqdisc apply /tmp/conf --check
	is "$(cat /tmp/out)" "" "differences"
	exits 0 bqdisc apply /tmp/conf --dry-run
	is "$(cat /tmp/out)" "nothing to change" "dry run"
	handle=$(root du2 handle)
	sed -i 's/limit 30/limit 31/; s/^du\*.*/du[15] pfifo_head_drop/' /tmp/conf
	exits 0 bqdisc apply /tmp/conf --dry-run
	is "$(cat /tmp/out)" $'- du1 pfifo limit 20p\n+ du1 pfifo_head_drop\n- du5 pfifo limit 20p
+ du5 pfifo_head_drop\n- du2 pfifo limit 30p\n+ du2 pfifo limit 31' "differences"
	is "$(actions bqdisc -j apply /tmp/conf)" "du1 attach, du5 attach, du2 change, du4 none, du9 absent" \
		"actions"
	is "$(root du2 handle)" "$handle" "handle of the qdisc that was changed live"
	is "$(actions bqdisc -j apply - </tmp/conf)" "du1 none, du5 none, du2 none, du4 none, du9 absent" \
		"actions of the second time"
	must bqdisc detach --all
}

test_errors() {
	dummies 1
	mkdir -p /tmp/d/more
	printf 'du1 pfifo limit 5\n\ndu1 netem delay \\\n\t10xs\n' >/tmp/d/10-first.conf
	printf 'include more/*\ninclude none/*.conf\ninclude none.conf\n' >/tmp/d/20-second.conf
	printf 'du1 pfifo limt 5\nnetns x\ndu1 fq --memory 0\nkin=veth fq\n' >/tmp/d/more/a
	echo 'du1 nonsense' >/tmp/d/ignored
	exits 1 bqdisc apply /tmp/d
	is "$(sed -E 's/^bqdisc: //; s/ .*//' /tmp/err | tr '\n' ' ')" "/tmp/d/10-first.conf:4:2: \
/tmp/d/more/a:1:11: /tmp/d/more/a:2:8: /tmp/d/more/a:3:17: /tmp/d/more/a:4:1: /tmp/d/20-second.conf:3:9: " \
		"places of the errors"
	is "$(state)" "" "state"
	lines 'include conf' 'du1 pfifo'
	refuses 1 "^bqdisc: /tmp/conf:1:9: include: more than" bqdisc apply /tmp/conf
	lines 'du1 pfifo limit "5'
	refuses 1 "^bqdisc: /tmp/conf:1:17: missing end of the quote" bqdisc apply /tmp/conf
	for _ in {1..12}; do echo 'du1 pfifo limit 5 limit 6'; done >/tmp/conf
	exits 1 bqdisc apply /tmp/conf
	is "$(wc -l </tmp/err)" 11 "lines about 12 errors"
	refuses 1 "cannot read '/tmp/absent'" bqdisc apply /tmp/absent
	refuses 1 "missing FILE" bqdisc apply
}

test_prune() {
	dummies 4
	must bqdisc attach 'du*' pfifo limit 3
	lines 'du1 pfifo limit 3' 'du2 none'
	exits 0 bqdisc apply /tmp/conf --check
	exits 5 bqdisc apply /tmp/conf --check --prune --dev du3
	is "$(cat /tmp/out)" "- du3 pfifo limit 3p" "differences on one device"
	must bqdisc apply /tmp/conf --prune
	is "$(state)" "du1 pfifo 3, du2 pfifo 3" "state"
	is "$(cat /tmp/out)" $'du3: detached\ndu4: detached' "output"
	must bqdisc detach du1,du2
}

test_selectors() {
	local mac

	dummies 2
	plain_pair 0
	ip link property add dev du2 altname uplink
	mac=$(</sys/class/net/du1/address)
	lines 'kind=veth pfifo limit 1' "mac=${mac^^} pfifo limit 2" 'up* kind=dummy pfifo limit 3'
	must bqdisc apply /tmp/conf
	is "$(state)" "du1 pfifo 2, du2 pfifo 3, ve0 pfifo 1" "state"
	lines 've* driver=veth speed>=10gbit pfifo limit 4' 'speed>10gbit pfifo limit 5' \
		'driver=dum* kind=v* pfifo limit 6' 'speed<=9gbit pfifo limit 7'
	must bqdisc apply /tmp/conf
	is "$(state)" "du1 pfifo 2, du2 pfifo 3, ve0 pfifo 4" "state"
	must bqdisc detach ve0,du1,du2
}

# The characters of patterns and keywords are quoted.
test_strange_names() {
	local name

	for name in 'du*' du1 'du,1' "du'\\" load; do
		ip link add "$name" type dummy
		ip link set "$name" up
	done
	must bqdisc attach 'du*' pfifo limit 3
	must bqdisc attach "du,1" pfifo limit 4
	must bqdisc attach "du'\\" pfifo limit 5
	must bqdisc attach load pfifo limit 6
	must bqdisc save /tmp/conf
	exits 0 bqdisc apply /tmp/conf --check
	must bqdisc detach --all
	must bqdisc apply /tmp/conf
	is "$(bqdisc -j show | jq -c '[.[].options.limit_packets] | sort')" "[3,4,5,6]" "limits"
	must bqdisc detach --all
	ip link del load
}

test_namespaces() {
	dummies 1
	plain_pair 0
	lines 'netns peer vf* pfifo limit 4' 'netns /run/netns/peer lo pfifo limit 6' \
		'netns absent eth0 fq' 'du1 pfifo limit 5'
	is "$(bqdisc -j apply /tmp/conf | jq -c 'map([.netns, .dev, .action])')" \
		'[[null,"du1","attach"],["peer","vf0","attach"],["/run/netns/peer","lo","attach"],["absent",null,"absent"]]' \
		"actions"
	is "$(bqdisc -n peer show | grep -c 'limit [46]p')" 2 "qdiscs in the namespace"
	exits 0 bqdisc apply /tmp/conf --check
	exits 5 bqdisc -n peer apply - --prune --check <<<'vf0 pfifo limit 4'
	is "$(cat /tmp/out)" "- lo pfifo limit 6p" "differences in the namespace"
	must bqdisc -n peer detach --all
	must bqdisc detach du1
}

test_kinds() {
	kind_goes
	lines 'default bfifo' 'load ../test/good.bpf.o' 'load pfifo'
	exits 5 bqdisc apply /tmp/conf --check
	is "$(tr '\n' ' ' </tmp/out)" "+ load ../test/good.bpf.o + load pfifo - default \
$(sysctl -n net.core.default_qdisc) + default bfifo " "differences"
	must bqdisc apply /tmp/conf
	is "$(sysctl -n net.core.default_qdisc)" bq_bfifo "default"
	exits 0 bqdisc apply /tmp/conf --check
	# A qdisc of another program is not saved, and stays.
	dummies 1
	must tc qdisc replace dev du1 root bq_pfifo
	must bqdisc save /tmp/saved
	grep -q du1 /tmp/saved && fail "saved: $(cat /tmp/saved)"
	must bqdisc apply /dev/null --prune
	is "$(root du1 kind)" bq_pfifo "qdisc of another program"
	must tc qdisc delete dev du1 root
	must bqdisc default --restore
	must bqdisc unload pfifo
	exits 5 bqdisc apply /tmp/saved --check
	must bqdisc apply /tmp/saved
	exits 0 bqdisc apply /tmp/conf --check
	must bqdisc unload pfifo
	must bqdisc unload good
	must bqdisc default --restore
}

# A failure of one device: it is as it was, the others are as they should be.
test_failure() {
	local before

	dummies 3
	ip link add du9 type dummy
	tc qdisc add dev du2 root handle 5: fq limit 321
	must bqdisc attach du3 pfifo limit 3
	before=$(tc -j qdisc show dev du2)
	lines 'du* pfifo limit 7'
	exits 3 bqdisc apply /tmp/conf --check
	exits 3 bqdisc -j apply /tmp/conf
	is "$(jq -c 'map([.dev, .action, has("error")])' /tmp/out)" \
		'[["du1","attach",false],["du2","none",true],["du3","change",false],["du9","attach",false]]' "JSON"
	is "$(cat /tmp/err)" "bqdisc: du2: has a configured qdisc, fq 5:; --force replaces it, and detach restores it" \
		"message"
	is "$(tc -j qdisc show dev du2)" "$before" "the qdisc of another program"
	is "$(state)" "du1 pfifo 7, du3 pfifo 7, du9 pfifo 7" "state"
	echo 'du2 pfifo limit 8 --force' >>/tmp/conf
	must bqdisc apply /tmp/conf
	is "$(state)" "du1 pfifo 7, du2 pfifo 8, du3 pfifo 7, du9 pfifo 7" "state"
	must bqdisc detach 'du*'
}

# A device that goes while apply runs does not matter to the others.
test_device_goes() {
	dummies 3
	lines 'du* pfifo limit 7'
	must killat --run "ip link del du2" 1 bqdisc apply /tmp/conf
	is "$(state)" "du1 pfifo 7, du3 pfifo 7" "state"
	must bqdisc detach 'du*'
}

# Print all options but the seed, which is random unless it is given.
all_options() {
	bqdisc -j show | jq -cS '.[] | [.dev, .qdisc, (.options | del(.seed)),
		(.rules // .classes // [] | map(del(.stats)))]'
}

# Save and apply with a line for each option of each qdisc.
test_every_option() {
	local qdisc n=0

	printf '%s\n' {1..1000} >/tmp/link.trace
	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		bqdisc -j help "$qdisc" | jq -rf option_lines.jq
	done >/tmp/words
	cat >>/tmp/words <<-'END'
		fq
		netem
		netem preset 4g
		hfq bandwidth 50mbit class up class a parent up rate 1mbit prio 2 match dport 80 class rest fifo
		netem delay 10ms match dst 10.0.0.0/8 dport 443 rule delay 30ms 1ms match not proto udp rule loss 1%
		/test/good.bpf.o limit 9 --as best
		/test/globals.bpf.o
	END
	while read -r; do
		n=$((n + 1))
		printf 'du%d %s\n' $n "$REPLY"
	done </tmp/words >/tmp/conf
	dummies $n
	must bqdisc apply /tmp/conf
	exits 0 bqdisc apply /tmp/conf --check
	is "$(cat /tmp/out)" "" "differences"
	must bqdisc save /tmp/saved
	is "$(grep -c '^du' /tmp/saved)" "$n" "lines"
	exits 0 bqdisc apply /tmp/saved --check
	is "$(cat /tmp/out)" "" "differences from what was saved"
	all_options >/tmp/before
	must bqdisc detach 'du*'
	must bqdisc apply /tmp/saved
	all_options | diff - /tmp/before >/tmp/out || fail "the state differs: $(tail -n +3 /tmp/out | cut -c1-300)"
	bqdisc save | cmp - /tmp/saved || fail "save differs the second time"
	must bqdisc detach 'du*'
}

test_queues() {
	plain_pair 0 numtxqueues 2 numrxqueues 2
	plain_pair 1 numtxqueues 2 numrxqueues 2
	plain_pair 2 numtxqueues 2 numrxqueues 2
	must bqdisc attach ve0 pfifo limit 5 --mq
	must bqdisc attach ve1 pfifo limit 9 --root
	tc qdisc add dev ve2 root handle 1: mq
	must bqdisc attach ve2 pfifo limit 6 --parent 1:2
	must bqdisc attach ve2 pfifo limit 7 --parent 1:1 --for 1h
	must bqdisc save /tmp/saved
	exits 0 bqdisc apply /tmp/saved --check
	must bqdisc detach ve0,ve1
	must bqdisc detach ve2 --parent 1:1
	must bqdisc detach ve2 --parent 1:2
	must bqdisc apply /tmp/saved
	is "$(bqdisc -j show ve0,ve1,ve2 | jq -c 'map([.dev, .queues, .parent])')" \
		'[["ve0",2,"root"],["ve1",null,"root"],["ve2",null,"1:2"]]' "state"
	must bqdisc detach ve0,ve1
	must bqdisc detach ve2 --parent 1:2
}

has_kind() { # DEV KIND
	[ "$(root "$1" kind)" = "$2" ]
}

# Another program replaces the qdiscs twice; a line says that one of them comes back.
test_enforce() {
	dummies 2
	lines 'du* pfifo limit 5' 'du1 pfifo limit 6 --enforce'
	must tc qdisc add dev du1 root handle 9: fq
	must bqdisc apply /tmp/conf
	is "$(state)" "du1 pfifo 6, du2 pfifo 5" "state"
	must tc qdisc replace dev du1 root handle 9: fq
	bqdisc monitor --enforce /tmp/conf >/tmp/events 2>/tmp/monitor.err &
	monitor=$!
	trap 'kill $monitor' EXIT
	wait_for 10 grep -q listening /tmp/events || fail "monitor: $(cat /tmp/monitor.err)"
	wait_for 5 has_kind du1 bq_pfifo || fail "du1, replaced before monitor ran, has $(root du1 kind)"
	for _ in 1 2; do
		must tc qdisc replace dev du2 root fq
		must tc qdisc replace dev du1 root handle 9: fq
		wait_for 5 has_kind du1 bq_pfifo || fail "du1 has $(root du1 kind): $(cat /tmp/events /tmp/monitor.err)"
	done
	is "$(root du2 kind)" fq "qdisc without --enforce"
	is "$(state)" "du1 pfifo 6" "state"
	must bqdisc detach du1
	wait_for 5 grep -q 'du1: detached' /tmp/events || fail "no event: $(cat /tmp/events)"
	is "$(state)" "" "state after detach"
	is "$(root du1 kind) $(root du1 handle)" "fq 9:" "qdisc after detach"
}

# Kill apply at some of its calls; the next one reaches the state.
test_killed() {
	local n ended=0

	dummies 20
	lines 'du* pfifo limit 5' 'du1? pfifo_head_drop limit 9' 'du2 pfifo limit 6'
	for ((n = 1 + RANDOM % 40; ended == 0; n += 60)); do
		killat "$n" bqdisc apply /tmp/conf >/tmp/call 2>/dev/null
		ended=$?
		must bqdisc apply /tmp/conf
		is "$(bqdisc -j show 'du*' | jq -c '[.[].options.limit_packets]')" \
			"[5,6,5,5,5,5,5,5,5,9,9,9,9,9,9,9,9,9,9,5]" \
			"limits after a kill at $(cat /tmp/call)"
		must bqdisc detach 'du*'
		nothing_recorded
	done
	[ "$n" -gt 60 ] || fail "only $n calls"
}

run_tests "$@"
