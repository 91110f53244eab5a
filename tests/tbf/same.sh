# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Send the same packets through the in-tree tbf and bqdisc's, with the same options: the same ones
# must be dropped, and the others leave at the same times. Two runs of the in-tree qdisc show the
# resolution of the method. Then count the bytes that leave at rates from 8 kbit/s to 40 Gbit/s.
#
# PACKETS: packets of each case (1000).
#
# runs: check suite=tbf-same-short PACKETS=300 CASES=base,limit,peak,atm,segments,rate-8kbit,rate-40gbit
# runs: long@newest,6.18
# needs: newqdisc packets
# icount
# append: nohz=off
# limit: 3600
# time: 60
# shellcheck source=tests/lib/compare.sh
. "${0%/*}/compare.sh"
packets=${PACKETS:-1000}
prepare tbf "rate 1mbit"

in_tree() {
	no_qdisc
	# shellcheck disable=SC2086 # words
	tc qdisc replace dev ve0 root tbf $1
}

bpf() {
	# shellcheck disable=SC2086 # words
	attach tbf $1
}

# Each segment has the number of its packet if there is room.
long_enough() {
	awk '$3 % 300 < 16 { $3 += 16 } { print }'
}

# last_times RECORD: of each packet the time of its last segment.
last_times() {
	awk '!($1 in time) || $3 > time[$1] { time[$1] = $3; flow[$1] = $2 }
		END { for (n in time) print n, flow[n], time[n] }' "$1" | sort -k3n >"$1.last"
	mv "$1.last" "$1"
}

# same NAME OPTIONS [WORDS]: compare bpf's distance from the in-tree qdisc with the distance of two
# runs of the latter. It may be 3 us larger for 99 % of the packets: a BPF program is entered
# through a trampoline. With segments it may be 10 us, as the in-tree qdisc wakes up for each. For a
# single packet it may be 40 us, if the packet becomes due while the sender sends. WORDS end each line of the script.
same() {
	local name=$1 options=$2 control result slack=${3:+7000}

	wanted "$name" || return 0
	scripts make plain 1 "$packets" | sed "s/prio.*/${3:-}/" | long_enough >/tmp/script
	in_tree "$options" && record /tmp/a && in_tree "$options" && record /tmp/a2 &&
		bpf "$options" || {
		verdict "not ok" "tbf_same/$name:" "refused: $options $(cat /tmp/err)"
		return
	}
	record /tmp/b
	bqdisc -j stats ve0 >/tmp/stats
	bqdisc detach ve0 >/dev/null 2>&1
	last_times /tmp/a
	last_times /tmp/a2
	last_times /tmp/b
	control=$(scripts compare /tmp/a /tmp/a /tmp/a2 0 20000)
	result=$(scripts compare /tmp/a /tmp/a2 /tmp/b 0 20000)
	if [ -s /tmp/a ] && [ "$(field "$result" missing)" = 0 ] &&
		[ "$(field "$result" extra)" = 0 ] &&
		[ "$(field "$result" swapped)" -le "$(field "$control" swapped)" ] &&
		[ "$(field "$result" p99_ns)" -le $(($(field "$control" p99_ns) + 3000 + ${slack:-0})) ] &&
		[ "$(field "$result" max_ns)" -le $(($(field "$control" max_ns) + 40000)) ]; then
		verdict ok "tbf_same/$name" "$result control $control"
	else
		verdict "not ok" "tbf_same/$name:" "tbf $options: $result control $control \
$(cat /tmp/a.sent /tmp/b.sent)"
	fi
}

# 300 packets of 700 bytes and more in 18 ms are some 93 Mbit/s.
same base "rate 50mbit burst 5kb latency 20ms"
same unlimited "rate 400mbit burst 5kb latency 20ms"
same limit "rate 20mbit burst 4kb limit 10kb"
same burst "rate 20mbit burst 100kb limit 300kb"
same short-burst "rate 80mbit burst 700 latency 20ms"
same peak "rate 20mbit burst 50kb limit 300kb peakrate 60mbit mtu 1600"
same short-peak "rate 20mbit burst 50kb limit 300kb peakrate 60mbit mtu 700"
same overhead "rate 50mbit burst 5kb latency 20ms overhead 40 mpu 800"
same atm "rate 50mbit burst 5kb latency 20ms overhead 8 linklayer atm"
# Datagrams of more than 300 bytes are sent as segments, which the in-tree qdisc sends one by one.
same segments "rate 50mbit burst 500 limit 300kb" "gso 300"
same segments-peak "rate 20mbit burst 20kb limit 300kb peakrate 60mbit mtu 500" "gso 300"
same segments-atm "rate 50mbit burst 500 limit 300kb overhead 8 mpu 100 linklayer atm" "gso 300"

# rate WORD BITS BYTES PACKETS: packets that wait at a low rate leave at this one after a change.
# The burst is 4 ms of the rate, as an exiting process may delay packets by 2 ms. The last one leaves
# when the burst and the bytes of this rate are as many as all bytes, within
# 0.5 %.
rate() {
	local word=$1 bits=$2 bytes=$3 n=$4 watcher burst off

	wanted "rate-$word" || return 0
	burst=$((bits / 8 / 250 + 3 * bytes))
	ip link set ve0 mtu 65535
	bpf "rate 8bit burst 64kb limit 3gb"
	packets send ve0 $((70000 / bytes + n)) "$bytes" >/dev/null
	flows span ve0 >/tmp/span &
	watcher=$!
	sleep 0.3
	bqdisc change ve0 rate "$word" burst "$burst" >/dev/null
	wait_empty
	kill "$watcher"
	wait "$watcher"
	off=$(jq --argjson bits "$bits" --argjson bytes "$bytes" --argjson burst "$burst" \
		'(.packets * $bytes - $burst) * 8e9 / .ns / $bits * 1e6 - 1e6 | floor' /tmp/span)
	judge "tbf_rate/$word" "${off#-}" 5000 "$off millionths off: $(cat /tmp/span)"
	bqdisc detach ve0 >/dev/null 2>&1
}

# A process that runs meanwhile would delay what leaves by milliseconds.
wait_empty() {
	sleep 1
	until [ "$(bqdisc stats ve0 backlog_packets)" = 0 ]; do
		sleep 5
	done
}

rate 8kbit 8000 100 60
rate 1mbit 1000000 1000 200
rate 100mbit 100000000 1514 2000
rate 1gbit 1000000000 1514 10000
rate 10gbit 10000000000 9000 10000
rate 40gbit 40000000000 60000 3000
exit $failed
