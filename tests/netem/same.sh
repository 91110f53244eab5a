# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The same packets through the in-tree netem and through ours, with the same options and the same
# seed: the same ones must be lost, and the others leave at the same times. The in-tree qdisc run
# twice shows what the method can resolve. PACKETS: so many each (1000).
#
# runs: check suite=netem-same-short PACKETS=300 CASES=state-all,gemodel,gap,crowded,all,all-reordered
# runs: netem@newest,6.18
# needs: netemopt
# icount
# append: nohz=off
# limit: 3600
# time: 150
# shellcheck source=tests/lib/compare.sh
. "${0%/*}/compare.sh"
packets=${PACKETS:-1000} slack=0 limit=100000
# The tables of tc are there; a table made here goes beside them.
TC_LIB_DIR=$(dirname "$(find /usr/lib/ -name normal.dist | head -n 1)")
export TC_LIB_DIR
# What a correlated random number resembles at first the kernel draws from elsewhere: the first
# packets are not compared, until nothing of it is left.
first=100
prepare netem

# recorded FILE: as record(), without the first packets.
recorded() {
	record /tmp/all
	mv /tmp/all.sent "$1.sent"
	awk -v first=$first '$1 >= first' /tmp/all >"$1"
}

in_tree() {
	no_qdisc
	# shellcheck disable=SC2086 # words
	tc qdisc replace dev ve0 root netem limit $limit $1 && netemopt ve0 seed "$2"
}

# Where tc takes the name of a file in its directory, ours takes the file.
ours() {
	# shellcheck disable=SC2086 # words
	attach netem limit $limit ${1/ mine/ $TC_LIB_DIR/mine.dist} seed "$2"
}

# refused NAME OPTIONS
refused() {
	verdict "not ok" "netem_same/$1:" "refused: $2 $(cat /tmp/err)"
}

# apart A B: of two records {"packets","missing","extra","p75_ns","p99_ns","max_ns"}: how far times
# are apart.
apart() {
	awk 'NR == FNR { a[$1] = $3; next }
		!($1 in a) { extra++; next }
		{ d = $3 - a[$1]; print d < 0 ? -d : d; delete a[$1] }
		END { print "extra", extra + 0, "missing", length(a) }' "$1" "$2" | sort -n | awk '
		/extra/ { extra = $2; missing = $4; next }
		{ d[++n] = $1 }
		END { printf "{\"packets\":%d,\"missing\":%d,\"extra\":%d,\"p75_ns\":%d,\"p99_ns\":%d," \
			"\"max_ns\":%d}\n", n, missing, extra, d[int(n * 0.75)], d[int(n * 0.99)], d[n] }'
}

# same NAME OPTIONS: three packets of four may be 10 us farther from the in-tree qdisc than that is
# from itself, as far as ours lets one wake-up serve several packets; of a hundred 99 may be 20 us
# farther, and none 40 us: what becomes due while the sender is in the middle of its own packet waits
# for it. A delay drawn differently would be drawn differently for all that follow, and differ by
# milliseconds.
same() {
	local name=$1 options=$2 seed=$((RANDOM * 32768 + RANDOM)) control result

	wanted "$name" || return 0
	scripts make plain 1 "$packets" >/tmp/script
	in_tree "$options" $seed 2>/tmp/err || {
		refused "$name" "$options"
		return
	}
	recorded /tmp/a
	in_tree "$options" $seed
	recorded /tmp/a2
	ours "$options" $seed || {
		refused "$name" "$options"
		return
	}
	recorded /tmp/b
	bqdisc detach ve0 >/dev/null 2>&1
	control=$(apart /tmp/a /tmp/a2)
	result=$(apart /tmp/a /tmp/b)
	if [ "$(field "$result" packets)" -gt $((packets / 2)) ] &&
		[ "$(field "$result" missing)" = 0 ] && [ "$(field "$result" extra)" = 0 ] &&
		[ "$(field "$result" p75_ns)" -le $(($(field "$control" p75_ns) + 10000 + slack)) ] &&
		[ "$(field "$result" p99_ns)" -le $(($(field "$control" p99_ns) + 20000 + slack)) ] &&
		[ "$(field "$result" max_ns)" -le $(($(field "$control" max_ns) + 40000 + slack)) ]; then
		verdict ok "netem_same/$name" "$result control $control"
	else
		verdict "not ok" "netem_same/$name:" "netem $options seed $seed: $result \
control $control $(cat /tmp/a.sent /tmp/b.sent)"
	fi
}

# slot_times RECORD: nanoseconds from each slot to the next, in order of size.
slot_times() {
	sort -k3n "$1" | awk 'NR == 1 || $3 - last > 1000000 { if (NR > 1) print $3 - slot; slot = $3 }
		{ last = $3 }' | sort -n
}

# The greatest distance of two distributions, after Kolmogorov and Smirnov: {"n","m","permille"}.
distance() {
	awk 'NR == FNR { a[++n] = $1; next } { b[++m] = $1 }
		END {
			for (i = j = 0; i < n && j < m;) {
				if (a[i + 1] <= b[j + 1]) i++; else j++
				d = i / n - j / m
				most = d < 0 ? (-d > most ? -d : most) : (d > most ? d : most)
			}
			printf "{\"n\":%d,\"m\":%d,\"permille\":%d}\n", n, m, most * 1000
		}' "$1" "$2"
}

# same_slots NAME OPTIONS: the kernel draws uniform slots from a source without a seed, so that their
# distributions alone can be the same: at the level of 0.1 % the distance of two samples of 90 and
# more is below 0.29.
same_slots() {
	local name=$1 options=$2 result

	wanted "$name" || return 0
	scripts make plain 1 "$packets" >/tmp/script
	in_tree "$options" 1 2>/tmp/err && recorded /tmp/a && ours "$options" 1 || {
		refused "$name" "$options"
		return
	}
	recorded /tmp/b
	bqdisc detach ve0 >/dev/null 2>&1
	slot_times /tmp/a >/tmp/slots_a
	slot_times /tmp/b >/tmp/slots_b
	result=$(distance /tmp/slots_a /tmp/slots_b)
	if [ "$(field "$result" n)" -ge 85 ] && [ "$(field "$result" m)" -ge 85 ] &&
		[ "$(field "$result" permille)" -le 290 ]; then
		verdict ok "netem_same/$name" "$result"
	else
		verdict "not ok" "netem_same/$name:" "netem $options: $result"
	fi
}

# Each case draws its seed, so that one between others would give those behind it other seeds.
RANDOM=${BQDISC_SEED:-4242}
same delay "delay 10ms"
same uniform "delay 10ms 5ms"
same beyond-zero "delay 2ms 5ms"
same correlated "delay 10ms 5ms 25%"
same normal "delay 20ms 5ms distribution normal"
same pareto "delay 20ms 5ms distribution pareto"
same paretonormal "delay 20ms 5ms 50% distribution paretonormal"
# From -2 deviations to 2, in one peak.
awk 'BEGIN { for (x = -1; x < 1; x += 0.002) print int(x * x * x * 16384) }' >"$TC_LIB_DIR/mine.dist"
same mine "delay 20ms 5ms distribution mine"
same loss "loss 5%"
same loss-correlated "loss 10% 25%"
same state "loss state 2% 30%"
same state-all "loss state 5% 30% 10% 40% 3%"
same gemodel "loss gemodel 1% 10% 70% 0.1%"
same gemodel-plain "loss gemodel 5%"
same reorder "delay 10ms reorder 25%"
same reorder-correlated "delay 10ms reorder 25% 50%"
same gap "delay 10ms reorder 80% gap 5"
same rate "rate 100mbit"
same rate-cells "rate 80mbit 20 48 5"
same rate-overhead "rate 100mbit -14"
same rate-jitter "delay 10ms 5ms rate 100mbit"
# Each slot begins some time after the last packet of the one before has left: what that takes, some
# 6 us, adds up.
slack=$((packets * 200))
same slot-distribution "slot distribution normal 5ms 1ms packets 50"
same slot-bytes "slot distribution pareto 5ms 1ms bytes 40000"
slack=0
same_slots slot "slot 4ms 7ms packets 10"
same all "delay 20ms 5ms 25% distribution normal loss gemodel 1% 10% rate 200mbit 10"
same all-reordered "delay 20ms 5ms loss 3% reorder 10% gap 2"
# Hundreds under way out of order: in a bucket in which they wait for their time are few or none, or,
# where buckets are long, seventeen. These follow each other so close that one wake-up serves most.
same wide "delay 300ms 250ms"
limit=1500
slack=10000
same crowded "delay 800ms 8ms"
exit $failed
