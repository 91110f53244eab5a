#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The calls of functions that an attach makes stay few, also with user objects loaded: each call is
# one that a reader of the code has to follow.
#
# runs: long
# host
# time: 60
set -euo pipefail
cd "${0%/*}/../.."
mkdir -p build/callcount
tools/callcount >build/callcount/report
awk '
	$1 == "2-attach" { attach = $2; kinds = $4; undo = $7 }
	$1 == "7-attach-with-3-user-objects" { objects = $2 }
	function judge(name, good, why) {
		print good ? "ok calls/" name : "not ok calls/" name ": " why
	}
	END {
		judge("attach", attach && attach <= 900, attach " calls, at most 900")
		judge("openings", kinds == 2 && undo == 1, kinds " kinds of 2, undo " undo " times")
		judge("user_objects", objects && objects <= attach * 1.3, objects " calls, without " attach)
	}' build/callcount/report
