# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Shared by tests with named cases, each with one verdict. `failed` is the exit status.
# shellcheck disable=SC2034 # failed is read by the test
failed=0

# wanted NAME: check if a case is selected. CASES are names or patterns, with commas or blanks
# between them. ONLY, from the command line, overrides it. Without either, every case is selected.
wanted() {
	local pattern patterns list=${ONLY:-${CASES:-}}

	[ -n "$list" ] || return 0
	read -ra patterns <<<"${list//,/ }"
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# verdict ok|"not ok" NAME TEXT
verdict() {
	echo "$1 $2${3:+ $3}"
	[ "$1" = ok ] || failed=1
}

# fault TEXT: make the next judge() fail. Also works in a command substitution, unlike a variable.
fault() {
	echo "$*" >>/tmp/faults
}

# judge NAME VALUE MOST TEXT: succeed if VALUE is at most MOST and fault() was not called.
judge() {
	if [ -s /tmp/faults ]; then
		verdict "not ok" "$1:" "$(tr '\n' ';' </tmp/faults) $4"
	elif [ "$2" -le "$3" ]; then
		verdict ok "$1" "$4"
	else
		verdict "not ok" "$1:" "$2 is more than $3: $4"
	fi
	rm -f /tmp/faults
}
