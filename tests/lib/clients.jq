# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Print the differences between cases on in-tree qdiscs, $in_tree, and on those of bqdisc, $ours, in
# what observe.sh has written. $packets were sent of each kind.

# Options that an older tc, or an older kernel, does not print.
["seed", "offload_horizon", "horizon", "horizon_drop", "bands", "priomap ", "weights "] as $newer |

def differs($what; $a; $b): if $a == $b then empty else "\($what): in-tree \($a), bqdisc \($b)" end;

# Some packets arrive, or arrive twice, by a random number: accept five standard deviations of the
# difference. The most that those of lost and of doubled packets can be is $packets / 2 together.
def near($a; $b; $mixed):
	(if $a > $packets then $a - $packets else $a end) as $n |
	(if $mixed then $packets / 2 else $n * ($packets - $n) / $packets end) as $variance |
	($a - $b | fabs) <= 5 * (2 * $variance | sqrt);

# Packets are lost and doubled.
def is_mixed: any(.qdiscs[]; .options.duplicate and (.options | has("loss-random")));

# A busy machine adds some ms to the delay.
def near_ms($a; $b):
	if $a == null or $b == null then $a == $b
	else ($a - $b | fabs) <= 20 + 0.3 * ([$a, $b] | max) end;

# The echo of a corrupted packet may come or not.
def is_corrupt: any(.qdiscs[]; .options.corrupt);

def options: .options // {} | del(.[$newer[]]);

def compare_qdiscs($a; $b):
	($a.qdiscs | map([.kind, .root, .parent])) as $places |
	differs("qdiscs"; $places; $b.qdiscs | map([.kind, .root, .parent])),
	(range($places | length) as $i | ($a.qdiscs[$i] | options) as $options |
		differs("options"; $options;
			$b.qdiscs[$i] // {} | options | with_entries(select(.key | in($options)))));

# Trees become one qdisc with other options.
def compare($a; $b):
	(select($b.route != "from-tc") | differs("exit status"; $a.statuses; $b.statuses),
		compare_qdiscs($a; $b)),
	(select(near_ms($a.rtt; $b.rtt) or ($a | is_corrupt) | not) |
		"round trip: in-tree \($a.rtt) ms, bqdisc \($b.rtt) ms"),
	(range($a.arrived | length) as $i | select(near($a.arrived[$i]; $b.arrived[$i]; $a | is_mixed) | not) |
		"packets: in-tree \($a.arrived), bqdisc \($b.arrived)");

differs("cases"; $in_tree | map(.case); $ours | map(.case)),
($in_tree[] as $a | $ours[] | select(.case == $a.case) | "\($a.case): \(compare($a; .));")
