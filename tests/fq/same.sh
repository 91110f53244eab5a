# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Send the same packets through the in-tree fq and bqdisc's, with the same options: they must leave
# at the same times. Two runs of the in-tree qdisc show the resolution of the method.
#
# EACH=no: omit the cases of single options. FIRST, COUNT: number of random combinations of options,
# and the seed of the first. PACKETS: packets of each case (600).
#
# runs: check suite=fq-same-short EACH=no PACKETS=200 FIRST=1 COUNT=8
# runs: kernels@6.18 suite=fq-same-short PACKETS=200 FIRST=1 COUNT=1
# runs: fq long@6.18
# runs: long suite=fq-same-random EACH=no FIRST=1 COUNT=200
# needs: newqdisc
# icount
# append: nohz=off
# limit: 7200
# time: 200
# shellcheck source=tests/lib/compare.sh
. "${0%/*}/compare.sh"
PACKETS=${PACKETS:-600}
each_ns=400
prepare fq

# Numbers as 32 bits, little-endian, in hexadecimal.
words() {
	local n

	for n in "$@"; do
		printf '%02x%02x%02x%02x' $((n & 255)) $((n >> 8 & 255)) $((n >> 16 & 255)) $((n >> 24))
	done
}

# Encode options as attributes, for options that older tc lacks: those here are new in tc 6.8.
attributes() { # OPTION...
	while [ $# -gt 0 ]; do
		case $1-$2 in
		bands-3)
			printf '18001000%s' "$(words 3)"
			printf '%02x' "${@:4:16}"
			shift 19
			;;
		weights-*)
			printf '10001100%s' "$(words "${@:2:3}")"
			shift 4
			;;
		timer_slack-1ns)
			printf '08000d00%s' "$(words 1)"
			shift 2
			;;
		*) return 1 ;;
		esac
	done
}

in_tree() {
	no_qdisc
	# shellcheck disable=SC2086 # words
	case $1 in
	*bands* | *weights*) newqdisc ve0 fq "$(attributes $1)" ;;
	*) tc qdisc replace dev ve0 root fq $1 ;;
	esac
}

bpf() {
	# shellcheck disable=SC2086 # words
	attach fq $1
}

# control_runs OPTIONS SLACK: run the in-tree qdisc into /tmp/a and /tmp/a2, and set `control` to
# their distance. Repeat a run that met other work of the guest, twice.
control_runs() {
	local try

	for try in 1 2 3; do
		in_tree "$1" || return
		record /tmp/a
		in_tree "$1"
		record /tmp/a2
		control=$(scripts compare /tmp/a /tmp/a /tmp/a2 0 $((2 * $2 + 20000)))
		[ "$(field "$control" p99_ns)" -gt $(($2 + 20000)) ] || return 0
		echo "# the in-tree fq does not repeat itself, run $try: $control ($1)"
	done
	return 1
}

# same NAME KIND SEED OPTIONS: compare bpf's distance from the in-tree qdisc with the distance of
# two runs of the latter. It may be 2 us larger for 99 % of the packets. For a single packet it may
# be 20 us larger, and another 20 us if the packet becomes due while the sender sends. The timer's
# slack is added. A packet may be overtaken by one that the in-tree qdisc sends at most 20 us and
# twice the slack later (one packet may wait for its whole slack and the other for none), or as
# often as in the second run of the in-tree qdisc.
#
# A timer may fire anywhere in its slack, so the slack is the smallest unless OPTIONS set one. A BPF
# program is entered through a trampoline: while the queue is never empty, each packet may leave up
# to each_ns later than its predecessor (cost.sh measures it).
same() { # NAME KIND SEED OPTIONS
	local name=$1 options=$4 control result slack=0

	[[ $retimes = yes || ! $2 =~ ^(stamped|mixed)$ ]] || {
		echo "skip same/$name: this kernel's fq lets a flow sleep on when an earlier packet comes"
		return
	}
	case " $options " in
	*" timer_slack 1ms "*) slack=1000000 ;;
	*" timer_slack 10us "*) slack=10000 ;;
	*" timer_slack "*) ;;
	*) options+=" timer_slack 1ns" ;;
	esac

	scripts make "$2" "$3" "$PACKETS" >/tmp/script
	control_runs "$options" $slack || {
		verdict "not ok" "same/$name:" "the in-tree fq refuses or does not repeat: $options ${control:-}"
		return
	}
	bpf "$options" || {
		verdict "not ok" "same/$name:" "$(cat /tmp/err)"
		return
	}
	record /tmp/b
	bqdisc -j stats ve0 >/tmp/stats
	bqdisc detach ve0 >/dev/null 2>&1
	result=$(scripts compare /tmp/a /tmp/a2 /tmp/b $each_ns $((2 * slack + 20000)))
	if [[ -s /tmp/a || $options = *horizon_drop* ]] && [ "$(field "$result" missing)" = 0 ] &&
		[ "$(field "$result" extra)" = 0 ] &&
		[ "$(field "$result" swapped)" -le "$(field "$control" swapped)" ] &&
		[ "$(field "$result" p99_ns)" -le $(($(field "$control" p99_ns) + slack + 3500)) ] &&
		[ "$(field "$result" max_ns)" -le $(($(field "$control" max_ns) + slack + 40000)) ]; then
		verdict ok "same/$name" "$result control $control ($options)"
	else
		verdict "not ok" "same/$name:" "fq $options: $result control $control $(cat /tmp/a.sent)"
	fi
}

# Check if the kernel wakes a sleeping flow for a packet that is due before its others. bpf and the
# in-tree fq of 7.3 do; that of 6.18 does not.
retimes=no
printf '0 0 100 time 50000000\n60000 0 100 time 20000000\n' >/tmp/script
in_tree ""
record /tmp/a
[ "$(awk '$1 == 1 { print $3 < 40000000 }' /tmp/a)" = 0 ] || retimes=yes

map="bands 3 priomap 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0"

# alone NAME ...: as same(), if the name is wanted.
alone() {
	! wanted "$1" || same "$@"
}

# Older kernels' fq supports only CLOCK_MONOTONIC.
alone_clocks() {
	wanted clocks || return 0
	flows tai 37
	scripts make clocks 1 9 >/tmp/script
	in_tree ""
	record /tmp/a
	if [ "$(wc -l </tmp/a)" = 9 ]; then
		same clocks clocks 1 ""
	else
		echo "skip same/clocks: this kernel's fq does not convert time stamps"
	fi
	flows tai 0
}

each() {
	alone burst burst 1 ""
	alone out-of-order stamped 1 ""
	alone paced paced 1 ""
	alone maxrate plain 6 "maxrate 3mbit"
	alone mixed mixed 1 ""
	alone single single 1 "flow_limit 1000"
	alone edt edt 1 ""
	alone default plain 1 "timer_slack 10us"
	alone limit burst 2 "limit 100"
	alone flow-limit burst 3 "flow_limit 5"
	alone quantum burst 4 "quantum 500"
	alone initial-quantum burst 5 "initial_quantum 1000"
	alone nopacing paced 7 "nopacing"
	alone low-rate paced 9 "low_rate_threshold 8mbit"
	alone timer-slack edt 10 "timer_slack 1ms"
	alone horizon-drop stamped 11 "horizon 10ms horizon_drop"
	alone horizon-cap stamped 12 "horizon 10ms horizon_cap"
	alone refill-delay idle 13 "refill_delay 20ms initial_quantum 1000"
	alone buckets burst 15 "buckets 64"
	alone_clocks
	alone priomap burst 16 "$map"
	alone weights burst 17 "weights 40000 80000 20000"
}

# Not in a subshell: each subshell of bash has its own random sequence.
pick() { # VARIABLE WORD...: one of the words
	local -n picked=$1

	shift $((1 + RANDOM % ($# - 1)))
	# shellcheck disable=SC2034 # it is the caller's variable
	picked=$1
}

# maybe NAME VALUE...: one time in three an option, with one of the values
maybe() {
	local name=$1 value

	shift
	pick value "$@"
	[ $((RANDOM % 3)) != 0 ] || options+="$name $value "
}

random_one() { # SEED
	local kind rates=(2mbit 20mbit 200mbit) options=''

	RANDOM=$1
	pick kind plain stamped edt burst paced mixed
	# For 40 flows due at once at 200 Mbit/s each, the order depends on the guest's speed.
	[ "$kind" != burst ] || rates=(2mbit 20mbit)
	maybe limit 20 100 1000
	maybe flow_limit 2 10 50
	maybe quantum 300 1514 9000
	maybe initial_quantum 500 15140 60000
	maybe maxrate "${rates[@]}"
	maybe '' pacing nopacing
	maybe low_rate_threshold 100kbit 4mbit
	maybe timer_slack 1ns 10us
	# The caps avoid multiples of 60 us, so that capped packets leave between the sender's
	# packets.
	maybe horizon {3040us,50020us}\ horizon_{drop,cap}
	# The in-tree qdisc counts it in jiffies: one is missing or is not, as the packets may have it.
	maybe refill_delay 100ms 1s
	maybe buckets 16 1024
	alone "random-$1-$kind" "$kind" "$1" "$options"
}

first=${FIRST:-0}
[ "${EACH:-}" = no ] || each
for ((i = first; i < first + ${COUNT:-0}; i++)); do random_one "$i"; done
exit $failed
