#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The packages of other distributions, with the tools that Debian has: rpmbuild builds the RPM
# packages, and their files are those of `make install`; makepkg reads the PKGBUILD.
#
# runs: long
# host
# time: 200
. "${0%/*}/../live/lib.sh"

top=$(cd "${0%/*}/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^.define BQDISC_VERSION "\(.*\)"/\1/p' "$top/lib/bqdisc.h")

clean() { :; }

# rpmbuild refuses files that no package has.
test_rpm() {
	command -v rpmbuild >/dev/null || skip rpmbuild
	must "$top/tools/deb" "$work/source" -S
	mkdir -p "$work/SOURCES"
	cp "$work/source/bqdisc_$version.tar.xz" "$work/SOURCES/bqdisc-$version.tar.xz"
	[ ! -x "$top/build/deps/sbin/bpftool" ] || export BPFTOOL=$top/build/deps/sbin/bpftool
	must rpmbuild -bb --nodeps --define "_topdir $work" "$top/contrib/rpm/bqdisc.spec"
	is "$(find "$work/RPMS" -name "*.rpm" -printf "%f\n" | sed "s/-[0-9].*//" | sort | paste -sd " ")" \
		"bqdisc bqdisc-devel bqdisc-libs" "packages"
	is "$(rpm -q --configfiles -p "$work"/RPMS/*/"bqdisc-$version"-*.rpm)" \
		/etc/bqdisc.d/README "its configuration"
}

test_pkgbuild() {
	# shellcheck disable=SC1091,SC2154
	is "$(. "$top/contrib/arch/PKGBUILD" && echo "$pkgver ${backup[*]}")" \
		"$version etc/bqdisc.d/README" "version and configuration"
	command -v makepkg >/dev/null || skip makepkg
	mkdir "$work/arch"
	cp "$top/contrib/arch/PKGBUILD" "$work/arch"
	chmod -R a+rwX "$work"
	cd "$work/arch" || fail "no $work/arch"
	# It refuses to run as root, and without a program PACMAN, which it does not call here. Debian's
	# makepkg comes without pacman.
	PACMAN=true must setpriv --reuid 65534 --regid 65534 --clear-groups makepkg --printsrcinfo
	grep -q "pkgname = bqdisc" /tmp/out || fail "makepkg: $(cat /tmp/out)"
}

run_tests "$@"
