#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The kernel's own example qdiscs, built without the kit: bqdisc attaches them, a TCP connection
# passes, and bqdisc detaches them. verify explains what an older kernel lacks for them.
#
#   tests/byo/kernels.sh [SERIES]    $SERIES by default
#
# Their sources are taken from Debian's package linux-source-SERIES into the cache and compiled
# against that kernel's types; nothing of them is kept here.
#
# runs: long@7.3
# suite: kernels
# host
set -euo pipefail
cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=kernels
# shellcheck source=tools/archive.sh
. tools/archive.sh
series=${1:-$SERIES}
sources=$archive_cache/selftests-$series
progs=tools/testing/selftests/bpf

fetch() {
	local work
	[ ! -d "$sources" ] || return 0
	archive_find || return 1
	archive_use deb trixie-backports forky sid trixie
	archive_refresh
	work=$(mktemp -d "$archive_cache/.selftests-XXXXXX")
	archive_download "$work" "linux-source-$series"
	dpkg -x "$work"/*.deb "$work/root"
	mkdir "$work/new"
	tar -xf "$work"/root/usr/src/linux-source-*.tar.* -C "$work/new" --strip-components=1 \
		--wildcards "*/$progs/progs/bpf_qdisc*" "*/$progs/*.h"
	mv "$work/new" "$sources"
	rm -rf "$work"
}

# The path of the headers differs between releases.
include_options() {
	find "$sources/$progs" -name 'bpf*.h' -printf '-I%h\n' | sort -u
}

build() {
	local name
	mkdir -p "$out"
	"$bpftool" btf dump file "$(tests/vm/kernel --vmlinux "$series")" format c >"$out/vmlinux.h"
	for name in fifo fq; do
		# shellcheck disable=SC2046 # words
		"$clang" -target bpf -mcpu=v3 -O2 -g -D__TARGET_ARCH_x86 -fms-extensions \
			-Wno-microsoft-anon-tag -Wno-missing-declarations -I"$out" $(include_options) \
			-I"/usr/include/$(cc -print-multiarch)" \
			$(PKG_CONFIG_PATH=build/deps/lib/pkgconfig pkg-config --cflags libbpf) \
			-c -o "$out/bpf_qdisc_$name.bpf.o" "$sources/$progs/progs/bpf_qdisc_$name.c"
		"$strip" -g "$out/bpf_qdisc_$name.bpf.o"
	done
}

# explained NAME: verify finds the function that 6.18 lacks, with its line and a remedy.
explained() {
	local file=$out/bpf_qdisc_$1.bpf.o

	build/bqdisc -j verify "$file" --kernel 6.18 >"$out/$1.json" || true
	if jq -e '.ok == false and (.findings | length > 0) and
		([.findings[] | select(.line > 0 and .remedy != null and .status == 4)] | length) ==
		(.findings | length)' "$out/$1.json" >/dev/null; then
		echo "ok kernels/$1_is_explained"
	else
		echo "not ok kernels/$1_is_explained: $(head -c 500 "$out/$1.json")"
		return 1
	fi
}

out=build/tests/kernels-$series
bpftool=build/deps/sbin/bpftool
[ -x $bpftool ] || bpftool=$(command -v bpftool)
clang=$(command -v clang-19 clang-18 clang-17 clang | head -n 1)
strip=$(command -v llvm-strip-19 llvm-strip-18 llvm-strip-17 llvm-strip | head -n 1)
fetch
build
tests/vm/run --smp 1 -k "$series" -t 900 -f build/bqdisc -f build/tests/packets \
	-f build/tests/killat -f tests/live/lib.sh -f "$out/bpf_qdisc_fifo.bpf.o" \
	-f "$out/bpf_qdisc_fq.bpf.o" -f tests/byo/kernels_guest.sh tests/live/guest.sh kernels_guest.sh
explained fifo
explained fq
