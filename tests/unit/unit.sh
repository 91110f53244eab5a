#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The unit tests, which need no kernel and no privileges.
#
# runs: check quick
# time: 15
# host
exec "${0%/*}/../../build/tests/unit-tests"
