# From `bqdisc -j list`: for every qdisc, the words of all its options at once, each at its least,
# its greatest and a middle value, and in every form: "QDISC LEVEL WORDS".

# Exceptions: some words refuse a time of 0 that follows another word; a delay of 0 leaves nothing to
# reorder; a trace is a file, which has tests of its own; a loss burst of 100 % has no length; a veth
# has no offload; jq cannot represent larger integers exactly; a peakrate is above the rate; latency
# excludes limit. hfq needs a class, which follows the options.
def number($level):
	if .name == "offload_horizon" then 0
	elif .name == "peakrate" then .max
	elif $level == "min" then if .unit == "ns" and (.follows or .name == "delay") then 1 else .min end
	else ([.max, 9007199254740992, if .form == "burst" then 99 else empty end] | min) as $max |
		if $level == "max" then $max - (if .name == "rate" then 8 else 0 end) else (.min + $max) / 2 | floor end
	end;
def tail: {bytes: "b", ns: "ns", bits_per_second: "bit", percent: "%"}[.unit] // "";
def values($level):
	if .unit == "name" then ["normal"]
	else "\(number($level))\(tail)" as $value | [range(.count)] | map($value) end;
def words($level):
	if .[0].words then [.[0].words[if $level == "min" then 0 else 1 end]]
	else [.[0].name, (.[0].form // empty)] + (map(values($level)) | add) end;
def feedable: (.name | IN("trace", "loop", "queue", "queue_bytes")) or .key == "latency_ns" | not;
def clauses: reduce .[] as $o ([]; if $o.follows then .[-1] += [$o] else . + [[$o]] end);
.[] | .qdisc as $qdisc | (.options | clauses | map(select(.[0] | feedable)) | group_by(.[0].name)) |
	. as $names | ($names | map(length) | max) as $forms |
	range($forms) as $form | ("min", "mid", "max") as $level |
	[$qdisc, $level, ($names[] | .[$form % length] | words($level)[]),
		(if $qdisc == "hfq" then "class rest" else empty end)] | join(" ")
