#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The Debian package in a Debian that has nothing but what every Debian has: apt finds all that it
# depends on, the program runs, a program can be built, and removing leaves nothing. As root.
#
# runs: deb
# suite: deb
# host
. "${0%/*}/../live/lib.sh"

top=$(cd "${0%/*}/../.." && pwd)
archive_who=deb
# shellcheck source=tools/archive.sh
. "$top/tools/archive.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

clean() { :; }

make_debian() {
	archive_find || exit 1
	debootstrap --variant=minbase --keyring="$archive_keyring" "$(archive_codename)" "$root" \
		"$archive_uri" >"$work/log" 2>&1 || ! tail "$work/log" >&2 || exit 1
	# Debian's archive is reached as from this machine.
	cp /etc/resolv.conf "$root/etc"
	cp "$top"/build/deb/bqdisc_*.deb "$root/tmp/bqdisc.deb"
}

inside() {
	LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

packages_files() {
	dpkg-deb -c "$root/tmp/bqdisc.deb" | awk '$1 !~ /^d/ { print substr($6, 2) }'
}

test_install_and_remove() {
	must inside apt-get -q -y --no-install-recommends install /tmp/bqdisc.deb
	# shellcheck disable=SC2016 # dpkg-query's
	is "$(inside bqdisc -j version | jq -r .version)" \
		"$(inside dpkg-query -W -f '${Version}' bqdisc)" "version"
	inside ldconfig -p | grep -q 'libbqdisc\.so\.0 ' || fail "ldconfig knows no libbqdisc.so.0"
	is "$(inside ldd /usr/sbin/bqdisc | grep 'not found')" "" "libraries that are missing"
	must inside apt-get -q -y purge bqdisc
	packages_files | while read -r file; do
		[ ! -e "$root$file" ] || echo "$file"
	done >"$work/left"
	is "$(cat "$work/left")" "" "left by purge"
}

make_debian
run_tests "$@"
