# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# attach --from-tc and show --tc: tc's commands, for the in-tree qdiscs and for those of bqdisc.
#
# runs: check kernels@6.18,7.3
# long: every_option_in_tc
# suite: tc
# needs: every_option.jq frames
. "${0%/*}/lib.sh"

options() { # DEV
	bqdisc -j show "$1" | jq -cS '.[0].options'
}

# Convert the script on stdin, and keep it in /tmp/script.
from_tc() {
	cat >/tmp/script
	bqdisc attach --from-tc - </tmp/script
}

test_line() {
	plain_pair 0
	is "$(bqdisc attach --from-tc 'tc qdisc add dev ve0 root netem delay 10ms limit 50')" \
		"ve0: attached" "result"
	is "$(options ve0 | jq -c '[.delay_ns, .limit_packets]')" "[10000000,50]" "options"
	is "$(bqdisc attach --from-tc 'tc qdisc replace dev ve0 root netem delay 10ms limit 50')" \
		"ve0: already attached with these options" "the same again"
	is "$(bqdisc attach --from-tc 'sudo tc qdisc change dev ve0 root netem delay 20ms')" \
		"ve0: changed" "change"
	is "$(options ve0 | jq -c '[.delay_ns, .limit_packets]')" "[20000000,50]" "changed options"
	refuses 1 "ve0: has netem, not fq; use replace in place of change" \
		bqdisc attach --from-tc 'tc qdisc change dev ve0 root fq limit 5'
	is "$(bqdisc attach --from-tc 'tc qdisc del dev ve0 root')" "ve0: detached" "del"
	is "$(bqdisc -j show ve0)" "[]" "show afterwards"
	is "$(bqdisc -j attach --from-tc 'tc qdisc add dev ve0 root fq' | jq -c .)" \
		'[{"dev":"ve0","changed":true}]' "JSON"
}

test_namespace() {
	plain_pair 0
	must bqdisc attach --from-tc 'tc -n peer qdisc add dev vf0 root pfifo limit 7'
	is "$(bqdisc -n peer -j show vf0 | jq -r '.[0].qdisc')" pfifo "qdisc in the namespace"
	must bqdisc attach --from-tc 'ip netns exec peer tc qdisc del dev vf0 root'
	is "$(bqdisc -n peer -j show vf0)" "[]" "detached there"
	is "$(bqdisc -n peer attach --from-tc 'tc qdisc add dev vf0 root pfifo')" "vf0: attached" "-n"
	is "$(bqdisc -n peer show --tc)" "tc -n peer qdisc add dev vf0 root pfifo" "show --tc"
}

test_usage() {
	plain_pair 0
	refuses 1 "unexpected argument 've0'" bqdisc attach ve0 --from-tc 'tc qdisc del dev ve0 root'
	refuses 1 "excludes --root, --mq, --parent and --as" \
		bqdisc attach --mq --from-tc 'tc qdisc add dev ve0 root fq'
	refuses 1 "no tc command that changes a qdisc" bqdisc attach --from-tc 'tc qdisc show'
	refuses 1 "netem delay: 'ten' is not a number" \
		bqdisc attach --from-tc 'tc qdisc add dev ve0 root netem delay ten'
	refuses 1 "sfq: no qdisc of bqdisc" \
		bqdisc attach --from-tc 'tc qdisc add dev ve0 root sfq'
	refuses 1 "no device 'nosuch'|nosuch" \
		bqdisc attach --from-tc 'tc qdisc add dev nosuch root fq'
	is "$(bqdisc -j show)" "[]" "show afterwards"
}

# No line is carried out if one cannot be.
test_all_or_nothing() {
	plain_pair 0
	plain_pair 1
	from_tc <<-'END' >/tmp/out 2>/tmp/err && fail "a script with problems was run"
		tc qdisc add dev ve0 root fq
		tc qdisc add dev ve1 root sfq
		ip link set ve0 up
	END
	is "$(cat /tmp/out)" "" "stdout"
	is "$(cut -c -20 /tmp/err | tr '\n' ';')" \
		"bqdisc: line 2: sfq:;bqdisc: line 3: 'ip';bqdisc: 2 problems, ;" "stderr"
	is "$(bqdisc -j show)" "[]" "after lines without a counterpart"
	from_tc <<-'END' >/tmp/out 2>/tmp/err && fail "a script for a device without queues was run"
		tc qdisc add dev ve0 root fq
		tc qdisc add dev nosuch root fq
	END
	grep -q "^bqdisc: line 2: .*nosuch" /tmp/err || fail "stderr: $(cat /tmp/err)"
	is "$(bqdisc -j show)" "[]" "after a device that does not exist"
	tc qdisc add dev ve1 root handle 5: pfifo limit 3
	from_tc <<-'END' >/tmp/out 2>/tmp/err && fail "another program's qdisc was replaced"
		tc qdisc add dev ve0 root fq
		tc qdisc replace dev ve1 root fq
	END
	grep -q "^bqdisc: line 2: ve1: has a configured qdisc, pfifo 5:" /tmp/err ||
		fail "stderr: $(cat /tmp/err)"
	is "$(bqdisc -j show)" "[]" "after a qdisc of another program"
	bqdisc attach --from-tc - --force </tmp/script >/tmp/out || fail "--force: $(cat /tmp/out)"
	is "$(tr '\n' ';' </tmp/out)" "ve0: attached;ve1: attached;" "with --force"
	must bqdisc detach ve1
	is "$(root ve1 options.limit)" 3 "the limit of the restored pfifo"
}

test_dry_run() {
	plain_pair 0
	plain_pair 1
	printf 'tc qdisc add dev %s root pfifo limit 4\n' ve0 ve1 >/tmp/script
	bqdisc attach --from-tc - --dry-run </tmp/script >/tmp/steps
	grep -q '^# bqdisc attach ve1 pfifo limit 4$' /tmp/steps || fail "steps: $(cat /tmp/steps)"
	is "$(bqdisc -j show)" "[]" "show after a dry run"
}

# traced STRACE-OPTION...: run the script /tmp/script.
traced() {
	strace -qq -o /tmp/calls "$@" bqdisc attach --from-tc - </tmp/script >/tmp/out 2>/tmp/err
}

# An operation that fails after all checks undoes those before it: the last request to create a qdisc.
test_late_failure() {
	local n

	plain_pair 0
	plain_pair 1
	tc qdisc add dev ve1 root handle 7: pfifo limit 3
	printf 'tc qdisc add dev %s root pfifo\n' ve1 ve0 >/tmp/script
	bqdisc attach --from-tc - --dry-run --force </tmp/script >/dev/null || fail "dry run"
	tc qdisc del dev ve1 root
	traced -e trace=sendto || fail "without a failure: $(cat /tmp/err)"
	n=$(grep -nE "RTM_NEWQDISC|nlmsg_type=0x24" /tmp/calls | tail -n 1 | cut -d: -f 1)
	[ -n "$n" ] || fail "no request: $(cat /tmp/calls)"
	must bqdisc detach ve0,ve1
	traced -e trace=sendto -e "inject=sendto:error=ENOBUFS:when=$n" && fail "no failure at $n"
	grep -q "^bqdisc: line 2: " /tmp/err || fail "stderr: $(cat /tmp/err)"
	is "$(bqdisc -j show)" "[]" "show after a failure"
}

# Same tree, once by tc and once by bqdisc: the same packets arrive.
tree() { # DEV
	cat <<-END
		#!/bin/sh
		tc qdisc del dev $1 root 2>/dev/null || true
		tc qdisc add dev $1 root handle 1: prio bands 4 \\
			priomap 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3
		tc qdisc add dev $1 parent 1:1 handle 10: netem loss 100%
		tc qdisc add dev $1 parent 1:2 netem delay 1ms   # all arrive
		tc filter add dev $1 parent 1: protocol ip prio 1 u32 match ip dst 203.0.113.7/32 flowid 1:2
		tc filter add dev $1 parent 1: protocol ip prio 2 u32 match ip dst 203.0.113.0/24 flowid 1:1
		tc filter add dev $1 parent 1: protocol ip prio 3 u32 match ip protocol 17 0xff \\
			match ip dport 53 0xffff flowid 1:1
		tc filter add dev $1 parent 1: protocol ip prio 4 flower ip_proto udp src_port 9 flowid 1:1
		tc filter add dev $1 parent 1: protocol ipv6 prio 5 flower dst_ip 2001:db8::/32 flowid 1:1
		tc filter add dev $1 parent 1: protocol all prio 6 handle 5 fw flowid 1:1
	END
}

# Print for each kind of packet how many of three arrive at vfN.
arriving() { # N
	local words before

	while read -r words; do
		before=$(received "$1")
		# shellcheck disable=SC2086 # words are meant
		frames "ve$1" 3 $words
		frames "ve$1" 1 family 0 # the last to arrive, as it is not delayed
		wait_for 5 has_received "$1" $((before + 1))
		sleep 0.1 # those that are delayed, or must not come
		echo "$words: $(($(received "$1") - before - 1))"
	done <<-'END'
		dst 203.0.113.7
		dst 203.0.113.8
		dst 203.0.114.7 proto 17 dport 53
		dst 203.0.114.7 proto 6 dport 53
		dst 203.0.114.7 proto 17 sport 9
		dst 203.0.114.7 proto 17 sport 10
		dst 203.0.114.7 mark 5
		dst 203.0.114.7 mark 6
		family 6 dst 2001:db8::1
		family 6 dst 2001:db9::1
		family 6 dst 2001:db9::1 mark 5
	END
}

test_tree_of_filters() {
	plain_pair 0
	plain_pair 1
	tree ve0 | sh -e >/tmp/out 2>&1 || fail "tc: $(cat /tmp/out)"
	tree ve1 | from_tc >/tmp/out 2>&1 || fail "from-tc: $(cat /tmp/out)"
	is "$(cat /tmp/out)" "ve1: attached" "result"
	arriving 0 >/tmp/in_tree
	arriving 1 >/tmp/ours
	is "$(cat /tmp/ours)" "$(cat /tmp/in_tree)" "packets that arrive"
	is "$(awk '{ n += $NF } END { print n }' /tmp/ours)" 15 "packets in all: $(cat /tmp/ours)"
}

test_queues() {
	plain_pair 0 numtxqueues 2 numrxqueues 2
	from_tc <<-'END' >/tmp/out 2>&1 || fail "mq: $(cat /tmp/out)"
		tc qdisc add dev ve0 root handle 1: mq
		tc qdisc add dev ve0 parent 1:1 fq limit 500
		tc qdisc add dev ve0 parent 1:2 fq limit 500
	END
	is "$(bqdisc -j show ve0 | jq -c '.[0] | [.qdisc, .queues, .options.limit_packets]')" \
		'["fq",2,500]' "fq on both queues"
	bqdisc show ve0 --tc >/tmp/commands
	is "$(grep -c ' root handle [0-9a-f]*: mq$' /tmp/commands)" 1 "mq: $(cat /tmp/commands)"
	is "$(grep -c ' parent [0-9a-f]*:[12] fq limit 500$' /tmp/commands)" 2 "queues"
	must bqdisc detach ve0
	must sh -e /tmp/commands
	is "$(tc -j qdisc show dev ve0 | jq -c '[.[] | select(.kind == "fq").options.limit]')" \
		"[500,500]" "in-tree fq"
	must bqdisc attach --force --from-tc - </tmp/commands
	is "$(bqdisc -j show ve0 | jq -c '.[0] | [.qdisc, .queues]')" '["fq",2]' "fed back"
	refuses 1 "has 2 transmit queues, but there are qdiscs for 1" bqdisc attach --from-tc \
		"$(printf 'tc qdisc add dev ve0 root handle 1: mq;%s' \
			' tc qdisc add dev ve0 parent 1:1 fq')"
}

# tc accepts what show --tc prints for the in-tree qdisc, and bqdisc reads it as the same options.
# tc 6.1 lacks the newest words, so it gets the others. It refuses some of the least values. htb
# cannot be converted yet.
test_every_option_in_tc() {
	local qdisc level words before n=0

	for qdisc in $(bqdisc -j list | jq -r '.[].qdisc'); do
		ip link add "du_${qdisc::10}" type dummy
		# shellcheck disable=SC2046 # words
		must bqdisc attach "du_${qdisc::10}" $(least_words "$qdisc")
	done
	bqdisc -j list | jq -rf /test/every_option.jq | grep -Ev ' max |^hfq ' >/tmp/every
	plain_pair 0
	while read -r qdisc level words; do
		words=${words/ ordered/} words=${words/ noecn/}
		# shellcheck disable=SC2086 # many words
		must bqdisc attach ve0 "$qdisc" $words --memory 1gb
		bqdisc show ve0 --tc >/tmp/commands
		before=$(options ve0)
		must bqdisc detach ve0
		must bqdisc attach --from-tc - --memory 1gb </tmp/commands
		[[ $words = *" burst "* ]] || grep -q '^#' /tmp/commands ||
			is "$(options ve0)" "$before" "$qdisc, $level values, from: $(cat /tmp/commands)"
		must bqdisc detach ve0
		n=$((n + 1))
		[ "$level" = mid ] || continue
		sed -E 's/ (seed|offload_horizon) [^ ]+//g; s/ (bands|priomap|weights)( [0-9]+)+//g' \
			/tmp/commands >/tmp/known
		sh -e /tmp/known >/tmp/out 2>&1 || fail "$(cat /tmp/known): $(cat /tmp/out)"
		tc qdisc del dev ve0 root
	done </tmp/every
	[ "$n" -ge 14 ] || fail "only $n commands"
}

test_no_words_in_tc() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 5ms limit 9 ordered match dport 80 rule loss 1% match dport 81
	is "$(bqdisc show ve0 --tc)" "# ve0: rule 1 has no words in tc: the options below are only for$(
		) packets that match dport 80
# ve0: rule 2 has no words in tc: loss random 1% match dport 81
# ve0: 'ordered' has no word in tc
tc qdisc add dev ve0 root netem limit 9 delay 5ms" "rules and ordered"
	must bqdisc attach ve0 pfifo limit 5 --for 1h
	is "$(bqdisc show ve0 --tc | sed 's/ in .*,/ in TIME,/')" \
		"# ve0: expires in TIME, and tc's does not
tc qdisc add dev ve0 root pfifo limit 5" "expiry"
	must bqdisc attach ve0 pfifo_head_drop
	is "$(bqdisc show --tc)" "tc qdisc add dev ve0 root pfifo_head_drop" "all devices"
}

kind_stays pfifo fq netem
run_tests "$@"
