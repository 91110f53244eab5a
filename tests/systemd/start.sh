# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A guest that boots systemd. Sourced, at the top of the tree.
# shellcheck source=tests/clients/packages.sh
. tests/clients/packages.sh

# Paths that each such guest needs.
systemd_paths=(usr/lib/systemd usr/lib/udev usr/bin/systemctl usr/bin/systemd-analyze usr/bin/udevadm)

# run_in_systemd FILE PATH... -- PACKAGE...: run FILE, a test beside this file, as a service of systemd
# in a guest that has the PATHs of the packages.
run_in_systemd() {
	local file=$1 root

	shift
	root=$(packages_root "${systemd_paths[@]}" "$@" systemd udev) || return 1
	tests/vm/run --smp 1 -k "$SERIES" -t 900 -f build/bqdisc -f build/dist:/test/dist \
		-f systemd:/test/systemd-units -f build/tests/packets -f tests/live/lib.sh \
		-f tests/lib/readme.sh -f README.md \
		-f "$(pkg-config --variable=libdir libmicrohttpd)/libmicrohttpd.so.12" \
		-f "$root:/test/root.tar" -f "tests/systemd/$file" tests/systemd/boot.sh \
		"ONLY=${ONLY:-}" "$file"
}
