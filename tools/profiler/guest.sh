#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs in the guest of tools/profile: guest.sh PACKETS FLOWS COMMAND...
#
# A COMMAND is a string of words, or the name of a script in /test. With PACKETS 0 a command runs
# between the marks, but not if it begins with "@". Otherwise it prepares du0, and the marks are
# before and behind the PACKETS that pktgen sends through du0.
#
# For run N it leaves in /out: N.name, N.symbols (all kernel symbols before and after it) and
# N.libraries (program, and what the dynamic linker loads for it).
set -u
# shellcheck source=tests/lib/pktgen.sh
. "${0%/*}/pktgen.sh"

n=0

# begin NAME [PROGRAM]
begin() {
	n=$((n + 1))
	echo "$1" >"/out/$n.name"
	cat /proc/kallsyms >"/out/$n.symbols"
	: >"/out/$n.libraries"
	[ $# -gt 1 ] || return 0
	readlink -f "$2" >"/out/$n.libraries"
	LD_TRACE_LOADED_OBJECTS=1 "$2" >>"/out/$n.libraries"
}

finish() {
	cat /proc/kallsyms >>"/out/$n.symbols"
}

profile_command() { # WORD...
	local program

	program=$(command -v "$1") || {
		echo "profile: $1: no such program in the guest" >&2
		exit 1
	}
	begin "$*" "$program"
	mark "$@" >/dev/null || echo "profile: $*: exit status $?" >&2
	finish
}

profile_packets() { # WORD...
	"$@" >/dev/null || exit 1
	describe_flows "$packets" "$flows"
	start_pktgen # the first run allocates memory
	describe_flows "$packets" "$flows"
	begin "$* ($packets packets of $flows flows)"
	mark --write start /proc/net/pktgen/pgctrl
	finish
}

packets=$1 flows=$2
shift 2
echo 0 >/proc/sys/kernel/randomize_va_space
prepare none
for dev in du1 du2 du3; do
	ip link add "$dev" type dummy
	ip link set "$dev" up
done
settle
for command in "$@"; do
	read -ra words <<<"${command#@}"
	if [[ $command = @* ]]; then
		"${words[@]}" >/dev/null || exit 1
	elif [ "$packets" -gt 0 ]; then
		profile_packets "${words[@]}"
	else
		profile_command "${words[@]}"
	fi
done
