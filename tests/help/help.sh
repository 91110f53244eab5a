#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Help pages: all texts are in them, in lines of 80 columns. Needs no kernel.
#
# runs: check quick
# host
# time: 5
. "${0%/*}/../live/lib.sh"

PATH=$PWD/build:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clean() { :; }

# pages: print the topics of all help pages, one a line; the overview is an empty line.
pages() {
	echo
	bqdisc -j help | jq -r '.commands[].name'
	bqdisc -j list | jq -r '.[].qdisc'
}

# No line of a help page is longer than a terminal of 80 columns.
test_help_fits_80_columns() {
	local topic

	pages | while read -r topic; do
		bqdisc help ${topic:+"$topic"} >"$work"/page || fail "help $topic failed"
		awk 'length > 80 { print; found = 1 } END { exit found }' "$work"/page >"$work"/long ||
			fail "help $topic: $(cat "$work"/long)"
		[ "$(wc -l <"$work"/page)" -ge 7 ] || fail "help $topic has $(wc -l <"$work"/page) lines"
	done || exit
}

# words_in FILE: print the words of FILE in one line and lower case.
words_in() {
	tr '\n' ' ' <"$1" | tr -s ' ' | tr '[:upper:]' '[:lower:]'
}

# Each help page contains all texts of the tables for it, uncut.
test_help_cuts_nothing() {
	local topic text page

	pages | while read -r topic; do
		bqdisc help ${topic:+"$topic"} >"$work"/page
		page=$(words_in "$work"/page)
		bqdisc -j help ${topic:+"$topic"} | jq -r '
			if .commands then .commands[] | .name, .summary
			elif .qdisc then .summary, .description, (.options[], .words[] |
				.synopsis, .help, .default, .range, .metavar | strings),
				(.counters[] | .key, .help),
				(.presets[] | .preset, .summary, (.parts[] | .words, .source))
			else .summary, .usage, (.text | split("\n\n")[]), .examples[],
				(.options[] | .name, .metavar, .help | strings) end' >"$work"/texts
		[ -s "$work"/texts ] || fail "help $topic: no texts"
		while read -r text; do
			echo "$text" >"$work"/text
			text=$(words_in "$work"/text)
			[[ $page = *"${text% }"* ]] || fail "help $topic lacks: $text"
		done <"$work"/texts
	done || exit
}

run_tests "$@"
