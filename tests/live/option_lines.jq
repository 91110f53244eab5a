# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Print words of attach for all options of a qdisc, with values that are not the defaults: of netem
# and tbf, whose options may exclude each other, each with what it needs. hfq needs a class after
# its options. Input: bqdisc -j help QDISC
def needs: {
	netem: {
		distribution: "delay 9ms 2ms", ecn: "loss 1%", reorder: "delay 9ms",
		gap: "delay 9ms reorder 5%", packets: "slot 5ms", bytes: "slot 5ms",
		once: "trace /tmp/link.trace", queue: "trace /tmp/link.trace",
		queue_bytes: "trace /tmp/link.trace"
	},
	tbf: {
		burst: "rate 4mbit", limit: "rate 4mbit", latency: "rate 4mbit",
		peakrate: "rate 4mbit", mtu: "rate 4mbit peakrate 6mbit", mpu: "rate 4mbit",
		overhead: "rate 4mbit", linklayer: "rate 4mbit"
	}
};
def value: if .metavar == "FILE" then "/tmp/link.trace"
	elif .unit == "name" then "pareto"
	elif .unit == "ns" then "3ms"
	elif .unit == "percent" then "3%"
	elif .unit == "bits_per_second" then "5mbit"
	elif .unit == "bytes" then "\([.max // 3000, 3000] | min)b"
	elif .max == 3 then "3"
	elif .max == 2 then "1"
	else "\([.min, 6] | max + 1)" end;
def clause: if .words then [.words[] as $w | select($w != .default) | $w][0]
	elif .follows then value
	else [.name, .form // empty, (range(.count) as $i | value)] | join(" ") end;
# Each option with those that follow it.
def group: reduce .[] as $o ([]; if $o.follows then .[-1] += [$o] else . + [[$o]] end);
# Dummy devices have no hardware to which packets could be given before their time.
.qdisc as $q | .options | map(select(.name != "offload_horizon")) | group | map(map(clause)) |
needs[$q] as $needs |
if $needs then .[] | [$q, $needs[.[0] | split(" ")[0]] // empty, .[]] else [$q, .[][], (if $q == "hfq" then "class rest" else empty end)] end | join(" ")
