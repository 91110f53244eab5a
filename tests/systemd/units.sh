#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The units of bqdisc, run by Debian's systemd in the guest.
#
# runs: long@newest kernels@7.3
# suite: units
# time: 90
# host
set -euo pipefail
cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=units
# shellcheck source=tests/clients/packages.sh
. tests/clients/packages.sh

root=$archive_cache/systemd-252
packages_unpack "$root" ./lib ./usr/lib/x86_64-linux-gnu ./usr/lib/systemd ./bin ./usr/bin -- \
	systemd udev libsystemd-shared libsystemd0 libudev1 libip4tc2 libkmod2 libseccomp2 libmount1 \
	libblkid1 libcap2 libcap-ng0 libssl3 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1 \
	libacl1 libcrypt1 libselinux1 libpam0g libaudit1 libapparmor1 libfdisk1
# A directory would lose its links on the way into the guest, where /lib and /bin are links to those
# below /usr.
[ -e "$root.tar" ] || {
	tar -C "$root" --transform 's,^\./\(lib\|bin\)/,./usr/\1/,' -cf "$root.tar.$$" .
	mv "$root.tar.$$" "$root.tar"
}
exec tests/vm/run --smp 1 -k "${1:-$SERIES}" -t 600 -f build/bqdisc -f build/dist:/test/dist \
	-f systemd:/test/systemd-units -f build/tests/packets -f tests/live/lib.sh \
	-f "$(pkg-config --variable=libdir libmicrohttpd)/libmicrohttpd.so.12" \
	-f "$root.tar:/test/root.tar" -f tests/systemd/units_guest.sh tests/systemd/boot.sh \
	"ONLY=${ONLY:-}" units_guest.sh
