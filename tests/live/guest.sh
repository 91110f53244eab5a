#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs in the guest: guest.sh FILE..., test files of this directory, one after the other.
PATH=/test:$PATH
export PATH

failed=0
for file in "$@"; do
	bash "${0%/*}/$file" || failed=1
done
exit $failed
