#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bqdisc top in a terminal of tmux.
#
# runs: check
# suite: flows
# time: 60
. "${0%/*}/lib.sh"
# shellcheck source=tests/lib/terminal.sh
. "${0%/*}/terminal.sh"

kind_stays pfifo fq netem

# top ARGUMENT...: start it in a new terminal of 80x24.
top() {
	terminal_open 80 24
	type_in "bqdisc top $*"
	keys Enter
	must_show '^bqdisc top'
}

# Print COLUMN (from 1) of the row that begins with NAME.
cell() { # NAME COLUMN
	screen | awk -v name="$1" -v column="$2" '$1 == name { print $column; exit }'
}

# Print the names of the rows, in order.
names() {
	screen | sed -n '3,19p' | awk 'NF > 1 { print $1 }' | paste -sd ' '
}

names_are() {
	[ "$(names)" = "$1" ]
}

must_name() {
	wait_for 10 names_are "$1" || fail "rows are '$(names)', not '$1': $(screen)"
}

# The rate in COLUMN of the row that begins with NAME is between LOW and HIGH kbit/s.
rate_between() { # NAME COLUMN LOW HIGH
	cell "$1" "$2" | awk -v low="$3" -v high="$4" '
		/kbit$/ { rate = $0 + 0 }
		/mbit$/ { rate = $0 * 1000 }
		END { exit !(rate >= low && rate <= high) }'
}

delay_between() { # ROW COLUMN LOW HIGH, in ms
	cell "$1" "$2" | awk -v low="$3" -v high="$4" '
		/[0-9]ms$/ { ms = $0 + 0 }
		END { exit !(ms >= low && ms <= high) }'
}

# A stream of 2 Mbit/s of UDP payload, in packets of 1000 bytes and headers of 42, is delayed by 40
# ms; half of the packets of another device are lost.
test_known_transfer() {
	veth_pair 0
	address_pair 0
	ip link add du1 type dummy && ip link set du1 up
	must bqdisc attach ve0 netem delay 40ms limit 10000
	must bqdisc attach du1 netem loss 50%
	serve -1
	iperf3 -c 10.9.0.2 -u -b 2m -l 1000 -t 1000 >/dev/null 2>&1 &
	while :; do
		packets send du1 100 >/dev/null
		sleep 0.1
	done &
	trap 'kill $(jobs -p); wait' EXIT
	top ve0 du1
	wait_for 20 rate_between ve0 3 1900 2300 || fail "rate: $(screen)"
	is "$(cell ve0 2)" netem "qdisc of ve0"
	wait_for 20 delay_between ve0 7 36 68 || fail "p50: $(screen)"
	wait_for 20 delay_between ve0 8 36 1100 || fail "p99: $(screen)"
	between "$(cell du1 9 | tr -dc '0-9')" 50 1000 "drops of du1"
	is "$(cell ve0 9)" 0 "drops of ve0"
	must_show '^rate +[▁▂▃▄▅▆▇█]+ '
	colored_screen | grep -a du1 | grep -qa $'\e\\[[0-9;]*31m' || fail "drops are not red: $(colored_screen)"
	colored_screen | grep -a ve0 | grep -qa $'\e\\[[0-9;]*31m' && fail "red: $(colored_screen)"
	keys q
	must_show '^ready>$'
	keys C-l
	type_in 'LC_CTYPE=C NO_COLOR=1 bqdisc top ve0 du1'
	keys Enter
	must_show '^rate +[_.=+*%#-]+ '
	wait_for 10 shows 'du1.* [1-9][0-9]* ' || fail "no drops: $(screen)"
	colored_screen | grep -qa $'\e\\[[0-9;]*31m' && fail "red with NO_COLOR: $(colored_screen)"
	terminal_close
}

test_queues() {
	plain_pair 0 numtxqueues 3 numrxqueues 3
	ip link add du1 type dummy && ip link set du1 up
	must bqdisc attach ve0 pfifo
	must bqdisc attach ve0 pfifo --mq
	must bqdisc attach du1 pfifo
	top
	must_name "ve0 du1"
	keys Enter
	must_show '^bqdisc top ve0: 3 queues'
	is "$(names | tr -d '0-9a-f')" ": : :" "names of queues"
	keys Escape
	must_name "ve0 du1"
	must_show '^bqdisc top: 2 qdiscs'
	keys j Enter
	must_show 'no queues'
	keys k BSpace q
	must_show '^ready>$'
	terminal_close
}

# The same stream through fq: it is a flow.
test_flows() {
	veth_pair 0
	address_pair 0
	must bqdisc attach ve0 fq maxrate 1gbit
	serve -1
	iperf3 -c 10.9.0.2 -u -b 2m -l 1000 -t 1000 >/dev/null 2>&1 &
	trap 'kill $(jobs -p); wait' EXIT
	top ve0
	must_show '^ve0 +fq '
	keys Enter
	must_show '^bqdisc top ve0: [0-9]+ flow'
	must_show '^FLOW .* DELAY '
	must_show '^udp 10\.9\.0\.1:[0-9]+ > 10\.9\.0\.2:5201 '
	wait_for 20 rate_between udp 5 1900 2300 || fail "rate: $(screen)"
	keys s s s s s s s s BSpace
	must_show '^bqdisc top: 1 qdisc,'
	keys q
	must_show '^ready>$'
	terminal_close
}

test_order_filter_pause() {
	local i paused

	for i in 1 2 10; do
		ip link add "du$i" type dummy && ip link set "du$i" up
	done
	must bqdisc attach du1,du10 pfifo
	must bqdisc attach du2 bfifo
	top --every 0.3 'du*'
	packets send du10 1000 >/dev/null
	must_name "du10 du1 du2"
	keys s s s s s s
	must_name "du1 du2 du10"
	keys r
	must_name "du10 du2 du1"
	type_in /DU1
	must_name "du10 du1"
	keys Enter
	must_show '^filter: DU1$'
	keys / Escape r
	must_name "du1 du2 du10"
	keys / b f i Enter
	must_name "du2"
	keys / Escape Space
	must_show ' paused$'
	must_name "du1 du2 du10"
	paused=$(screen)
	packets send du2 1000 >/dev/null
	sleep 1 # three readings, if it did not pause
	is "$(screen)" "$paused" "the screen while it is paused"
	keys Space
	wait_for 10 shows '^du2 +bfifo +[1-9]' || fail "does not go on: $(screen)"
	keys q
	must_show '^ready>$'
	terminal_close
}

lines_are() {
	[ "$(names | wc -w)" -ge "$1" ]
}

# More rows than the screen has; another size; the terminal is as before afterwards.
test_many() {
	local i

	quiet default # a device that sends has another place in the list
	for i in $(seq 500); do
		echo "link add du$i up type dummy"
	done | ip -batch - || fail "no dummies"
	must bqdisc attach 'du*' pfifo
	terminal_open 80 24
	type_in 'stty -a >/tmp/before; clear; bqdisc top "du*"; stty -a >/tmp/after'
	keys Enter
	must_show '^bqdisc top: 500 qdiscs'
	is "$(screen | wc -l)" 24 "lines"
	is "$(names | wc -w)" 17 "rows"
	is "$(screen | awk 'length > 80')" "" "long lines"
	packets send du333 1000 >/dev/null
	wait_for 20 shows '^du333 +pfifo +[1-9]' || fail "du333 has no rate: $(screen)"
	keys End
	must_show '^du500 '
	terminal resize-window -t test -x 132 -y 50
	wait_for 10 shows '^du460 ' || fail "no more rows: $(screen)"
	terminal resize-window -t test -x 40 -y 8
	wait_for 10 shows '^du500 ' || fail "in 8 lines: $(screen)"
	keys q
	must_show '^ready>$'
	is "$(cat /tmp/after)" "$(sed 's/rows 24; columns 80/rows 8; columns 40/' /tmp/before)" "terminal"
	terminal_close
}

test_no_terminal() {
	refuses 1 '^bqdisc: top: needs a terminal; use .bqdisc stats --watch 1. instead$' bqdisc top
	terminal_open 80 24
	type_in 'TERM=nonsense bqdisc top; echo $?'
	keys Enter
	must_show 'terminal.s type is unknown; set TERM'
	must_show '^1$'
	type_in 'clear; bqdisc top nix; echo $?'
	keys Enter
	must_show "^bqdisc: .*nix"
	terminal_close
}

run_tests "$@"
