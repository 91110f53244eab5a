#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Send the same packets through the in-tree netem and bqdisc's, with the same options and seed: the
# egress program must decide the same. tests/netem/same.sh compares times.
#
# runs: check kernels@6.17,6.18,7.2,7.3 netem@6.18
# suite: netem
# needs: decisions netemopt
# time: 50
. "${0%/*}/lib.sh"

count=2000
# Skip the first packets. The kernel's correlated random numbers start from an unseeded value, whose
# influence fades.
first=100

# receiving: the receiver listens.
receiving() { ip netns exec peer ss -Hlnu | grep -q :9001; }

# record FILE [bits]: write the fate of each packet that passes ve0, or its flipped bits, to FILE.
record() {
	wait_for 20 receiver_has_ended || fail "the receiver before has not ended"
	ip netns exec peer decisions "${2:-receive}" vf0 700 >/tmp/all &
	wait_for 20 receiving || fail "no receiver"
	decisions send 10.9.0.2 $count
	wait $!
	awk -v first=$first '$1 >= first' /tmp/all >"$1"
}
receiver_has_ended() { ! receiving; }

# differ FILE FILE FIELDS: count packets whose first FIELDS differ.
differ() {
	awk -v fields="$3" '{ what = fields < 3 ? $1 FS $2 : $0 }
		NR == FNR { a[$1] = what; next }
		a[$1] != what { n++ } { delete a[$1] }
		END { for (i in a) n++; print n + 0 }' "$1" "$2"
}

# through_both OPTIONS [bits]: record the in-tree qdisc, then bqdisc's.
through_both() {
	local seed=${BQDISC_SEED:-4242}

	plain_pair 0
	address_pair 0
	ip neigh replace 10.9.0.2 lladdr "$(ip -n peer -j link show vf0 | jq -r '.[0].address')" dev ve0
	must ethtool -K ve0 tx off
	# shellcheck disable=SC2086 # words are meant
	must tc qdisc replace dev ve0 root netem limit 100000 $1
	must netemopt ve0 seed "$seed"
	record /tmp/in_tree "${@:2}"
	tc qdisc replace dev ve0 root noqueue
	# shellcheck disable=SC2086 # words are meant
	must bqdisc attach ve0 netem limit 100000 $1 seed "$seed" --force
	record /tmp/bqdisc "${@:2}"
	[ "$(wc -l </tmp/bqdisc)" -gt $((count / 2)) ] || fail "netem $1: few packets arrived"
	must bqdisc detach ve0
}

# same OPTIONS MOST [copies]: the fate of at most MOST packets differs; `copies` ignores the mark.
same() {
	local fields=${3:+2} n

	through_both "$1"
	n=$(differ /tmp/in_tree /tmp/bqdisc "${fields:-3}")
	[ "$n" -le "$2" ] || fail "netem $1: of $n packets becomes something else"
}

# Print the Kolmogorov-Smirnov distance of two distributions in thousandths.
apart() { # FILE FILE FIELD
	awk -v field="$3" '{ n[FILENAME]++; of[FILENAME, $field]++; if ($field > most) most = $field }
		END {
			for (i = 0; i <= most; i++) {
				a += of[ARGV[1], i] / n[ARGV[1]]
				b += of[ARGV[2], i] / n[ARGV[2]]
				if (a - b > d) d = a - b
				if (b - a > d) d = b - a
			}
			printf "%d\n", d * 1000
		}' "$1" "$2"
}

test_same_duplicates() { same "loss 10% duplicate 20%" 0; }
test_same_marks() { same "loss 20% ecn" 0; }
# The in-tree qdisc marks a duplicate in the data that it shares with the original, and so marks
# both. bqdisc's marks only the chosen one.
test_same_marks_of_duplicates() { same "loss gemodel 5% 30% duplicate 20% ecn" 0 copies; }

# Both choose the inverted bit from an unseeded source. One bit in 75 is in an Ethernet address,
# which no checksum covers. If other packets were chosen, some 600 would differ.
test_same_corruption() { same "loss 5% corrupt 20%" 30; }

# The bit is drawn from an unseeded source, so compare the distributions. At the 0.1 % level the
# distance of two samples of 1900 is below 0.063.
test_corrupted_bits() {
	local field first=0

	through_both "corrupt 100%" bits
	for field in 1 2; do
		between "$(apart /tmp/in_tree /tmp/bqdisc $field)" 0 63 "distance of distributions, field $field"
	done
}

# One correlated number a packet, or the in-tree qdisc would not repeat itself: what the first ones
# resemble decides how many are drawn. tc says how much duplicates resemble each other only if it says
# so of losses or delays, too.
test_same_correlated_corruption() { same "corrupt 20% 30%" 30; }
test_same_correlated_duplicates() { same "delay 1ms 0ms 25% duplicate 20% 30%" 0; }
test_same_states() { same "loss state 5% 30% 10% 40% 3% duplicate 20%" 0; }
test_same_all() { same "loss 10% corrupt 10% duplicate 20% ecn delay 2ms 1ms" 30 copies; }

kind_stays netem
run_tests "$@"
