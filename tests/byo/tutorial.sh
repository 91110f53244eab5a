#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Run every line behind "$ " in docs/tutorial.md, after `make install` into a temporary directory.
# The output must equal the printed one, except for numbers.
#
# runs: long
# suite: tutorial
# host
set -u
top=$(cd "${0%/*}/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

flock "$top/build" make -s -C "$top" install PREFIX="$work/usr" >"$work/log" 2>&1 || {
	echo "not ok tutorial/install: $(tail -n 1 "$work/log")"
	exit 1
}
export PATH=$work/usr/sbin:$PATH
export PKG_CONFIG_PATH=$work/usr/lib/pkgconfig:$top/build/deps/lib/pkgconfig
mkdir "$work/here"
cd "$work/here" || exit 2

# Numbers and the blanks between columns may differ.
without_numbers() {
	sed -E 's/[0-9]+/N/g; s/ +/ /g'
}

# Run COMMAND and compare its output with /expected.
try() { # NUMBER COMMAND
	local status=0

	bash -c "$2" >"$work/out" 2>&1 || status=$?
	if [ "$status" -ne 0 ]; then
		echo "not ok tutorial/$1: '$2' failed: $(tail -n 1 "$work/out")"
	elif [ "$(without_numbers <"$work/out")" != "$(without_numbers <"$work/expected")" ]; then
		echo "not ok tutorial/$1: '$2' printed: $(head -c 300 "$work/out")"
	else
		echo "ok tutorial/$1"
		return
	fi
	failed=1
}

n=0
mapfile -t lines < <(awk '/^```/ { inside = !inside; next } inside' "$top/docs/tutorial.md")
for ((i = 0; i < ${#lines[@]}; )); do
	command=${lines[i]#\$ }
	: >"$work/expected"
	for ((i++; i < ${#lines[@]}; i++)); do
		[[ ${lines[i]} != '$ '* ]] || break
		echo "${lines[i]}" >>"$work/expected"
	done
	n=$((n + 1))
	try $n "$command"
done
exit $failed
