# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Completion of bqdisc for bash: the program itself knows what may come next.

_bqdisc() {
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" |
		cut -f 1)
	# Without a completion from bqdisc's tables, complete file names.
	[ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default
} 2>/dev/null

complete -F _bqdisc bqdisc
