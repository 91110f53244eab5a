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
# shellcheck source=tests/systemd/start.sh
. tests/systemd/start.sh

run_in_systemd units_guest.sh --
