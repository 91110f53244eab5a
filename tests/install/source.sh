#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The source package in a root of the Debian release $SERIES: it builds there, lintian of that release
# has nothing to say, the packages install, and their autopkgtest passes. As root.
#
# runs: long@bookworm,trixie,sid limit=7200
# suite: source
# host
# time: 900
. "${0%/*}/../live/lib.sh"

cd "${0%/*}/../.." || exit
archive_who=source
# shellcheck source=tools/archive.sh
. tools/archive.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

clean() { :; }

make_debian() {
	archive_find && tools/deb "$work/source" -S >"$work/log" 2>&1 &&
		debootstrap --variant=minbase --keyring="$archive_keyring" "$SERIES" "$root" \
			"$archive_uri" >>"$work/log" 2>&1 || ! tail "$work/log" >&2 || exit 1
	# bpftool of Debian 12 is too old.
	if [ "$SERIES" = bookworm ]; then
		echo "deb $archive_uri bookworm-backports main" >>"$root/etc/apt/sources.list"
		printf '%s\n' 'Package: bpftool' 'Pin: release n=bookworm-backports' \
			'Pin-Priority: 500' >"$root/etc/apt/preferences.d/bpftool"
	fi
	# The lists of sid expire after a week, and a mirror may be older.
	echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90-old"
	cp /etc/resolv.conf "$root/etc"
	mkdir "$root/build"
	cp "$work"/source/*.dsc "$work"/source/*.tar.* "$root/build"
}

# A namespace of its own for /proc, so that nothing is left mounted.
# shellcheck disable=SC2016 # sh expands it
inside() { # COMMAND for the root's shell, in /build
	LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
		unshare --mount --pid --fork sh -c 'mount -t proc proc "$0/proc" &&
		exec chroot "$0" sh -c "cd /build && $1"' "$root" "$1"
}

# In the order of their names: the packages that the first has built are for the others.
test_1_build() {
	must inside 'apt-get -q update && apt-get -q -y --no-install-recommends install build-essential'
	must inside 'dpkg-source -x *.dsc bqdisc && apt-get -q -y --no-install-recommends build-dep ./bqdisc'
	must inside 'cd bqdisc && dpkg-buildpackage -us -uc -jauto -b'
}

test_2_lintian() {
	must inside 'apt-get -q -y --no-install-recommends install lintian'
	is "$(inside 'lintian --allow-root *.changes' 2>&1)" "" "lintian"
}

test_3_install() {
	must inside 'apt-get -q -y --no-install-recommends install ./*.deb'
	# shellcheck disable=SC2016 # dpkg-query does
	is "$(inside 'bqdisc -j version' | jq -r .version)" \
		"$(inside 'dpkg-query -W -f \${Version} bqdisc')" "version"
	is "$(inside 'ldd /usr/sbin/bqdisc' | grep 'not found')" "" "libraries that are missing"
	must inside 'apt-get -q -y --no-install-recommends install iproute2'
	inside 'tc qdisc add dev lo root bq_pfifo limit x' 2>"$work/err"
	grep -q "limit: 'x' is not a number" "$work/err" || fail "tc: $(cat "$work/err")"
}

# The virtual machine of the test runs in the root, with the kernels that this machine has fetched,
# and takes one of the places that guests have here.
test_4_autopkgtest() {
	command -v autopkgtest >/dev/null || skip autopkgtest
	mkdir -p "$root/root/.cache/bqdisc"
	# shellcheck disable=SC2016 # the inner shell
	unshare --mount sh -c 'mount -t proc proc "$0/proc" && mount -t devtmpfs dev "$0/dev" &&
		mount --bind "$1" "$0/root/.cache/bqdisc" &&
		exec autopkgtest "$0"/build/*.deb "$0"/build/*.dsc -- chroot "$0"' "$root" "$archive_cache" \
		>"$work/log" 2>&1 || fail "$(tail -n 40 "$work/log")"
}

make_debian
run_tests "$@"
