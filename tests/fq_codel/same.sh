# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Send the same packets through the in-tree fq_codel and bqdisc's, with the same options: the same
# packets must be dropped, and the others leave in the same order. The counters must agree.
#
# The far end of ve0 polls its ring of 256 packets every 37 ms, so the device takes 256 packets at a
# time, and CoDel decides at these times only. A packet's priority selects its flow, because both
# qdiscs have a hash of their own.
#
# CASES: names of cases, separated by commas. BURSTS: bursts of each case (75), one every 18.5 ms.
#
# runs: check suite=fq_codel-same-short BURSTS=40 CASES=default,batch,ecn
# runs: fq long@7.3
# icount
# append: nohz=off
# limit: 3600
# time: 120
# shellcheck source=tests/lib/compare.sh
. "${0%/*}/compare.sh"
BURSTS=${BURSTS:-75}
# ns. With the time that a poll takes it is twice that between bursts, so that no poll meets one. No
# interval below is a multiple of it: drops would be due just when packets leave.
POLL=36300000

prepare_guest() {
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	# Between two polls of 64 packets the qdisc fills the ring with so many. With 64 the far end
	# would not stop before the qdisc is empty.
	echo 8 >/proc/sys/net/core/dev_weight
	ip netns add peer
	ip link add du0 type dummy
	bqdisc attach du0 fq_codel >/dev/null # its kind stays
	sleep 4                               # the guest's boot-time work
}

# Make ve0 anew, because the phase and the ring of a pair that was used differ. The far end has no
# address: it drops the packets, and answers nothing.
bottleneck() {
	[ ! -e /sys/class/net/ve0 ] || ip link del ve0
	ip link add ve0 type veth peer name vf0 netns peer
	echo 1 >/proc/sys/net/ipv6/conf/ve0/disable_ipv6
	ethtool -K ve0 tso off gso off >/dev/null 2>&1
	ip netns exec peer ethtool -K vf0 gro on >/dev/null 2>&1
	ip netns exec peer sh -c "echo $POLL >/sys/class/net/vf0/gro_flush_timeout
		echo 10000 >/sys/class/net/vf0/napi_defer_hard_irqs
		echo 1 >/proc/sys/net/ipv6/conf/vf0/disable_ipv6"
	ip addr add 10.9.0.1/24 dev ve0
	ip link set ve0 up
	ip -n peer link set vf0 address 02:00:00:00:00:02 up
	ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev ve0
	sleep 1 # its announcements
}

# script SEED EACH FLOWS BULK [ecn]: bursts of EACH packets in FLOWS flows, of which BULK send most; ecn:
# every other flow uses ECN. HANDLE stands for the class of the flow.
script() {
	awk -v seed="$1" -v each="$2" -v flows="$3" -v bulk="$4" -v ecn="$5" -v bursts="$BURSTS" 'BEGIN {
		srand(seed)
		print 0, 0, 100, "HANDLE", 1
		for (b = 0; b < bursts; b++)
			for (i = 0; i < each; i++) {
				f = int(rand() < 0.8 ? rand() * bulk : rand() * flows)
				printf "%d %d %d HANDLE %d%s\n", 9000000 + b * 18500000 + i * 30000, f,
					24 + int(rand() * 1300), f + 1,
					ecn && f % 2 ? " tos 2" : ""
			}
	}' >/tmp/orders
}

# Let the packets of the script name the flows of the qdisc with this handle.
name_flows() { # HANDLE
	awk -v base=$((16#${1%:} << 16)) '{ print $1, $2, $3, "prio", base + $5, $6, $7 }' /tmp/orders >/tmp/script
}

in_tree() {
	bottleneck
	# shellcheck disable=SC2086 # words
	tc qdisc replace dev ve0 root handle 7: fq_codel $1 && name_flows 7:
}

bpf() {
	bottleneck
	# shellcheck disable=SC2086 # words
	attach fq_codel $1 && name_flows "$(bqdisc -j show ve0 | jq -r '.[0].handle')"
}

# ran FILE: send the script; write the packets that left to FILE, and the counters as tc prints them to
# FILE.counters.
ran() {
	record "$1"
	bqdisc tc -s -j qdisc show dev ve0 | jq -c '.[] | select(.root) | [.packets, .drops,
		.maxpacket, .drop_overlimit, .new_flow_count, .ecn_mark]' >"$1.counters"
}

# apart A B: compare two records. Print {"packets","early","late","place"}: packets in both; those in
# B alone, and in A alone; and by how many places the order of any other packet differs.
apart() {
	awk 'NR == FNR { a[$1] = ++n; next }
		{ m++ }
		!($1 in a) { early++; next }
		{
			both++
			d = a[$1] < m ? m - a[$1] : a[$1] - m
			place = d > place ? d : place
		}
		END {
			printf "{\"packets\":%d,\"early\":%d,\"late\":%d,\"place\":%d}\n",
				both, early, n - both, place
		}' "$1" "$2"
}

# agree A B: the counters differ by no more than 1 % and 1. For marks, the last counter, B has at least
# half of those of A: at the end packets leave with marks in-tree, and no more arrive that could carry
# those of bqdisc.
agree() {
	jq -en --argjson a "$(cat "$1")" --argjson b "$(cat "$2")" '[$a, $b] | transpose |
		(.[:5] | all((.[0] - .[1] | fabs) <= .[0] / 100 + 1)) and
		(.[5] | .[1] <= .[0] + 1 and .[1] * 2 >= .[0])' >/dev/null
}

# same NAME SEED EACH FLOWS BULK OPTIONS [ecn]: bqdisc's program takes longer for a packet, so a batch begins
# up to 0.3 ms later in the end. If a drop is due within a batch, it is another packet there: at most
# one drop in 20 may be such, and 2.
same() {
	local name=$1 result most what

	wanted "$name" || return 0
	script "$2" "$3" "$4" "$5" "${7:-}"
	in_tree "$6" || {
		verdict "not ok" "fq_codel_same/$name:" "tc refuses $6"
		return
	}
	ran /tmp/a
	bpf "$6" || {
		verdict "not ok" "fq_codel_same/$name:" "$(cat /tmp/err)"
		return
	}
	ran /tmp/b
	result=$(apart /tmp/a /tmp/b)
	most=$(jq '.[1] / 20 + 2 | floor' /tmp/a.counters)
	what="$result in-tree $(cat /tmp/a.counters) bqdisc $(cat /tmp/b.counters) of $(wc -l </tmp/script) ($6)"
	if [ "$(field "$result" packets)" -gt 1000 ] && agree /tmp/a.counters /tmp/b.counters &&
		[ "$(field "$result" early)" -le "$most" ] && [ "$(field "$result" late)" -le "$most" ] &&
		[ "$(field "$result" place)" -le 100 ]; then
		verdict ok "fq_codel_same/$name" "$what"
	else
		verdict "not ok" "fq_codel_same/$name:" "$what"
	fi
}

prepare_guest
same default 1 160 30 5 ""
same tight 2 160 30 5 "target 1ms interval 20ms"
same loose 3 200 30 3 "target 50ms interval 200ms"
same one-flow 4 180 1 1 ""
same limit 5 180 30 5 "limit 300"
same batch 6 180 30 5 "limit 200 drop_batch 3"
same quantum 7 160 30 5 "quantum 300"
same large-quantum 8 160 30 5 "quantum 10000"
same flows 9 160 8 8 "flows 8"
same sparse 10 150 500 2 "target 2ms interval 30ms"
same ecn 11 160 30 5 "" ecn
same ecn-tight 12 160 8 8 "target 1ms interval 20ms" ecn
exit $failed
