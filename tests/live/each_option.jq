# From `bqdisc -j list`: a line for each clause of each qdisc, with the options that it needs before
# it: "KIND|QDISC|CLASS|KEYS|WORDS". CLASS: same: the plugin of tc gives it to the kernel; none: it
# has no attribute; egress: the kernel may refuse it, as it needs an egress program; other: tc gives it
# in other words. KEYS are those of the JSON, separated by commas.

def least: {packets: 5000, ns: 5000000, bits_per_second: 5000000, count: 65536}[.unit] // 524288;
def number: if .name == "offload_horizon" then 0 else [((.min + (.max | tonumber)) / 2 | floor), least] | min end;
def tail: {bytes: "b", ns: "ns", bits_per_second: "bit", percent: "%"}[.unit] // "";
def values: if .unit == "name" then ["normal"] else "\(number)\(tail)" as $v | [range(.count)] | map($v) end;
def clauses: reduce .[] as $o ([]; if $o.follows then .[-1] += [$o] else . + [[$o]] end);
def needs: {
	tbf: {rate: "", mtu: "rate 1mbit peakrate 2mbit"},
	netem: {distribution: "delay 5ms 1ms", reorder: "delay 1ms", gap: "delay 1ms reorder 5%",
		ecn: "loss 1%", packets: "slot 1ms", bytes: "slot 1ms"}
};
def before($qdisc): needs[$qdisc][.] // (if $qdisc == "tbf" then "rate 1mbit" else "" end);
def class($qdisc): if $qdisc == "hfq" or (.name | IN("ordered", "trace", "loop", "queue", "queue_bytes")) then "none"
	elif .form == "burst" or .unit == "name" or .key == "latency_ns" then "other"
	elif .name | IN("ecn", "duplicate", "corrupt", "ce_threshold") then "egress"
	else "same" end;
# A value that is not the default.
def unusual: .[0] as $o | if $o.words then [$o.words[] | select(. != $o.default)]
	else [$o.name, ($o.form // empty)] + (map(values) | add) end;
.[] | .kind as $kind | .qdisc as $qdisc | .options | clauses[] | .[0] as $head |
	[$kind, $qdisc, ($head | class($qdisc)), (map(.key) | join(",")),
		([($head.name | before($qdisc) | select(. != "")), unusual[]] | join(" "))] | join("|")
