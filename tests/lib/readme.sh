# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Blocks of commands and files in chapters of the README, for tests that run them unchanged.
#
# needs: ./README.md

# readme_block CHAPTER N [LANGUAGE]: print block N in that LANGUAGE (sh) of the chapter.
readme_block() {
	awk -v chapter="## $1" -v want="$2" -v fence="\`\`\`${3:-sh}" '
		/^## / { inside = $0 == chapter }
		inside && /^```$/ { printing = 0 }
		printing
		inside && $0 == fence { printing = ++n == want }' /test/README.md
}

# run_readme_block CHAPTER N: run it. The output is in /tmp/out.
run_readme_block() {
	readme_block "$@" >/tmp/block
	[ -s /tmp/block ] || fail "the README has no block $2 in '$1'"
	bash -eu /tmp/block >/tmp/out 2>&1 || fail "block $2 of '$1': $(cat /tmp/out)"
}
