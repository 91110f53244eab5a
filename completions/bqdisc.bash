# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Completion of bqdisc for bash. It asks the program for every word (and needs jq): what belongs at
# a place it reads from the synopsis of the command.

# From `bqdisc -j help`, the words before the cursor and the one at it: the flags that may stand
# there, or what the synopsis calls the word, as "OPTION pfifo".
# shellcheck disable=SC2016
_bqdisc_place='
def flags($command):
	if $command then
		.commands[] | select(.name == $command).synopsis |
		scan("\\[(--[a-z-]+)(?: ([A-Z]+))?\\]")
	else
		.options[] | [.letter // empty, .metavar], [.name, .metavar]
	end;
def words($command): # of "DEV QDISC [OPTION VALUE]...": the last two repeat
	.commands[] | select(.name == $command).synopsis | gsub("\\[--[^]]*\\]"; "") |
	test("[.]{3}") as $more | [scan("[A-Z|]+")] |
	. as $words | if $more then . + [range(50) | $words[-2:][]] else . end;
. as $help | $ARGS.positional[-1] as $cur |
reduce $ARGS.positional[:-1][] as $word ({typed: []};
	if .takes then .takes = null
	elif $word | startswith("-") then
		.typed[0] as $command |
		.takes = ([$help | flags($command) | select(.[0] == $word)[1]] | first)
	else .typed += [$word] end) |
.typed as $typed |
($help | [words($typed[0])] | flatten | index("QDISC")) as $qdisc |
if .takes then .takes
elif $cur | startswith("-") then $help | flags($typed[0])[0]
elif $typed == [] then "COMMAND"
else $help | words($typed[0])[($typed | length) - 1] // empty | split("|")[] end |
"\(.) \(if $qdisc then $typed[$qdisc + 1] else "" end)"'

_bqdisc_words() { # BQDISC WHAT QDISC
	case $2 in
	-*) printf '%s\n' "$2" ;;
	DEV) ip -j link | jq -r '.[].ifname' ;;
	NETNS) ip -j netns | jq -r '.[].name' ;;
	COMMAND) "$1" -j help | jq -r '.commands[].name' ;;
	QDISC) "$1" -j list | jq -r '.[].qdisc' ;;
	OPTION) "$1" -j list | jq -r --arg q "$3" \
		'[.[] | select($q == "" or .qdisc == $q).options[].name] | unique[]' ;;
	COUNTER) "$1" -j list | jq -r '[.[].counters[].key] | unique[]' ;;
	esac
}

_bqdisc() {
	local bqdisc=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} words what qdisc
	words=$("$bqdisc" -j help |
		jq -r "$_bqdisc_place" --args -- "${COMP_WORDS[@]:1:COMP_CWORD}" |
		while read -r what qdisc; do _bqdisc_words "$bqdisc" "$what" "$qdisc"; done)
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
} 2>/dev/null

complete -F _bqdisc bqdisc
