#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The Debian packages in a Debian that has nothing but what every Debian has: apt finds all that they
# depend on, the program runs, units are enabled, an upgrade keeps what the user changed, and purging
# leaves nothing else. As root.
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
debs=$top/build/deb

# Remove what a failed test left.
clean() {
	inside apt-get -q -y purge '?name(bqdisc)' >/dev/null 2>&1
	rm -rf "$root/etc/bqdisc.d"
}

make_debian() {
	archive_find || exit 1
	debootstrap --variant=minbase --keyring="$archive_keyring" "$(archive_codename)" "$root" \
		"$archive_uri" >"$work/log" 2>&1 || ! tail "$work/log" >&2 || exit 1
	# Debian's archive is reached as from this machine.
	cp /etc/resolv.conf "$root/etc"
	cp "$debs"/*.deb "$root/tmp"
}

inside() {
	LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

# install_debs FILE-PATTERN... : of /tmp in the root
install_debs() {
	# shellcheck disable=SC2016 # the root's shell
	must inside sh -c 'cd /tmp && apt-get -q -y --no-install-recommends \
		-o Dpkg::Options::=--force-confold install $(printf "./%s " $*)' sh "$@"
}

files_of_packages() {
	for deb in "$debs"/*.deb; do
		dpkg-deb -c "$deb"
	done | awk '$1 !~ /^d/ { print substr($6, 2) }' | sort -u
}

test_lintian() {
	is "$(lintian --allow-root "$debs"/*.changes 2>&1)" "" "lintian"
}

# The package has the version of the program.
test_install_and_purge() {
	install_debs '*.deb'
	# shellcheck disable=SC2016 # dpkg-query does
	is "$(inside bqdisc -j version | jq -r .version)" \
		"$(inside dpkg-query -W -f '${Version}' bqdisc)" "version"
	inside ldconfig -p | grep -q 'libbqdisc\.so\.0 ' || fail "ldconfig knows no libbqdisc.so.0"
	is "$(inside ldd /usr/sbin/bqdisc | grep 'not found')" "" "libraries that are missing"
	must inside apt-get -q -y purge '?name(bqdisc)'
	files_of_packages | while read -r file; do
		[ ! -e "$root$file" ] || echo "$file"
	done >"$work/left"
	is "$(cat "$work/left")" "" "left by purge"
	is "$(find "$root/etc" "$root/var/lib/systemd" -name '*bqdisc*')" "" "left in /etc and /var"
}

enabled_units() {
	(cd "$root/etc/systemd/system" && find . -name '*bqdisc*' | sort)
}

# bqdisc.service does nothing until there is a file. The user starts the others.
test_units() {
	install_debs 'bqdisc_*.deb'
	is "$(enabled_units)" ./multi-user.target.wants/bqdisc.service "enabled"
	# As systemctl does it, which is in no minimal Debian.
	rm "$root/etc/systemd/system/multi-user.target.wants/bqdisc.service"
	mkdir -p "$root/etc/systemd/system/timers.target.wants"
	ln -s /lib/systemd/system/bqdisc-sweep.timer "$root/etc/systemd/system/timers.target.wants"
	next_version bqdisc
	install_debs 'next/*.deb'
	is "$(enabled_units)" ./timers.target.wants/bqdisc-sweep.timer "enabled after the upgrade"
}

# next_version PACKAGE: make tmp/next/PACKAGE.deb, with another conffile.
next_version() {
	local tree=$work/next

	rm -rf "$tree" "$root/tmp/next"
	mkdir "$root/tmp/next"
	must dpkg-deb -R "$debs/$1"_*.deb "$tree"
	sed -i 's/^Version: .*/&+next/' "$tree/DEBIAN/control"
	echo "Of the next version." >>"$tree/etc/bqdisc.d/README"
	must dpkg-deb --root-owner-group -b "$tree" "$root/tmp/next/$1.deb"
}

test_upgrade_keeps_edited_conffile() {
	install_debs 'bqdisc_*.deb'
	echo 'Mine.' >>"$root/etc/bqdisc.d/README"
	echo 'eth* fq' >"$root/etc/bqdisc.d/10-mine.conf"
	next_version bqdisc
	install_debs 'next/*.deb'
	is "$(tail -n 1 "$root/etc/bqdisc.d/README")" "Mine." "the conffile that was edited"
	is "$(tail -n 1 "$root/etc/bqdisc.d/README.dpkg-dist")" "Of the next version." "the new one"
	must inside apt-get -q -y purge bqdisc
	is "$(ls "$root/etc/bqdisc.d")" 10-mine.conf "left by purge"
}

test_upgrade_replaces_plain_conffile() {
	install_debs 'bqdisc_*.deb'
	next_version bqdisc
	install_debs 'next/*.deb'
	is "$(tail -n 1 "$root/etc/bqdisc.d/README")" "Of the next version." "the conffile"
}

# iproute2 finds the plugins: tc parses the options before it asks the kernel.
test_tc() {
	install_debs 'bqdisc_*.deb'
	must inside apt-get -q -y --no-install-recommends install iproute2
	inside tc qdisc add dev lo root bq_pfifo limit x 2>"$work/err"
	grep -q "limit: 'x' is not a number" "$work/err" || fail "tc: $(cat "$work/err")"
}

# A program builds with what libbqdisc-dev has and needs, with the shared library and the static one.
test_dev() {
	install_debs 'libbqdisc*.deb'
	must inside apt-get -q -y --no-install-recommends install gcc libc6-dev pkg-config
	printf '%s\n' '#include <bqdisc.h>' 'int main(void) { return !bqdisc__open(NULL); }' \
		>"$root/tmp/user.c"
	build_user --libs
	is "$(inside ldd /tmp/user | grep -c libbqdisc)" 1 "the shared library"
	rm "$root"/usr/lib/*/libbqdisc.so
	build_user --libs --static
	is "$(inside ldd /tmp/user | grep -c libbqdisc)" 0 "the static library"
}

build_user() { # PKG-CONFIG-OPTION...
	# shellcheck disable=SC2016 # the root's shell
	must inside sh -c 'cd /tmp && gcc -Wall -Werror -o user user.c $(pkg-config --cflags "$@" libbqdisc) &&
		./user' sh "$@"
}

make_debian
run_tests "$@"
