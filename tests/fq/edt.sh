# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# TCP flows paced by earliest departure time at the egress hook (edt_pace.bpf.c), through fq and the
# in-tree fq. Uses --icount, so that a busy machine does not affect the result.
#
#   [ROUNDS=N] [ALL=yes] edt.sh
#
# ALL=yes: 1, 5, 50 and 500 MB/s, 1 and 16 flows; else what fits make check.
#
# runs: check kernels@6.18
# runs: fq suite=fq-edt-all ALL=yes time=900
# needs: edt edt_pace.bpf.o bpftool
# icount
# append: nohz=off
# limit: 7200
# time: 150
set -u
PATH=/test:$PATH
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

rounds=${ROUNDS:-3}

put() { # in_tree|bpf
	bqdisc detach ve0 >/dev/null 2>&1
	tc qdisc replace dev ve0 root noqueue
	case $1 in
	in_tree) tc qdisc replace dev ve0 root fq || fail "tc refused fq" ;;
	bpf) must bqdisc attach ve0 fq --force ;;
	*) fail "put: unknown word $1" ;;
	esac
}

set_rate() { # BYTES-A-SECOND
	local i bytes=()

	for ((i = 0; i < 8; i++)); do bytes+=($((($1 >> (8 * i)) & 255))); done
	must bpftool map update name edt_rate key 0 0 0 0 value "${bytes[@]}"
}

spaced_pair() {
	veth_pair 0
	address_pair 0
	ping -c 1 -W 5 10.9.0.2 >/dev/null || fail "no answer from the peer"
	tc qdisc add dev ve0 clsact
	tc filter add dev ve0 egress bpf da obj /test/edt_pace.bpf.o sec tc/pace || fail "no program"
}

# Print the largest deviation of a flow from the rate, in parts per million.
error_of() { # WHICH RATE FLOWS BYTES
	put "$1"
	edt "$3" "$4" >/tmp/edt || fail "edt failed"
	jq --argjson rate "$2" \
		'[.rates[] | (. - $rate) / $rate * 1000000 | fabs] | max | floor' /tmp/edt
}

most() { printf '%s\n' "$@" | sort -n | tail -n 1; }

# spaced RATE FLOWS BYTES BOUND: each flow has an equal share of RATE bytes a second. It sends BYTES
# and some more, so that the last packets have many sizes. In the worst round, fq deviates at most
# by the in-tree fq's deviation and BOUND, in parts per million.
spaced() {
	local rate=$(($1 / $2)) i bytes in_tree=() bpf=() text

	spaced_pair
	set_rate "$rate"
	for ((i = 0; i < rounds; i++)); do
		bytes=$(($3 + i * $3 / 29))
		in_tree+=("$(error_of in_tree "$rate" "$2" "$bytes")")
		bpf+=("$(error_of bpf "$rate" "$2" "$bytes")")
	done
	text="$2 flows, $1 bytes a second: off by ppm: in-tree ${in_tree[*]}, bpf ${bpf[*]}"
	echo "# $text"
	[ "$(most "${bpf[@]}")" -le $(($(most "${in_tree[@]}") + $4)) ] || fail "$text"
}

test_1M() { spaced 1000000 1 500000 3000; }
test_5M() { spaced 5000000 1 1000000 3000; }
test_50M_16() { spaced 50000000 16 500000 3000; }

# ns_of WHOSE BYTES US: from the first send() to the last arrival, with TCP_TX_DELAY.
ns_of() {
	put "$1"
	edt 1 "$2" "$3" >/tmp/edt || fail "edt failed"
	jq .ns /tmp/edt
}

# The socket option delays each packet of the socket, and the rate is that without it.
test_tx_delay() {
	local whose one many
	declare -A one many

	veth_pair 0
	address_pair 0
	ping -c 1 -W 5 10.9.0.2 >/dev/null || fail "nobody answers"
	for whose in in_tree bpf; do
		one[$whose]=$(ns_of $whose 100 20000)
		many[$whose]=$(ns_of $whose 5000000 20000)
	done
	echo "# TCP_TX_DELAY 20 ms, ns: in-tree ${one[in_tree]} and ${many[in_tree]}," \
		"bpf ${one[bpf]} and ${many[bpf]}"
	between "${one[bpf]}" 20000000 21000000 "ns that one packet took"
	between "${many[bpf]}" 20000000 $((many[in_tree] * 11 / 10)) "ns that 5 MB took"
}

if [ -n "${ALL:-}" ]; then
	test_1M_16() { spaced 1000000 16 50000 3000; }
	test_5M_16() { spaced 5000000 16 62500 3000; }
	test_50M() { spaced 50000000 1 5000000 3000; }
	test_500M() { spaced 500000000 1 20000000 3000; }
	test_500M_16() { spaced 500000000 16 2000000 3000; }
fi

run_tests "$@"
