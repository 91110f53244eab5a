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

# packages_root PATH... -- PACKAGE...: print the path of a cached tar archive of the PATHs of a root
# that has the packages and all that they depend on, with the libraries of the programs there. The
# archive is for a guest with systemd; see tests/systemd/boot.sh.
packages_root() {
	local key tar

	key=$(printf '%s\n' "$@" | cat - "${BASH_SOURCE[0]}" | sha256sum | cut -c 1-16)
	tar=$archive_cache/packages-$key.tar
	[ -e "$tar" ] || archive_lock packages packages_pack "$tar" "$@" || return 1
	echo "$tar"
}

packages_pack() {
	local tar=$1 work paths=() architecture

	shift
	[ ! -e "$tar" ] || return 0
	while [ "$1" != -- ]; do
		paths+=("$1")
		shift
	done
	shift
	architecture=$(dpkg --print-architecture)
	archive_arch=$architecture archive_use deb "$packages_suite" && archive_refresh || return 1
	work=$(mktemp -d "$tar.XXXXXX")
	archive_unpack "$work/root" "$@" || return 1
	{
		printf '%s\n' "${paths[@]}"
		packages_libraries "$work/root" "${paths[@]}"
	} | tar -C "$work/root" -cf "$work/tar" -T - || return 1
	mv "$work/tar" "$tar"
	rm -rf "$work"
}

# Print the libraries of the programs below PATHs of ROOT, with the links that lead to them.
packages_libraries() { # ROOT PATH...
	local root=$1 path

	shift
	(cd "$root" && find "$@" -type f -perm /111) | while read -r path; do
		chroot "$root" /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --list "/$path" 2>/dev/null
	done | sed -n 's,.* => /\(lib\|usr/lib\)/\([^ ]*\) .*,usr/lib/\2,p' | sort -u |
		while read -r path; do
			echo "$path"
			[ ! -L "$root/$path" ] || echo "${path%/*}/$(readlink "$root/$path")"
		done
}
