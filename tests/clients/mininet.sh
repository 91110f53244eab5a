#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# mininet's TCLink with delay, jitter, loss and max_queue_size, on the in-tree netem and on that of
# bqdisc under its name. Debian's mininet runs in the guest, with two hosts and no switch.
#
# runs: long@newest
# suite: mininet
# time: 120
# host
set -euo pipefail
cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=mininet
# shellcheck source=tests/clients/packages.sh
. tests/clients/packages.sh

root=$archive_cache/mininet-2.3
packages_unpack "$root" ./usr/bin ./sbin ./usr/lib -- \
	mininet net-tools python3.11-minimal libpython3.11-minimal libpython3.11-stdlib \
	python3-pkg-resources python3-distutils
# Without IPv6 the hosts send nothing by themselves that would be counted among the frames.
exec tests/vm/run --smp 1 --append ipv6.disable_ipv6=1 -k "${1:-$SERIES}" -t 900 -f build/bqdisc -f build/tests/packets \
	-f build/tests/frames -f tests/live/lib.sh -f tests/lib/observe.sh -f tests/lib/clients.jq \
	-f tests/clients/tclink.py -f "$root:/test/debian" -f tests/clients/mininet_guest.sh \
	tests/live/guest.sh "ONLY=${ONLY:-}" mininet_guest.sh
