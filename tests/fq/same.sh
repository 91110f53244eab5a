# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The same packets through the in-tree fq and through ours, with the same options: they must leave
# at the same times. The in-tree qdisc run twice shows what the method can resolve. Only with
# --icount, where virtual time does not depend on the machine.
#
#   same.sh [REGEX]        each option alone, of those whose names match
#   same.sh FIRST COUNT    random combinations of options, of the seeds from FIRST on
set -u
PATH=/test:$PATH
failed=0 packets=600
each_ns=400

echo -1 >/proc/sys/kernel/sched_rt_runtime_us
modprobe sch_fq
# A device that takes every packet at once: nothing but the qdisc decides when one leaves.
ip link add ve0 type dummy
echo 1 >/proc/sys/net/ipv6/conf/ve0/disable_ipv6
ip addr add 10.9.0.1/24 dev ve0
ip link set ve0 up
ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
# Keeps our kind loaded from one test to the next.
ip link add du0 type dummy
bqdisc attach du0 fq >/dev/null
sleep 4 # the guest's boot-time work

# record FILE: sends the script through whatever is on ve0.
record() {
	flows watch ve0 >"$1" &
	sleep 0.3
	flows send /tmp/script in-phase >"$1.sent"
	sleep 1 # what is paced leaves; idle time is virtual and passes at once
	kill $!
	wait $!
}

in_tree() {
	tc qdisc replace dev ve0 root noqueue
	# shellcheck disable=SC2086 # words
	tc qdisc replace dev ve0 root fq $1
}

ours() {
	tc qdisc replace dev ve0 root noqueue
	# shellcheck disable=SC2086 # words
	bqdisc attach ve0 fq $1 --force >/dev/null 2>/tmp/err || cat /tmp/err
}

field() { jq -r ".$2" <<<"$1"; }

# same NAME KIND SEED OPTIONS: for 99 % of the packets ours may be 2 us farther from the in-tree
# qdisc than that is from itself, for a single packet 20 us; the timer's slack besides. Nothing may
# be overtaken by what the in-tree qdisc sends more than 20 us and the slack later, unless the
# in-tree qdisc does so too when it is run again.
#
# A timer may fire anywhere in its slack, so the slack is the smallest here unless OPTIONS say
# otherwise. And a BPF program is entered through a trampoline: while the queue never gets empty,
# each packet may leave up to each_ns later than the one before it did (cost.sh tells the costs).
same() {
	local name=$1 options=$4 control result slack=0

	case " $options " in
	*" timer_slack 1ms "*) slack=1000000 ;;
	*" timer_slack 10us "*) slack=10000 ;;
	*) options+=" timer_slack 1ns" ;;
	esac

	[[ $name =~ ${EACH:-} ]] || return

	flows make "$2" "$3" $packets >/tmp/script
	in_tree "$options" || {
		echo "not ok same/$name: tc refused $options"
		failed=1
		return
	}
	record /tmp/a
	in_tree "$options"
	record /tmp/a2
	ours "$options"
	record /tmp/b
	bqdisc -j stats ve0 >/tmp/stats
	bqdisc detach ve0 >/dev/null 2>&1
	control=$(flows compare /tmp/a /tmp/a /tmp/a2 0 $((slack + 20000)))
	result=$(flows compare /tmp/a /tmp/a2 /tmp/b $each_ns $((slack + 20000)))
	if [ "$(field "$result" packets)" -gt 0 ] && [ "$(field "$result" missing)" = 0 ] &&
		[ "$(field "$result" extra)" = 0 ] &&
		[ "$(field "$result" swapped)" -le "$(field "$control" swapped)" ] &&
		[ "$(field "$result" p99_ns)" -le $(($(field "$control" p99_ns) + slack + 2000)) ] &&
		[ "$(field "$result" max_ns)" -le $(($(field "$control" max_ns) + slack + 20000)) ]; then
		echo "ok same/$name $result control $control"
	else
		echo "not ok same/$name: fq $options: $result control $control $(cat /tmp/a.sent /tmp/b.sent)"
		failed=1
	fi
}

map="bands 3 priomap 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0"
each() {
	same burst burst 1 ""
	same out-of-order stamped 1 ""
	same paced paced 1 ""
	same maxrate plain 6 "maxrate 3mbit"
	same mixed mixed 1 ""
	same single single 1 "flow_limit 1000"
	same edt edt 1 ""
	same default plain 1 "timer_slack 10us"
	same limit burst 2 "limit 100"
	same flow-limit burst 3 "flow_limit 5"
	same quantum burst 4 "quantum 500"
	same initial-quantum burst 5 "initial_quantum 1000"
	same nopacing paced 7 "nopacing"
	same low-rate paced 9 "low_rate_threshold 8mbit"
	same timer-slack edt 10 "timer_slack 1ms"
	same horizon-drop stamped 11 "horizon 10ms horizon_drop"
	same horizon-cap stamped 12 "horizon 10ms horizon_cap"
	same refill-delay idle 13 "refill_delay 20ms initial_quantum 1000"
	same buckets burst 15 "buckets 64"
	# shellcheck disable=SC2086 # several words
	if tc qdisc replace dev ve0 root fq $map 2>/dev/null; then
		same priomap burst 16 "$map"
		same weights burst 17 "weights 40000 80000 20000"
	else
		echo "skip same/priomap: this tc does not know it"
	fi
}

pick() { shift $((RANDOM % $#)); echo "$1"; }

random_options() { # SEED
	local words=(
		"limit $(pick 20 100 1000)" "flow_limit $(pick 2 10 50)"
		"quantum $(pick 300 1514 9000)" "initial_quantum $(pick 500 15140 60000)"
		"maxrate $(pick 2mbit 20mbit 200mbit)" "$(pick pacing nopacing)"
		"low_rate_threshold $(pick 100kbit 4mbit)" "timer_slack $(pick 1ns 10us)"
		"horizon $(pick 3ms 50ms) $(pick horizon_drop horizon_cap)"
		"refill_delay $(pick 1ms 100ms)" "buckets $(pick 16 1024)"
	) word
	for word in "${words[@]}"; do
		[ $((RANDOM % 3)) = 0 ] && echo -n "$word "
	done
}

random_one() { # SEED
	RANDOM=$1
	local kind options
	kind=$(pick plain stamped edt burst paced mixed)
	options=$(random_options)
	same "random-$1-$kind" "$kind" "$1" "$options"
}

# An expression instead of numbers: of each option alone only the names that match it.
[[ ${1:-0} =~ ^[0-9]+$ ]] || { EACH=$1; shift; }
first=${1:-0} count=${2:-0}
[ "$count" = 0 ] && each
for ((i = first; i < first + count; i++)); do random_one "$i"; done
exit $failed
