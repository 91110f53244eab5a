#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Debian's Prometheus in a guest scrapes bqdisc there, and answers for a known transfer and for each
# query of the dashboard. prometheus_guest.sh has the tests. Fetches the package once.
#
# runs: long@newest
# host
# time: 240
set -euo pipefail

cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=prometheus
# shellcheck source=tools/archive.sh
. tools/archive.sh
programs=$archive_cache/prometheus

fetch() {
	local work
	[ ! -x "$programs/promtool" ] || return 0
	work=$(mktemp -d "$archive_cache/prometheus.XXXXXX")
	archive_use deb "$(archive_codename)"
	archive_refresh
	archive_say "fetching prometheus"
	archive_download "$work" prometheus
	dpkg -x "$work"/prometheus_*.deb "$work/root"
	rm -rf "$programs"
	mv "$work/root/usr/bin" "$programs"
	rm -rf "$work"
}

mkdir -p "$archive_cache"
archive_lock prometheus fetch
exec tests/vm/run --smp 1 --memory 2048 -k "${SERIES:-newest}" -t 1200 \
	-f build/bqdisc -f build/tests/packets -f tests/live/lib.sh -f contrib/grafana/bqdisc.json \
	-f "$(pkg-config --variable=libdir libmicrohttpd)/libmicrohttpd.so.12" \
	-f "$programs/prometheus" -f "$programs/promtool" tests/metrics/prometheus_guest.sh ${ONLY:+"ONLY=$ONLY"}
