#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The collection of contrib/ansible, with Debian's ansible-core in the guest: hosts are network
# namespaces.
#
# runs: long@newest
# suite: ansible
# time: 300
# host
set -euo pipefail
cd "${0%/*}/../.."
# shellcheck disable=SC2034 # read by archive.sh
archive_who=ansible
# shellcheck source=tests/clients/packages.sh
. tests/clients/packages.sh

root=$archive_cache/ansible-2.14
packages_unpack "$root" ./usr/bin ./usr/lib -- \
	ansible-core python3-jinja2 python3-markupsafe python3-yaml libyaml-0-2 python3-packaging \
	python3-cryptography python3-cffi-backend python3-resolvelib python3-pkg-resources \
	python3-distutils python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libc-bin \
	libssl3
exec tests/vm/run --smp 1 --memory 2048 -k "${1:-$SERIES}" -t 1500 -f build/bqdisc \
	-f tests/live/lib.sh -f contrib/ansible:/test/ansible -f "$root:/test/debian" \
	-f tests/clients/ansible_guest.sh tests/live/guest.sh "ONLY=${ONLY:-}" ansible_guest.sh
