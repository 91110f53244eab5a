# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The plugin of tc: the tc of this machine gives the kinds of bqdisc their options.
#
# runs: check kernels@6.18,7.3
# long: each_option
# suite: tc
# needs: each_option.jq build/dist/q_bq.so:
# time: 60
. "${0%/*}/lib.sh"

export TC_LIB_DIR=/tmp/tc

setup() {
	local kind

	mkdir -p /tmp/tc
	for kind in $(bqdisc -j list | jq -r '.[].kind'); do
		ln -sf /test/q_bq.so "/tmp/tc/q_$kind.so"
	done
	cp -n "$(dirname "$(readlink -f /usr/lib/*/tc/normal.dist | head -n 1)")"/*.dist /tmp/tc 2>/dev/null
	plain_pair 0
	for kind in $(bqdisc -j list | jq -r '.[].qdisc'); do
		must bqdisc load "$kind"
	done
}

unload_all() {
	local kind

	tc qdisc del dev ve0 root 2>/dev/null
	for kind in $(bqdisc -j list | jq -r '.[].qdisc'); do
		bqdisc unload "$kind" >/dev/null
	done
}

# options KEYS: print these options of ve0, rounded to microseconds as tc reads times.
options() {
	bqdisc -j show ve0 | jq -c --arg keys "$1" '.[0].options as $o | ($keys | split(",")) |
		map({key: ., value: (if endswith("_ns") then $o[.] / 1000 | floor else $o[.] end)}) |
		from_entries'
}

# Nothing is attached but the default.
is_bare() {
	is "$(bqdisc -j show ve0)" "[]" "show after '$*'"
	is "$(root ve0 kind)" noqueue "root after '$*'"
}

test_each_option() {
	local kind qdisc class keys words ours status n=0

	setup
	bqdisc -j list | jq -rf /test/each_option.jq >/tmp/each
	while IFS='|' read -r kind qdisc class keys words; do
		status=0
		# shellcheck disable=SC2086 # many words
		tc qdisc add dev ve0 root "$kind" $words >/tmp/out 2>&1 || status=$?
		case $class:$status in
		none:1) is_bare "$words" ;;
		egress:2) is_bare "$words" ;;
		same:0 | egress:0 | other:0)
			ours=$(options "$keys")
			tc qdisc del dev ve0 root
			# shellcheck disable=SC2086 # many words
			must bqdisc attach ve0 "$qdisc" $words --memory 1gb
			[ "$class" = other ] || is "$ours" "$(options "$keys")" "$kind $words"
			must bqdisc detach ve0
			;;
		*) fail "tc ... $kind $words: status $status: $(cat /tmp/out)" ;;
		esac
		n=$((n + 1))
	done </tmp/each
	[ "$n" -ge 40 ] || fail "only $n options"
	unload_all
}

# All options in one request, and loss in bursts as the model that makes them.
test_many_options() {
	setup
	must tc qdisc add dev ve0 root bq_netem limit 77 delay 10ms 2ms 10% distribution normal \
		loss gemodel 1% 2% 90% 3% reorder 5% 6% gap 3 rate 1mbit 5 48 2 slot 1ms 2ms packets 3 seed 9
	is "$(options limit_packets,delay_ns,jitter_ns,delay_correlation_percent,loss_p_percent)" \
		'{"limit_packets":77,"delay_ns":10000,"jitter_ns":2000,"delay_correlation_percent":10,"loss_p_percent":1}' \
		"delay and loss"
	is "$(options loss_1_h_percent,gap_packets,rate_bits_per_second,slot_max_ns,seed)" \
		'{"loss_1_h_percent":90,"gap_packets":3,"rate_bits_per_second":1000000,"slot_max_ns":2000,"seed":9}' \
		"and others"
	tc qdisc del dev ve0 root
	must tc qdisc add dev ve0 root bq_netem loss burst 10% 4
	is "$(options loss_r_percent,loss_1_h_percent)" \
		'{"loss_r_percent":24.99999998,"loss_1_h_percent":100}' "bursts of four packets"
	tc qdisc del dev ve0 root
	must tc qdisc add dev ve0 root bq_netem
	is "$(options delay_ns,limit_packets)" '{"delay_ns":0,"limit_packets":100000}' "no options"
	tc qdisc del dev ve0 root
	must tc qdisc add dev ve0 root bq_fq
	is "$(options limit_packets)" '{"limit_packets":10000}' "fq without options"
	unload_all
}

# tc refuses these, exit status 1, and the kernel gets no request.
test_bad_words() {
	local words

	setup
	while read -r words; do
		# shellcheck disable=SC2086 # many words
		refuses 1 "${words#*|}" tc qdisc add dev ve0 root ${words%%|*}
		is_bare "$words"
	done <<-'END'
		bq_netem delay|missing value
		bq_netem delay 10|'10' needs a unit
		bq_netem dealy 1ms|unknown option 'dealy'; the nearest is 'delay'
		bq_netem loss 101%|out of range|too large
		bq_netem delay 1ms delay 2ms|given twice
		bq_netem ecn|does nothing without a 'loss'
		bq_netem match dport 5|use 'bqdisc attach'
		bq_netem delay 1ms match dport 5 rule loss 1%|use 'bqdisc attach'
		bq_netem ordered delay 1ms 1ms|use 'bqdisc attach'
		bq_netem help|bqdisc-netem\(8\)
		bq_fq maxrate 50gbit|use 'bqdisc attach'
		bq_fq weights 1 2 3|out of range
		bq_fq bands 2|out of range
		bq_pfifo limit x|is not a number
		bq_pfifo limit 5 6|unknown option '6'
		bq_bfifo limit 1q|unknown unit
		bq_hfq limit 5 class rest|use 'bqdisc attach'
		bq_pfifo_hdrop drop|unknown option 'drop'
	END
	unload_all
}

# A qdisc made by tc works on packets, below mq too, and bqdisc changes it.
test_packets() {
	local before

	setup
	must tc qdisc add dev ve0 root bq_netem loss 100%
	before=$(received 0)
	packets send ve0 5 >/dev/null
	wait_for 10 has_lost 5 || fail "lost $(stat ve0 dropped) of 5 packets"
	is "$(received 0)" "$before" "packets that arrived"
	must bqdisc change ve0 loss 0%
	packets send ve0 5 >/dev/null
	arrive 0 "$before" 5
	tc -s qdisc show dev ve0 | grep -q "qdisc bq_netem" || fail "tc: $(tc -s qdisc show dev ve0)"
	tc -s -j qdisc show dev ve0 | jq -e '.[0].kind == "bq_netem"' >/dev/null || fail "no JSON of tc"
	unload_all
}

has_lost() {
	[ "$(stat ve0 dropped)" -ge "$1" ]
}

run_tests "$@"
