# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# netem's rules, presets and traces: a rule impairs the packets that it matches and no others.
#
# runs: check kernels@6.18,7.3
# suite: netem
# needs: frames
# time: 50
. "${0%/*}/lib.sh"

# Print the packets of each rule, as "1 2 3" (counted), and of no rule (unmatched).
counted() { bqdisc -j show ve0 | jq -r '.[0].rules | map(.stats.packets) | join(" ")'; }
unmatched() { stat ve0 unmatched; }

# Attach rules that each have a match only, and ignore earlier packets of IPv6 and ARP.
match_rules() { # "MATCH" ...
	local all=() m

	plain_pair 0
	for m in "$@"; do
		# shellcheck disable=SC2206 # words are meant
		all+=(rule match $m)
	done
	must bqdisc attach ve0 netem "${all[@]:1}"
}

test_fields_ipv4() {
	match_rules "src 198.51.100.0/24" "dst 203.0.113.7" "sport 5000-5010" "dport 53" \
		"proto tcp" "mark 0x10/0xf0" "dscp 46" "proto icmp" "not proto udp"
	frames ve0 1 src 198.51.100.0
	frames ve0 1 src 198.51.100.255
	frames ve0 1 dst 203.0.113.7
	frames ve0 1 sport 5000
	frames ve0 1 sport 5010
	frames ve0 1 dport 53
	frames ve0 1 proto 6
	frames ve0 1 mark 0x1f
	frames ve0 1 dscp 46
	frames ve0 1 proto 1
	frames ve0 1 proto 47
	frames ve0 1 family 0
	is "$(counted)" "2 1 2 1 1 1 1 1 2" "packets of each rule"
	for other in "src 198.51.101.0" "dst 203.0.113.6" "sport 4999" "sport 5011" "dport 54" \
		"mark 0x2f" "dscp 45"; do
		# shellcheck disable=SC2086 # words are meant
		frames ve0 1 $other
	done
	is "$(unmatched)" 7 "packets of no rule"
	is "$(counted)" "2 1 2 1 1 1 1 1 2" "packets of each rule, with others"
}

test_fields_ipv6() {
	match_rules "src 2001:db8:1::/48" "dst 2001:db8::8000:0:0:0/65" "sport 5000-5010 proto udp" \
		"proto icmp" "dscp 10 dport 7" "dst 192.0.2.2" "dst ::/0 proto 6"
	frames ve0 1 family 6 src 2001:db8:1:ffff::1
	frames ve0 1 family 6 dst 2001:db8::ffff:0:0:1
	frames ve0 1 family 6 dst 2001:db8::7fff:0:0:1
	frames ve0 1 family 6 sport 5005
	frames ve0 1 family 6 proto 58
	frames ve0 1 family 6 proto 1
	frames ve0 1 family 6 dscp 10 dport 7
	frames ve0 1 family 6 dscp 11 dport 7
	frames ve0 1 family 4
	frames ve0 1 family 6 proto 6
	frames ve0 1 family 4 dst 192.0.2.3 proto 6
	is "$(counted)" "1 1 1 1 1 1 1" "packets of each rule"
	is "$(unmatched)" 4 "packets of no rule"
}

test_options_fragments_and_extensions() {
	match_rules "dport 2000 proto udp" "proto udp" "proto tcp"
	frames ve0 1 options 10                     # 1: the ports follow the options
	frames ve0 1 frag 0                         # 1: the first fragment has ports
	frames ve0 1 frag 185                       # 2: the others have none
	frames ve0 1 family 6 ext 0 ext 43 ext 60   # 1
	frames ve0 1 family 6 ext 51 ext 44         # 1: an atomic fragment
	frames ve0 1 family 6 ext 44 frag 0         # 1
	frames ve0 1 family 6 ext 60 ext 44 frag 99 # 2
	frames ve0 1 family 6 ext 0 ext 60 ext 60 ext 60 ext 60 ext 60 ext 60 ext 60 # 1: eight
	is "$(counted)" "6 2 0" "packets of each rule"
	# The match reads at most eight extension headers, and nothing of a truncated header.
	frames ve0 1 family 6 ext 0 ext 60 ext 60 ext 60 ext 60 ext 60 ext 60 ext 60 ext 60
	frames ve0 1 cut 12
	frames ve0 1 family 6 cut 30
	is "$(unmatched)" 3 "packets of no rule"
	frames ve0 1 cut 22 # an IPv4 header, and half of the ports
	is "$(counted)" "6 3 0" "packets of each rule, with one that is cut"
}

test_vlan_tag_in_the_packet() {
	match_rules "dst 192.0.2.2 dport 53" "dst 2001:db8::2 dscp 3"
	frames ve0 1 vlan 5 dport 53
	frames ve0 1 vlan 5 family 6 dscp 3
	frames ve0 1 vlan 5
	frames ve0 1 vlan 5 vlan2 6 dport 53
	is "$(counted)" "1 1" "packets of each rule"
	is "$(unmatched)" 2 "packets of no rule: the last has two tags"
}

test_vlan_tag_beside_the_packet() {
	plain_pair 0
	ip link add link ve0 name ve0.5 type vlan id 5
	quiet ve0.5
	ip link set ve0.5 up
	ip addr add 10.9.5.1/24 dev ve0.5
	ip neigh replace 10.9.5.2 lladdr 02:00:00:00:00:05 dev ve0.5
	must bqdisc attach ve0 netem match dst 10.9.5.2 proto icmp rule match dst 10.9.5.2
	ping -n -q -c 3 -i 0.01 -W 1 10.9.5.2 >/dev/null
	echo datagram >/dev/udp/10.9.5.2/9
	is "$(counted)" "3 1" "packets of each rule"
}

# The first matching rule applies. Its limit counts its own packets only.
test_first_match_impairs() {
	plain_pair 0
	must bqdisc attach ve0 netem limit 5 delay 1000s match dport 53 \
		rule loss 100% match proto udp rule match proto tcp
	frames ve0 5 dport 53
	frames ve0 7
	frames ve0 3 proto 6
	frames ve0 10 family 0
	is "$(counted)" "5 7 3" "packets of each rule"
	is "$(bqdisc -j show ve0 | jq -c '.[0].rules | map(.stats.dropped)')" "[0,7,0]" "dropped"
	is "$(stat ve0 drops_limit)" 3 "refused by the limit, which the first rule fills"
	is "$(stat ve0 packets)" 10 "packets that passed"
	is "$(stat ve0 backlog_packets)" 5 "packets held"
	must bqdisc detach ve0
}

test_unmatched_pass_in_order() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 20ms 10ms loss 10% match proto udp
	ip netns exec peer packets receive vf0 2000 5000 >/tmp/got &
	sleep 0.5
	for ((i = 0; i < 2000; i += 100)); do
		frames ve0 50
		packets continue ve0 "$i" 100 >/dev/null
	done
	wait $!
	is "$(jq -c . /tmp/got)" '{"received":2000,"first":0,"last":1999,"in_order":true}' "received"
}

test_sixty_four_rules() {
	plain_pair 0
	for i in {1..64}; do
		echo "delay ${i}ms match dst 192.0.2.$i # rule $i"
	done >/tmp/rules
	must bqdisc attach ve0 netem limit 1000 rules /tmp/rules
	for i in 1 2 63 64; do
		frames ve0 "$i" dst "192.0.2.$i"
	done
	frames ve0 5 dst 192.0.2.65
	is "$(bqdisc -j show ve0 | jq -c '.[0].rules | map(.stats.packets) | [.[0,1,62,63], add]')" \
		"[1,2,63,64,130]" "packets of the first and last rules, and of all"
	is "$(bqdisc -j show ve0 | jq -c '.[0].rules | map(.options.delay_ns) | [.[0,63]]')" \
		"[1000000,64000000]" "delays"
	is "$(unmatched)" 5 "packets of no rule"
	echo "match dst 192.0.2.65" >>/tmp/rules
	refuses 1 "/tmp/rules:65:21: .*use at most 64" bqdisc change ve0 rules /tmp/rules
	is "$(bqdisc -j show ve0 | jq '.[0].rules | length')" 64 "rules after a refusal"
}

test_refused_changes_nothing() {
	kind_goes
	plain_pair 0
	is "$(root ve0 kind)" noqueue "qdisc before"
	printf 'delay 1ms match proto tcp\n\n  delay 2ms match dst 10.0.0.1/8\n' >/tmp/rules
	refuses 1 "^bqdisc: /tmp/rules:3:23: .*use 10.0.0.0/8" \
		bqdisc attach ve0 netem rules /tmp/rules
	refuses 1 "use 10.0.0.0/8" bqdisc attach ve0 netem delay 1ms match dst 10.0.0.1/8
	refuses 1 "out of range" bqdisc attach ve0 netem loss 101% match proto udp
	refuses 1 "the nearest is 'delay'" bqdisc attach ve0 netem delay 1ms match proto tcp rule dellay 1ms
	refuses 1 "can match no packet" bqdisc attach ve0 netem delay 1ms rule delay 2ms match proto tcp
	refuses 1 "applies to all rules" bqdisc attach ve0 netem match proto tcp rule limit 5
	refuses 1 "no file" bqdisc attach ve0 netem rules /nonexistent
	refuses 1 "the nearest is '3g'" bqdisc attach ve0 netem preset 3h
	printf '10\n20\n19\n' >/tmp/trace
	refuses 1 "^bqdisc: /tmp/trace:3:1: '19' is earlier" bqdisc attach ve0 netem trace /tmp/trace
	is "$(root ve0 kind)" noqueue "qdisc after"
	no_pins
	must bqdisc attach ve0 netem delay 1ms match proto tcp
	bqdisc -j show ve0 | jq -S 'map(del(.stats))' >/tmp/before
	refuses 1 "outside of its prefix" bqdisc change ve0 delay 5ms match proto tcp rule match dst 10.0.0.1/8
	refuses 1 "/tmp/trace:3:1" bqdisc change ve0 trace /tmp/trace
	bqdisc -j show ve0 | jq -S 'map(del(.stats))' >/tmp/after
	cmp -s /tmp/before /tmp/after || fail "a refused change shows: $(diff /tmp/before /tmp/after)"
}

state() { bqdisc -j show ve0 | jq -S 'map({options, rules: (.rules // [] | map(del(.stats)))})'; }

test_command_makes_the_same() {
	plain_pair 0
	printf '0s 1mbit 1ms 0%%\n1s\n' >/tmp/trace
	must bqdisc attach ve0 netem seed 7 limit 5000 trace /tmp/trace loop queue 10 loss 1% 20% \
		match not src 10.0.0.0/8 mark 1/3 rule delay 300ms 10ms distribution normal \
		loss burst 2% 5 match dport 1-5 proto udp rule rate 1mbit match dst 2001:db8::/32 \
		rule delay 1ms
	state >/tmp/before
	bqdisc show --commands ve0 >/tmp/command
	must bqdisc detach ve0
	must bash -e /tmp/command
	state >/tmp/after
	cmp -s /tmp/before /tmp/after ||
		fail "$(cat /tmp/command) makes: $(diff /tmp/before /tmp/after)"
	is "$(jq '.[0].rules | length' /tmp/after)" 4 "rules"
	is "$(jq -c '.[0].rules[0].match' /tmp/after)" '{"mark":"0x1/0x3","not":true,"src":"10.0.0.0/8"}' match
	# Repeating it changes nothing.
	is "$(bash /tmp/command | jq -Rr 'test("already|as it was|nothing")')" true "a second attach"
}

test_change_keeps_rules_or_replaces_them() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 1ms match dport 1 rule delay 2ms match dport 2
	frames ve0 1 dport 2
	must bqdisc change ve0 delay 5ms
	frames ve0 1 dport 2
	is "$(counted)" "0 2" "packets of each rule"
	is "$(bqdisc -j show ve0 | jq -c '.[0].rules | map(.options.delay_ns)')" "[5000000,2000000]" delays
	must bqdisc change ve0 match dport 3
	is "$(bqdisc -j show ve0 | jq -c '.[0].rules | map([.match.dport, .options.delay_ns])')" \
		'[["3",5000000]]' "the rule that is left"
	frames ve0 2 dport 2
	is "$(unmatched)" 2 "packets of no rule"
}

test_presets() {
	plain_pair 0
	must bqdisc attach ve0 netem preset 3g loss 1%
	is "$(bqdisc -j show ve0 | jq -c '.[0].options | [.delay_ns, .rate_bits_per_second, .loss_percent]')" \
		"[150000000,1600000,1]" "3g with loss"
	must bqdisc attach ve0 netem delay 1ms preset 3g
	is "$(bqdisc -j show ve0 | jq -c '.[0].options | [.delay_ns, .rate_bits_per_second]')" \
		"[1000000,1600000]" "3g with another delay"
	must bqdisc attach ve0 netem preset wifi-busy delay 50ms
	is "$(bqdisc -j show ve0 | jq -c '.[0].options | [.delay_ns, .distribution, .loss_percent]')" \
		'[50000000,null,0.12]' "wifi-busy with another delay, which does not vary"
	refuses 1 "needs a jitter" bqdisc attach ve0 netem preset 3g delay 5ms distribution normal
	for name in $(bqdisc help netem | sed -n '/^Presets/,/^$/s/^  \([a-z0-9-]*\): .*/\1/p'); do
		must bqdisc attach ve0 netem preset "$name"
	done
	is "$name" wan-transatlantic "the last preset"
	printf 'office delay 7ms # ours\n3g delay 9ms\n' >/tmp/presets
	export BQDISC_PRESETS=/tmp/presets
	must bqdisc attach ve0 netem preset office match proto tcp rule preset 3g match proto udp
	is "$(bqdisc -j show ve0 | jq -c '.[0].rules | map(.options.delay_ns)')" "[7000000,9000000]" "one's own"
	bqdisc help netem | grep -q office || fail "help does not know of it"
	echo 'bad delay 7' >>/tmp/presets
	refuses 1 "^bqdisc: /tmp/presets:3:11: " bqdisc attach ve0 netem preset bad
}

test_trace_that_ends() {
	plain_pair 0
	printf '1\n2\n3\n' >/tmp/trace
	must bqdisc attach ve0 netem trace /tmp/trace once
	packets send ve0 1 1000 >/dev/null # the clock starts
	sleep 0.1
	packets send ve0 10 1000 >/tmp/sent
	is "$(jq -c . /tmp/sent)" '{"sent":10,"refused":0}' "what the sender was told"
	is "$(stat ve0 drops_trace)" 10 "packets lost at the end"
	must bqdisc change ve0 trace /tmp/trace
	packets send ve0 10 1000 >/dev/null
	wait_for 5 sent ve0 11 || fail "the trace does not begin again"
}
sent() { [ "$(stat "$1" packets)" = "$2" ]; }

kind_stays netem
run_tests "$@"
