#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Run FILEs, test files of this directory, one after the other in the guest: guest.sh
# [NAME=VALUE]... FILE... NAME is set in their environment.
PATH=/test:$PATH
export PATH

failed=0
while [[ $1 = *=* ]]; do
	export "${1?}"
	shift
done
for file in "$@"; do
	bash "${0%/*}/$file" || failed=1
done
exit $failed
