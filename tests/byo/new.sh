#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `bqdisc new` and the installed kit: the generated source compiles without warnings against the
# kit's headers and libbpf's alone, and declares its options. Needs no kernel.
#
# runs: check
# host
# time: 15
. "${0%/*}/../live/lib.sh"

top=$(cd "${0%/*}/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clean() { :; }

flock "$top/build" make -s -C "$top" install PREFIX="$work/usr" >"$work/log" 2>&1 || {
	echo "not ok new/install: $(tail -n 1 "$work/log")"
	exit 1
}
PATH=$work/usr/sbin:$PATH
export PKG_CONFIG_PATH=$work/usr/lib/pkgconfig:$top/build/deps/lib/pkgconfig
cd "$work" || exit 2

test_new_compiles() {
	must bqdisc new shiny
	is "$(grep -rl '\<mine' shiny)" "" "files that still name the example"
	must make -s -C shiny CFLAGS='-O2 -g -Wall -Wextra -Wno-unused-parameter -Werror'
	bqdisc help shiny/shiny.bpf.o | grep -q 'Range: 1p to 100000p. Default: 1000' ||
		fail "help: $(bqdisc help shiny/shiny.bpf.o)"
	bash -n shiny/test.sh || fail "test.sh"
	[ -x "$(pkg-config --variable=vm bqdisc)" ] || fail "no virtual machine is installed"
}

test_headers_used() {
	bqdisc new lone >/dev/null
	make -s -C lone CFLAGS='-O2 -g -MD -MF lone.d'
	is "$(tr ' ' '\n' <lone/lone.d | grep '\.h$' | xargs realpath |
		grep -v "^$work/usr/include/bqdisc/\|/include/bpf/\|^/usr/include/\(x86_64-linux-gnu/\|aarch64-linux-gnu/\)\?\(asm\|asm-generic\|linux\|bits\|gnu\|sys\)/\|^/usr/include/\(stdc-predef\|features.*\).h\|/clang/")" \
		"" "headers besides the kit's, libbpf's and the compiler's"
}

test_examples_compile() {
	local f

	for f in "$(pkg-config --variable=examples bqdisc)"/*.bpf.c; do
		# shellcheck disable=SC2046 # words
		must clang-19 -target bpf -mcpu=v3 -O2 -g -Wall -Werror $(pkg-config --cflags bqdisc) \
			-c -o "$work/e.bpf.o" "$f"
		must bqdisc help "$work/e.bpf.o"
		grep -q '^Options' /tmp/out || fail "help ${f##*/}: $(cat /tmp/out)"
	done
}

# Each header compiles alone, and documents its guarantees and costs.
test_each_header_stands_alone() {
	local f name

	for f in "$work"/usr/include/bqdisc/*.bpf.h; do
		name=${f##*/}
		echo "#include <bqdisc/$name>" >"$work/one.bpf.c"
		# shellcheck disable=SC2046 # words
		must clang-19 -target bpf -mcpu=v3 -O2 -g -Wall -Werror -Wno-unused-function \
			$(pkg-config --cflags bqdisc) -c -o "$work/one.bpf.o" "$work/one.bpf.c"
		[[ $(sed -n 2p "$f") = '/*'* ]] || fail "$name begins without a comment"
	done
}

test_names_refused() {
	bqdisc new taken >/dev/null
	refuses 1 "cannot create the directory taken: File exists" bqdisc new taken
	refuses 1 "a qdisc 'fq' exists" bqdisc new fq
	refuses 1 "invalid name" bqdisc new Loud
	refuses 1 "invalid name" bqdisc new 8bands
	refuses 1 "invalid name" bqdisc new ../there
	refuses 1 "invalid name" bqdisc new sixteen_letters_
	refuses 1 "new: missing NAME; usage: bqdisc new NAME" bqdisc new
}

test_bench_says_what_is_missing() {
	refuses 1 "bench: missing QDISC; usage: bqdisc bench QDISC" bqdisc bench
	refuses 1 "unknown qdisc 'pfif'; the nearest is 'pfifo'" bqdisc bench pfif
	refuses 1 "give numbers" bqdisc bench pfifo --flows 1,,2
	refuses 1 "./none.bpf.o: cannot read" bqdisc bench ./none.bpf.o
	BQDISC_LIBEXEC=/nowhere refuses 4 "is not installed" bqdisc bench pfifo
	mkdir bin && for f in bash dirname; do ln -s "$(command -v $f)" bin/; done
	PATH=$work/bin "$work/usr/sbin/bqdisc" bench pfifo >/tmp/out 2>/tmp/err
	is $? 4 "exit status without QEMU"
	grep -q 'qemu-system-x86_64 is missing' /tmp/err || fail "without QEMU: $(cat /tmp/err)"
}

run_tests "$@"
