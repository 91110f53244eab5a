#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Malformed objects are refused with a one-line reason, before any request to the kernel. Each
# bad_NAME.bpf.c contains the expected reason: `// expect: REGEX`.
#
# runs: check
# host
# time: 10
set -u
cd "${0%/*}/../.." || exit 2
bqdisc=build/bqdisc
built=build/tests/byo
work=$(mktemp -d)
clang=$(command -v clang-19 clang-18 clang-17 clang-16 clang | head -n 1)
trap 'rm -rf "$work"' EXIT
failed=0

result() { # NAME REASON
	[ -n "$2" ] || echo "ok byo/$1"
	[ -z "$2" ] || {
		echo "not ok byo/$1: $2"
		failed=1
	}
}

# Print how the refusal of COMMAND differs from the expected form.
refusal() { # REGEX COMMAND...
	local status=0 regex=$1

	shift
	"$bqdisc" "$@" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = 1 ] || echo "exit status $status: $(head -c 200 "$work/err")"
	[ "$(wc -l <"$work/err")" = 1 ] || echo "not one line: $(head -c 400 "$work/err")"
	[ ! -s "$work/out" ] || echo "it wrote to stdout"
	grep -qE -- "$regex" "$work/err" || echo "it said: $(head -c 400 "$work/err")"
}

# The compiler refuses to build for a machine of another byte order.
test_big_endian() {
	local said

	said=$("$clang" -target bpfeb -fsyntax-only -Ibpf/include -x c \
		bpf/include/bqdisc/instance.h 2>&1)
	[[ $said = *"big-endian machines are not supported"* ]] && said=''
	result big_endian "$said"
}

test_bad_objects() {
	local source name

	for source in tests/byo/bad_*.bpf.c; do
		name=${source##*/}
		name=${name%.bpf.c}
		result "$name" "$(refusal "$(sed -n 's|^// expect: ||p' "$source")" \
			attach lo "$built/$name.bpf.o")"
	done
}

# The good object passes all checks but those of its options' values, whose ranges are in its tags.
test_options() {
	local good=$built/good.bpf.o

	result range "$(refusal "good limit: '0' is out of range; use 1p to 100000p" attach lo $good limit 0)"
	result unit "$(refusal "good pause: '10' needs a unit" attach lo $good pause 10)"
	result time "$(refusal "'10001ms' is out of range; use 0ns to 10s" attach lo $good pause 10001ms)"
	result rate "$(refusal "good rate: '1bit' is out of range" attach lo $good rate 1bit)"
	result near "$(refusal "unknown option 'rat'; the nearest is 'rate'" attach lo $good rat 1mbit)"
	result flag "$(refusal "unknown option 'nospar'; the nearest is 'nospare'" attach lo $good nospar)"
	result as_long "$(refusal "use 1 to 15 characters" attach lo $good --as a.bcdefghijklmno)"
	result as_what "$(refusal "'pfifo' is not an object file" attach lo pfifo --as other)"
	result several "$(refusal "has no qdisc 'third'; it has" attach lo $built/bad_two.bpf.o:third)"
	result not_kit "$(refusal "unexpected argument .*; it has no options" \
		attach lo build/tests/verifier/ok_list.bpf.o limit 5)"
}

test_files() {
	local good=$built/good.bpf.o n

	result no_file "$(refusal "./nowhere.bpf.o: cannot read: No such" attach lo ./nowhere.bpf.o)"
	result directory "$(refusal "its size must be 1 byte" attach lo /tmp/)"
	result device "$(refusal "its size must be 1 byte" attach lo /dev/zero)"
	: >"$work/empty.o"
	result empty "$(refusal "its size must be 1 byte" attach lo "$work/empty.o")"
	result text "$(refusal "libbpf cannot read it as a BPF object" attach lo "$0")"
	for n in 64 1000 5000 20000; do
		head -c $n $good >"$work/cut.bpf.o"
		result "cut_$n" "$(refusal "cut.bpf.o: " attach lo "$work/cut.bpf.o")"
	done
}

test_big_endian
test_bad_objects
test_options
test_files
exit $failed
