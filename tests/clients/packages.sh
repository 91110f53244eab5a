# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Programs of Debian packages that this machine need not have, for a guest. Sourced.
# shellcheck source=tools/archive.sh
. tools/archive.sh

packages_suite=bookworm

# packages_unpack DIR PATH... -- PACKAGE...: make the cached DIR of what the packages have at PATHs.
packages_unpack() {
	[ -d "$1" ] || archive_lock packages packages_make "$@"
}

packages_make() {
	local dir=$1 work paths=()

	shift
	[ ! -d "$dir" ] || return 0
	while [ "$1" != -- ]; do
		paths+=("$1")
		shift
	done
	shift
	archive_use deb "$packages_suite" && archive_refresh || return 1
	work=$(mktemp -d "$dir.XXXXXX")
	archive_download "$work" "$@" || return 1
	for deb in "$work"/*.deb; do
		dpkg -x "$deb" "$work/all" || return 1
	done
	mkdir "$work/some"
	(cd "$work/all" && cp -a --parents "${paths[@]}" "$work/some") || return 1
	# The guest gets the libraries of executable files.
	find "$work/some" -name '*.so*' -type f -exec chmod 755 {} +
	mv "$work/some" "$dir"
	rm -rf "$work"
}
