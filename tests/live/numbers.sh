# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Numbers and units: give the same words to tc for the in-tree netem and fq, and to bqdisc. Both
# must accept them with the same value, or both refuse them.
#
# runs: check kernels@6.18
# suite: state
# needs: optwords
. "${0%/*}/lib.sh"

# Options with the path of their value in tc's JSON, bqdisc's key, the factor between the two, and
# the greatest difference. tc counts time in us, the kernel this delay in ticks, and tc prints
# shares with six digits.
netem='netem delay @|.delay.delay|delay_ns|1e9|1000
netem latency @|.delay.delay|delay_ns|1e9|1000
netem delay 500ms @|.delay.jitter|jitter_ns|1e9|1000'
fq_times='fq ce_threshold @|.ce_threshold|ce_threshold_ns|1e3|999
fq refill_delay @|.refill_delay|refill_delay_ns|1e3|4e6
fq horizon @|.horizon|horizon_ns|1e3|999'
slack='fq timer_slack @|.timer_slack|timer_slack_ns|1|0'
rates='netem rate @|.rate.rate|rate_bits_per_second|8|0
fq maxrate @|.maxrate|maxrate_bits_per_second|8|0
fq low_rate_threshold @|.low_rate_threshold|low_rate_threshold_bits_per_second|8|0'
percents='netem loss random @|."loss-random".loss|loss_percent|4294967295|3000
netem loss random 5% @|."loss-random".correlation|loss_correlation_percent|4294967295|3000
netem duplicate @|.duplicate.duplicate|duplicate_percent|4294967295|3000
netem corrupt @|.corrupt.corrupt|corrupt_percent|4294967295|3000
netem delay 1ms reorder @|.reorder.reorder|reorder_percent|4294967295|3000
netem loss gemodel @|."loss-gemodel".p|loss_p_percent|4294967295|3000'
limits='netem limit @|.limit|limit_packets|1|0'
numbers='fq limit @|.limit|limit_packets|1|0
fq flow_limit @|.flow_limit|flow_limit_packets|1|0
fq orphan_mask @|.orphan_mask|orphan_mask|1|0
fq initial_quantum @|.initial_quantum|initial_quantum_bytes|1|0'
gaps='netem delay 1ms reorder 5% gap @|.gap|gap_packets|1|0'
signed='netem rate 1mbit @|.rate.packetoverhead|rate_overhead_bytes|1|0
netem rate 1mbit 0 48 @|.rate.celloverhead|rate_cell_overhead_bytes|1|0'
cells='netem rate 1mbit 0 @|.rate.cellsize|rate_cell_size_bytes|1|0'

# try OPTIONS VERDICT NUMBER...: same: as tc; strict: bqdisc refuses them, whatever tc does; wide:
# bqdisc accepts them, whatever tc does.
try() {
	local options=$1 verdict=$2 form path key factor off number

	shift 2
	while IFS='|' read -r form path key factor off; do
		for number in "$@"; do
			printf '%s|%s|%s|%s|%s|%s\n' "$verdict" "${form/@/"\"$number\""}" "$path" "$key" \
				"$factor" "$off"
		done
	done <<<"$options" >>/tmp/forms
}

# ve0 has a veth's speed, 10 Gbit/s. 65536 and -3 stand for others of their kind.
make_forms() {
	: >/tmp/forms
	try "$netem" same 0 0.0 00 1ms 5.ms 1.5ms 1e2ms 1.5e-3s 1E1msec 0x10ms 0x1p3ms 010ms 2s 1sec \
		1.5secs 3MSECS 700us 700usec 700Usecs 5q "5 ms" 5mss 5ms% 1e 0x ms abc 5k 5mbit
	try "$netem" strict 10 1 1e3 nan nanms inf infs 1e400s 99999999999999999999s -5ms 1e30ms
	try "$netem" wide 5ns 1.5nsec 3nsecs
	try "${netem%$'\n'*}" wide 1m 1min 1h
	try "${netem%$'\n'*}" same .5ms " 5ms" "+5ms" -0ms .5s
	try "${netem##*$'\n'}" wide .5ms
	try "$fq_times" same 0 0.0 1us 1ms .5ms 1e2ms 0x10ms 1.5s 40MS 5q "5 ms" ms 010ms " +5ms" 5mb
	try "$fq_times" strict 10 nan inf -1ms 1e400s 99999999999999999999s
	try "$fq_times" wide 5ns 1m 1min
	try "$slack" same 0 1us 1ms .5ms 1e2us 0x10us 1.5us 4.35us 0.29us 2s 5q 5000s 5ns 7nsecs 1.6ns
	try "$slack" strict 10 nan -1us 1e400s
	try "$rates" same 0 8 8bit 15bit 16bit 1e6 100 1kbit 1Kbit 1KBIT 1mbit 1.5mbit .5mbit 0.1gbit 1gbit \
		1bps 1BPS 1Bps 3kbps 3KBps 3mbps 1gbps 1Kibit 1kibit 1mibit 1gibit 1kibps 1KiBps 1mibps \
		1MiBps 1gibps 0x10kbit 1e-1mbit 010kbit " +1mbit" 1.001kbit 1.2345678mbit \
		5b 5k 5m 1gb 1ms "1 mbit" 1mbitx mbit bps 1pbit 1kibyte 1mbyte
	try "$rates" strict 1bit 7bit 7 0.5bit 1e-9gbit 0.0001kbit -1mbit nan inf nanbit infgbit 1e400bit \
		99999999999999999999999bit 1e30tbit
	try "${rates%%$'\n'*}" same 1tbit 1tibit 1tbps 40gbps 4gibps
	try "${rates%$'\n'*}" same 50% 100% .5% 33.333% 12.3456789% 0% 101% -5%
	try "${rates%$'\n'*}" strict 50%x 50p% % 1e-12% nan%
	# tc reads 1e1% as 1%.
	try "${rates%$'\n'*}" wide 1e1%
	try "${rates##*$'\n'}" wide 50%
	try "$percents" same 0 0% 1 1% 100% 100 0.3% 0.005% 1e-3% 1e1% 0x10% 05% 33.3333% 99.999% 5%% 5p "5 %" \
		100.5% 101 200% 1e400% 5percent
	try "$percents" strict nan inf nan% -1% %
	try "${percents%%$'\n'*}" same .5% .005% " 5%" +5%
	try "$limits" same 1 1000 1k 1.5k 1K 2kb 1mb 010 0x10 1e3 1e-1k 10kbit 1mbit " 7" +7 1.9 abc 5s 5kbps -1 \
		4294967296 99999999999999999999 1e400 1x "5 k" 0
	try "$limits" strict 0.5 nan
	try "$limits" wide 5p
	try "$numbers" same 1 1000 010 0x10 0X1f 0777 00 0 -1 " 7" +7 4294967296 99999999999999999999 \
		1ms abc 0x 7q "5 5" --1 +-1 nan inf
	try "$numbers" strict 1.5e3q
	try "${numbers%$'\n'*}" same 3k 3.5k 08 1e3 1.5
	try "${numbers##*$'\n'}" wide 3k 1.5kb 08 1e3 1.5
	try "$gaps" same 1 5 010 0x10 08 1.5 1e3 -1 +7 3k abc
	try "$signed" same 0 5 -5 010 -010 0x10 -0x10 08q 99999999999999999999 1ms
	try "$signed" wide 1k
	try "$cells" same 0 5 53 010 0x10 99999999999999999999 1ms
	try "$cells" wide 1k
}

# Print the kernel's value of each form for the in-tree qdisc; null when tc or the kernel refused
# it.
ask_tc() {
	local n=0 form

	while IFS='|' read -r _ form _; do
		# tc continues after a failed command, and prints its line.
		echo "qdisc add dev ve0 root handle 1: $form"
		echo "qdisc show dev ve0"
		echo "qdisc del dev ve0 root"
		n=$((n + 3))
	done </tmp/forms >/tmp/batch
	tc -j -force -batch /tmp/batch >/tmp/shown 2>/tmp/refused
	jq -c '.[0] | select(.kind | IN("netem", "fq")) | .options // {}' /tmp/shown >/tmp/taken
	awk -F: -v n="$n" '
		/^Command failed/ { failed[$2] = 1 }
		END { for (i = 1; i <= n; i += 3) if (i in failed) print "null"
			else { getline line <"/tmp/taken"; print line } }' /tmp/refused >/tmp/tc
}

ask_bqdisc() {
	while IFS='|' read -r _ form _; do echo "ve0 $form"; done </tmp/forms | optwords >/tmp/us
}

# Print each form whose result differs from its verdict.
compare_all() {
	jq -nrR --slurpfile tc /tmp/tc --slurpfile us /tmp/us '
		def at($path): getpath($path | ltrimstr(".") | gsub("\""; "") | split(".")) // 0;
		[inputs | split("|")] | to_entries[] | .key as $i |
		.value as [$verdict, $form, $path, $key, $factor, $off] |
		($us[$i].error == null) as $took | ($tc[$i] != null) as $tc_took |
		($us[$i][$key] // 0) as $value |
		(if $off == "0" then 0 else 1e-5 end) as $relative |
		(if $tc_took then ($tc[$i] | at($path)) * ($factor | tonumber) else 0 end) as $of_tc |
		if $verdict == "strict" then select($took) | "\($form) was taken"
		elif $verdict == "wide" then select($took | not) | "\($form): \($us[$i].error)"
		elif $took != $tc_took then "\($form): taken by \(if $took then "bqdisc" else "tc" end) alone"
		elif $took and ($value - $of_tc | fabs) > ($off | tonumber) + $relative * $of_tc then
			"\($form): \($value), of tc \($of_tc)"
		else empty end' /tmp/forms
}

test_numbers_as_tc() {
	plain_pair 0
	make_forms
	ask_tc
	ask_bqdisc
	is "$(wc -l </tmp/tc)" "$(wc -l </tmp/forms)" "answers of tc"
	is "$(wc -l </tmp/us)" "$(wc -l </tmp/forms)" "answers of bqdisc"
	compare_all >/tmp/differ || fail "cannot compare"
	echo "# $(wc -l </tmp/forms) forms, $(grep -vxc null /tmp/tc) of them taken by tc"
	sed 's/^/# /' /tmp/differ
	[ ! -s /tmp/differ ] || fail "$(wc -l </tmp/differ) differ"
}

option() { # KEY
	bqdisc -j show ve0 | jq ".[0].options.$1"
}

test_share_of_the_links_speed() {
	plain_pair 0
	must bqdisc attach ve0 netem rate 50%
	is "$(option rate_bits_per_second)" 5000000000 "half of a veth's 10 Gbit/s"
	must bqdisc change ve0 rate 25%
	is "$(option rate_bits_per_second)" 2500000000 "a quarter"
	echo "half rate 50%" >/tmp/presets
	must env BQDISC_PRESETS=/tmp/presets bqdisc attach ve0 netem preset half
	is "$(option rate_bits_per_second)" 5000000000 "half, of a preset"
	must bqdisc detach ve0
	must bqdisc attach ve0 fq maxrate 0.1%
	is "$(option maxrate_bits_per_second)" 10000000 "a thousandth for each flow"
	refuses 1 "'101%' is too large" bqdisc attach ve0 netem rate 101%
	ip -n peer link add du0 type dummy
	ip -n peer link set du0 up
	refuses 1 "'50%' is a share of the speed of du0, which has none" \
		bqdisc -n peer attach du0 netem rate 50%
	# sysfs does not show vf0 here, so ask the namespace for its speed.
	must bqdisc -n peer attach vf0 netem rate 10% --dry-run
}

test_rate_that_rounds_to_none() {
	local rate

	plain_pair 0
	for rate in 1bit 7bit 0.5bps 1e-9mbit; do
		refuses 1 "netem rate: '$rate' is too small" bqdisc attach ve0 netem rate "$rate"
		refuses 1 "fq maxrate: '$rate' is too small" bqdisc attach ve0 fq maxrate "$rate"
	done
	refuses 1 "netem bytes: '0.5' is too small" bqdisc attach ve0 netem slot 1ms bytes 0.5
	refuses 1 "netem rate: '7bit' is too small" \
		bqdisc attach ve0 netem delay 1ms match dport 1 rule rate 7bit
}

test_time_without_a_unit() {
	plain_pair 0
	refuses 1 "netem delay: '100' needs a unit; use one of ns, us, ms" bqdisc attach ve0 netem delay 100
	must bqdisc attach ve0 netem delay 100ms 0
	is "$(option delay_ns) $(option jitter_ns)" "100000000 0" "delay and jitter"
	must bqdisc change ve0 delay 0
	is "$(option delay_ns)" 0 "no delay"
	must bqdisc detach ve0
	must bqdisc attach ve0 fq horizon 0
	is "$(option horizon_ns)" 0 "no horizon"
}

# tc: "ecn requested without loss model".
test_ecn_without_loss() {
	plain_pair 0
	refuses 1 "'ecn' does nothing without a 'loss'" bqdisc attach ve0 netem ecn
	refuses 1 "'ecn' does nothing without a 'loss'" bqdisc attach ve0 netem delay 1ms ecn
	refuses 1 "'ecn' does nothing without a 'loss'" bqdisc attach ve0 netem loss 0% ecn
	refuses 1 "'ecn' does nothing without a 'loss'" \
		bqdisc attach ve0 netem delay 1ms match dport 1 rule ecn match dport 2
	must bqdisc attach ve0 netem loss state 0% ecn --dry-run
	must bqdisc attach ve0 netem loss 1% ecn
	must bqdisc change ve0 loss 0%
	must bqdisc detach ve0
	must bqdisc attach ve0 netem loss gemodel 1%
	must bqdisc change ve0 ecn
	must bqdisc detach ve0
}

# attach accepts what show prints, also where decimals pass through floating point.
test_values_shown_are_read_again() {
	local value

	plain_pair 0
	for value in 1000000001ns 4350ns 1001000bit 1234567891ns; do
		if [[ $value = *ns ]]; then set -- delay delay_ns; else set -- rate rate_bits_per_second; fi
		must bqdisc attach ve0 netem "$1" "$value"
		is "$(option "$2")" "${value%%[a-z]*}" "$1"
		bqdisc attach ve0 netem "$1" "$value" --dry-run >/tmp/steps
		is "$(cat /tmp/steps)" "# nothing to do" "the same again"
		# shellcheck disable=SC2046 # words
		must bqdisc attach ve0 $(bqdisc show ve0 --commands | sed -n 's/^bqdisc attach ve0 //p')
		is "$(option "$2")" "${value%%[a-z]*}" "$1, fed back"
		must bqdisc detach ve0
	done
}

kind_stays fq netem
run_tests "$@"
