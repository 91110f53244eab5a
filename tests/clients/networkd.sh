#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# systemd-networkd configures [NetworkEmulator] and [FairQueueing], on the in-tree qdiscs and on
# those of bqdisc. Debian's networkd runs alone in the guest.
#
# runs: long@newest
# suite: networkd
# time: 120
# host
set -euo pipefail
cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=networkd
# shellcheck source=tests/clients/packages.sh
. tests/clients/packages.sh

root=$archive_cache/networkd-252
packages_unpack "$root" ./lib/systemd/systemd-networkd ./lib/x86_64-linux-gnu \
	./usr/lib/x86_64-linux-gnu -- \
	systemd libsystemd-shared libip4tc2 libkmod2 libseccomp2 libmount1 libblkid1 libcap2 libssl3 \
	libgcrypt20 libgpg-error0 liblz4-1 libacl1 libcrypt1
exec tests/vm/run --smp 1 -k "${1:-$SERIES}" -t 900 -f build/bqdisc -f build/tests/packets \
	-f build/tests/frames -f tests/live/lib.sh -f tests/lib/observe.sh -f tests/lib/clients.jq \
	-f "$root:/test/networkd" -f tests/clients/networkd_guest.sh tests/live/guest.sh \
	"ONLY=${ONLY:-}" networkd_guest.sh
