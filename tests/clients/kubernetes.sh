#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# contrib/kubernetes: the manifests meet the schema, and the containers work in the guest with the
# image's files, the mounts and the capabilities that the manifest gives them.
#
# runs: long@newest
# suite: kubernetes
# time: 60
# host
set -euo pipefail
cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=kubernetes
# shellcheck source=tests/clients/packages.sh
. tests/clients/packages.sh

root=$archive_cache/kubernetes-22
packages_unpack "$root" ./usr/lib/python3 -- \
	python3-kubernetes python3-yaml python3-six python3-urllib3 python3-dateutil
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

manifest() { # FILE
	PYTHONPATH=$root/usr/lib/python3/dist-packages python3 tests/clients/manifest.py "$1"
}

judge() { # NAME STATUS
	[ "$2" = 0 ] && echo "ok kubernetes/$1" || echo "not ok kubernetes/$1"
}

status=0
manifest contrib/kubernetes/bqdisc.yaml >"$work/manifest.json" || status=1
judge schema "$status"
# A word that the schema lacks, and one that it requires.
for change in s/hostNetwork:/hostNetworks:/ /selector:/,+1d; do
	sed "$change" contrib/kubernetes/bqdisc.yaml >"$work/wrong.yaml"
	status=0
	! manifest "$work/wrong.yaml" >/dev/null 2>&1 || status=1
	judge "schema_refuses_${change//[^a-z]/}" "$status"
done
contrib/kubernetes/rootfs "$work/rootfs"
tests/vm/run --smp 1 -k "${1:-$SERIES}" -t 600 -f build/bqdisc -f tests/live/lib.sh \
	-f "$work/manifest.json" -f "$work/rootfs:/test/rootfs" -f "$(command -v setpriv)" \
	-f tests/clients/kubernetes_guest.sh \
	tests/live/guest.sh "ONLY=${ONLY:-}" kubernetes_guest.sh
