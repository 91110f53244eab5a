# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Command lines of programs that configure links, from clients.txt: on the in-tree qdiscs, and on
# those of bqdisc under their names, on a kernel without the in-tree ones. The exit status of each
# line, the options in the end, and what the qdiscs do to packets are the same.
#
# CASES=REGEX: only these of clients.txt.
#
# runs: check kernels@6.18
# needs: newqdisc clients.txt
# time: 120
. "${0%/*}/lib.sh"
# shellcheck source=tests/lib/observe.sh
. "${0%/*}/observe.sh"

kind_stays fq netem

routes=() titles=() scripts=()
read_cases() {
	local line n=-1

	while IFS= read -r line; do
		case $line in
		'['*)
			line=${line#[}
			n=$((n + 1))
			routes[n]=${line%%] *} titles[n]=${line#*] }
			;;
		'' | '#'*) ;;
		*) scripts[n]+=${line//@/ve0}$'\n' ;;
		esac
	done </test/clients.txt
}

cases() {
	local n

	for n in "${!titles[@]}"; do
		! [[ ${titles[n]} =~ ${CASES:-.} ]] || echo "$n"
	done
}

# run N [COMMAND]: run the lines up to one that may not fail and does, tc as COMMAND tc. Set
# status to the last exit status, and statuses to all; what they print is in /tmp/said.
run() {
	local line

	statuses=''
	: >/tmp/said
	while read -r line; do
		status=0
		[[ $line != *"tc "* || -z ${2:-} ]] || line=${line/tc /$2 tc }
		${line#- } >>/tmp/said 2>&1 || status=$?
		statuses+="$status "
		[[ $line != -* ]] || status=0
		[ "$status" = 0 ] || break
	done <<<"${scripts[$1]%$'\n'}"
}

bare() {
	tc qdisc del dev ve0 root 2>/dev/null
}

record_in_tree() {
	local n

	: >/tmp/in_tree
	for n in $(cases); do
		run "$n"
		[ "$status" = 0 ] || fail "${titles[n]}: $(cat /tmp/said)"
		observed "${titles[n]}" "${routes[n]}" "$statuses" tc >>/tmp/in_tree
		bare
	done
}

# refused N REGEX: the unchanged tc fails with that reason of the kernel.
refused() {
	run "$1"
	[ "$status" != 0 ] || fail "${titles[$1]}: tc does it now; use the route tc"
	grep -Eq "$2" /tmp/said || fail "${titles[$1]}: tc said $(cat /tmp/said)"
	bare
}

observe_ours() { # N
	case ${routes[$1]} in
	tc)
		run "$1"
		[[ ! ${scripts[$1]} =~ duplicate|corrupt ]] || must bqdisc adopt ve0
		;;
	bqdisc-tc)
		refused "$1" 'Change operation not supported'
		run "$1" bqdisc
		;;
	from-tc)
		refused "$1" 'BPF qdisc only supported on root or mq|Parent Qdisc does not exist'
		grep -Ev '^- tc' <<<"${scripts[$1]}" | bqdisc attach --from-tc - >/tmp/said 2>&1 || {
			echo "${titles[$1]}: $(cat /tmp/said)" >>"$failure"
			return
		}
		;;
	esac
	observed "${titles[$1]}" "${routes[$1]}" "$statuses" bqdisc tc
	[ "${routes[$1]}" = tc ] || bqdisc detach ve0 >/dev/null
	bare
}

test_in_tree() {
	read_cases
	observed_pair
	record_in_tree
}

test_ours() {
	local n

	read_cases
	observed_pair
	[ -s /tmp/in_tree ] || record_in_tree
	lacks netem fq
	must bqdisc load --all-missing
	for n in $(cases); do
		observe_ours "$n"
	done >/tmp/ours
	compare /tmp/in_tree /tmp/ours
	echo "# $(wc -l </tmp/ours) cases, $(printf '%s' "${scripts[@]}" | wc -l) lines" >&2
}

run_tests "$@"
