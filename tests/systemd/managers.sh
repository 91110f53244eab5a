#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# systemd-networkd and NetworkManager beside bqdisc's units: when they replace its qdiscs, and how a
# line with --enforce brings them back. Debian's packages, in a guest that boots systemd.
#
# runs: long@newest
# suite: managers
# time: 120
# host
set -euo pipefail
cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=managers
# shellcheck source=tests/systemd/start.sh
. tests/systemd/start.sh

run_in_systemd managers_guest.sh usr/bin/networkctl usr/bin/dbus-daemon usr/share/dbus-1 \
	usr/sbin/NetworkManager usr/bin/nmcli usr/lib/NetworkManager \
	usr/lib/x86_64-linux-gnu/NetworkManager -- network-manager dbus
