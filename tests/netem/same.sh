# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Send the same packets through the in-tree netem and bqdisc's, with the same options and seed: the
# same ones must be lost, and the others leave at the same times. Two runs of the in-tree qdisc show
# the resolution of the method. PACKETS: packets of each case (1000).
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
# tc finds tables only in this directory; the table made here is added to it.
TC_LIB_DIR=$(dirname "$(find /usr/lib/ -name normal.dist | head -n 1)")
export TC_LIB_DIR
# Skip the first packets. The kernel's correlated random numbers start from an unseeded value, whose
# influence fades.
first=100
prepare netem

# recorded FILE: like record(), without the first packets.
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

# tc takes the name of a file in its directory, bqdisc the path of the file.
bpf() {
	# shellcheck disable=SC2086 # words
	attach netem limit $limit ${1/ mine/ $TC_LIB_DIR/mine.dist} seed "$2"
}

# refused NAME OPTIONS
refused() {
	verdict "not ok" "netem_same/$1:" "refused: $2 $(cat /tmp/err)"
}

# apart A B: compare two records; print {"packets","missing","extra","p75_ns","p99_ns","max_ns"}.
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

# same NAME OPTIONS: compare bpf's distance from the in-tree qdisc with the distance of two runs of
# the latter. It may be 10 us larger for three of four packets, because one wake-up serves several
# packets; 20 us for 99 of 100; and 40 us for any, because a packet that is due while the sender
# sends must wait. A wrong random number would shift all later ones, and differ by milliseconds.
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
	bpf "$options" $seed || {
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

# slot_times RECORD: print the sorted nanoseconds between slots.
slot_times() {
	sort -k3n "$1" | awk 'NR == 1 || $3 - last > 1000000 { if (NR > 1) print $3 - slot; slot = $3 }
		{ last = $3 }' | sort -n
}

# Print the Kolmogorov-Smirnov distance of two distributions: {"n","m","permille"}.
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

# same_slots NAME OPTIONS: the kernel draws uniform slots from an unseeded source, so compare only
# the distributions. At the 0.1 % level the distance of two samples of 90 or more is below 0.29.
same_slots() {
	local name=$1 options=$2 result

	wanted "$name" || return 0
	scripts make plain 1 "$packets" >/tmp/script
	in_tree "$options" 1 2>/tmp/err && recorded /tmp/a && bpf "$options" 1 || {
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

# Each case draws its seed. A case added in between would change the seeds of all later ones.
RANDOM=${BQDISC_SEED:-4242}
same delay "delay 10ms"
same uniform "delay 10ms 5ms"
same beyond-zero "delay 2ms 5ms"
same correlated "delay 10ms 5ms 25%"
same normal "delay 20ms 5ms distribution normal"
same pareto "delay 20ms 5ms distribution pareto"
same paretonormal "delay 20ms 5ms 50% distribution paretonormal"
# A table from -2 to 2 standard deviations with one peak.
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
# Each slot begins some time after the last packet of its predecessor has left. This adds up to some
# 6 us for each slot.
slack=$((packets * 200))
same slot-distribution "slot distribution normal 5ms 1ms packets 50"
same slot-bytes "slot distribution pareto 5ms 1ms bytes 40000"
slack=0
same_slots slot "slot 4ms 7ms packets 10"
same all "delay 20ms 5ms 25% distribution normal loss gemodel 1% 10% rate 200mbit 10"
same all-reordered "delay 20ms 5ms loss 3% reorder 10% gap 2"
# Hundreds of packets in flight out of order. A bucket of the wheel holds few of them, or 17 where
# buckets are long. Those of `crowded` are so close that one wake-up serves most.
same wide "delay 300ms 250ms"
limit=1500
slack=10000
same crowded "delay 800ms 8ms"
exit $failed
