#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make install`: all files are installed, other programs build with them, and uninstall removes them.
# Man pages, help and completions agree with the tables. Needs no kernel.
#
# runs: check
# host
# time: 40
. "${0%/*}/../live/lib.sh"

top=$(cd "${0%/*}/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

clean() { rm -rf "$root"; }

# The lock: what depends on PREFIX lies in build/dist while it is installed, also for tests/byo.
install_it() { # make's TARGET [VARIABLE=VALUE]...
	flock "$top/build" make -s -C "$top" "$1" DESTDIR="$root" PREFIX=/usr \
		LIBDIR=/usr/lib "${@:2}" >"$work/make" 2>&1 ||
		fail "make $1: $(cat "$work/make")"
}

below() { # what find says, sorted
	(cd "$root" && find . "$@" | sort)
}

# table JQ-FILTER: query the installed program's `list`
table() {
	"$root/usr/sbin/bqdisc" -j list | jq -r "$1"
}

# Print what belongs below /usr/lib.
expected_below_lib() {
	printf './%s\n' libbqdisc.{a,so,so.0} "libbqdisc.so.$(version)" pkgconfig/{bqdisc,libbqdisc}.pc \
		tc/q_bq.so
	table '"./tc/q_\(.[].kind).so"'
	(cd "$top/systemd" && for unit in *; do
		case $unit in
		*.rules) echo "./udev/rules.d/$unit" ;;
		*) echo "./systemd/system/${unit%.in}" ;;
		esac
	done)
}

test_files() {
	local page

	install_it install TCLIBDIR=/usr/lib/tc
	for page in bqdisc $(table '"bqdisc-\(.[].qdisc)"'); do
		[ -s "$root/usr/share/man/man8/$page.8" ] || fail "no $page(8)"
	done
	is "$(cd "$root/usr/lib" && find . ! -type d | sort)" "$(expected_below_lib | sort)" "in /usr/lib"
	is "$(find "$root" -xtype l)" "" "dangling links"
}

# tc of this machine finds the plugins: it parses the options before it asks the kernel.
test_tc_plugins() {
	local dir kind word

	command -v tc >/dev/null || skip tc
	install_it install
	dir=$(dirname "$(find "$root" -name q_bq.so)")
	[ -e "${dir#"$root"}/normal.dist" ] || [ ! -e /usr/share/doc/iproute2 ] ||
		fail "iproute2 has its files elsewhere than in ${dir#"$root"}"
	for kind in $(table '.[].kind'); do
		[ -e "$dir/q_$kind.so" ] || fail "no plugin for $kind"
		word=$(table ".[] | select(.kind == \"$kind\").options[0].name")
		TC_LIB_DIR=$dir tc qdisc add dev lo root "$kind" "$word" x 2>"$work/err"
		is $? 1 "exit status of tc for $kind ($(cat "$work/err"))"
		grep -q "$word: 'x' is not a number" "$work/err" || fail "$kind: $(cat "$work/err")"
	done
}

version() {
	"$root/usr/sbin/bqdisc" -j version | jq -r .version
}

# The runner finds its files beside itself; the program finds the runner relative to its directory.
test_runner() {
	install_it install
	"$root/usr/libexec/bqdisc/tests/vm/run" --help | grep -q -- --icount || fail "no runner"
	refuses 1 "no file 'absent.bpf.o'" \
		"$root/usr/sbin/bqdisc" verify --kernel 7.3 absent.bpf.o
	"$root/usr/sbin/bqdisc" verify --kernel none "$top/build/bpf/fifo.bpf.o" 2>"$work/err"
	is $? 2 "exit status without such a kernel"
	grep -q "kernel none returned no result" "$work/err" || fail "it said: $(cat "$work/err")"
}

test_schema() {
	install_it install
	jq -e '."$defs" | has("show")' "$root/usr/share/bqdisc/schema.json" >/dev/null ||
		fail "no schema of show"
}

# Shared directories stay, as other packages may need them.
test_uninstall() {
	install_it install
	install_it uninstall
	is "$(below ! -type d)" "" "files left by uninstall"
	is "$(below -name '*bqdisc*')" "" "directories left by uninstall"
}

test_uninstall_spares_others() {
	mkdir -p "$root/usr/share/man/man8" "$root/usr/share/bqdisc"
	touch "$root/usr/share/man/man8/bqdisc-mine.8" "$root/usr/share/bqdisc/mine"
	install_it install
	install_it uninstall
	is "$(below ! -type d | tr '\n' ' ')" \
		"./usr/share/bqdisc/mine ./usr/share/man/man8/bqdisc-mine.8 " "what is left"
}

write_program() {
	cat >"$work/user.c" <<-'END'
		#include <bqdisc.h>
		#include <stdio.h>
		int main(void)
		{
			struct bqdisc *bq = bqdisc__open(NULL);
			const struct bqdisc_qdisc *q = NULL;
			while ((q = bqdisc__next_qdisc(bq, q)))
				puts(bqdisc_qdisc__name(q));
			bqdisc__close(bq);
			return 0;
		}
	END
}

# build_user PKG-CONFIG-OPTION... : what pkg-config says is enough.
build_user() {
	local flags

	flags=$(PKG_CONFIG_PATH=$root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
		pkg-config --cflags --libs "$@" libbqdisc) || fail "pkg-config"
	# shellcheck disable=SC2086 # many words
	cc -Wall -Werror -Wstrict-prototypes -o "$work/user" "$work/user.c" $flags >"$work/cc" 2>&1 ||
		fail "cc $flags: $(cat "$work/cc")"
}

test_builds_with_the_shared_library() {
	install_it install
	write_program
	build_user
	is "$(LD_LIBRARY_PATH=$root/usr/lib "$work/user")" "$(table '.[].qdisc')" "its output"
	objdump -p "$work/user" | grep -q 'NEEDED *libbqdisc\.so\.0$' || fail "not by the soname"
}

test_builds_with_the_static_library() {
	install_it install
	rm "$root/usr/lib/libbqdisc.so"
	write_program
	build_user --static
	is "$("$work/user")" "$(table '.[].qdisc')" "its output"
}

# The header compiles alone, as C and as C++ would read it.
test_exports_what_the_header_declares() {
	install_it install
	is "$(nm -D --defined-only "$root/usr/lib/libbqdisc.so" | awk '$2 == "T" { print $3 }' |
		sed 's/@.*//' | sort)" "$(declared)" "exported by libbqdisc.so"
	is "$(nm -g --defined-only "$root/usr/lib/libbqdisc.a" | awk '$2 == "T" { print $3 }' | sort)" \
		"$(declared)" "exported by libbqdisc.a"
}

declared() {
	grep -v '^[/ ]\*' "$root/usr/include/bqdisc.h" | grep -oE '\bbqdisc_[a-z_]+\(' |
		tr -d '(' | sort -u
}

# --- nothing is said twice, so nothing drifts ---

test_man_pages() {
	local qdisc word

	install_it install
	for qdisc in $(table '.[].qdisc'); do
		mandoc -T ascii "$root/usr/share/man/man8/bqdisc-$qdisc.8" | col -b >"$work/page"
		for word in $(words_of "$qdisc"); do
			grep -qw -- "$word" "$work/page" || fail "bqdisc-$qdisc(8) knows no '$word'"
		done
	done
	mandoc -T ascii "$root/usr/share/man/man8/bqdisc.8" | col -b >"$work/page"
	for word in $("$root/usr/sbin/bqdisc" -j help | jq -r '.commands[].name, .options[].name'); do
		grep -qw -- "$word" "$work/page" || fail "bqdisc(8) knows no '$word'"
	done
}

# Print the words of a qdisc that help and the man pages must contain.
words_of() {
	table ".[] | select(.qdisc == \"$1\") | .kind, .counters[].key,
		(.options[] | if .follows then .metavar elif .words then .words[] else .name end)"
}

test_help() {
	local qdisc word

	install_it install
	for qdisc in $(table '.[].qdisc'); do
		"$root/usr/sbin/bqdisc" help "$qdisc" >"$work/help"
		for word in $(words_of "$qdisc"); do
			grep -qw -- "$word" "$work/help" || fail "help $qdisc knows no '$word'"
		done
	done
}

# COMPLETE is one of the functions below; they print what SHELL offers for a line, a word each.
same_in() { # COMPLETE WORD... ; EXPECTED from stdin
	is "$("$1" bqdisc "${@:2}" | sort -u | tr '\n' ' ')" "$(sort -u | tr '\n' ' ')" \
		"offered for '${*:2}'"
}

in_bash() {
	PATH=$root/usr/sbin:$PATH bash -c '. "$0/usr/share/bash-completion/completions/bqdisc"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_bqdisc
		printf "%s\n" "${COMPREPLY[@]}"' "$root" "$@"
}

# Print the arguments of _describe. The rest of zsh's completion needs a terminal.
in_zsh() {
	# shellcheck disable=SC2016 # zsh's
	PATH=$root/usr/sbin:$PATH zsh -f -c '_describe() { print -rl -- "${(@P)3%%:*}"; }
		_files() { }
		words=("$@") CURRENT=$#
		source "$0/usr/share/zsh/site-functions/_bqdisc"' "$root" "$@"
}

in_fish() {
	HOME=$work PATH=$root/usr/sbin:$PATH XDG_DATA_DIRS=$root/usr/share:/usr/share \
		fish -c "complete -C '$*'" | cut -f 1
}

completes() { # COMPLETE SHELL
	local name

	command -v "$2" >/dev/null || skip "$2"
	install_it install
	"$root/usr/sbin/bqdisc" -j help | jq -r '.commands[].name' | same_in "$1" ''
	table '.[].qdisc' | same_in "$1" attach lo ''
	table '.[].qdisc | select(startswith("pf"))' | same_in "$1" -j attach lo pf
	for name in $(table '.[].qdisc'); do
		table ".[] | select(.qdisc == \"$name\") | (.options[] | select(.follows | not) |
			if .words then .words[] else .name end), .words[].name" |
			same_in "$1" attach lo "$name" ''
	done
	table '.[].presets[].preset' | same_in "$1" attach lo netem preset ''
	printf '%s\n' dscp dst | same_in "$1" attach lo netem match proto tcp ds
	printf '%s\n' always auto never | same_in "$1" --color ''
	printf '%s\n' 10b 10kb 10mb 10gb 10kbit 10mbit 10gbit | same_in "$1" attach lo bfifo limit 10
	printf "%s\n" --for --force | same_in "$1" attach lo pfifo --fo
	echo lo | same_in "$1" attach l
	echo drops_limit | same_in "$1" stats lo drops_l
}

test_completion_bash() { completes in_bash bash; }
test_completion_zsh() { completes in_zsh zsh; }
test_completion_fish() { completes in_fish fish; }

run_tests "$@"
