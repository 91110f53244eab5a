# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Measures in the guest of `make bench`: guest.sh PART [ARG]...  Needs --icount, where one virtual
# nanosecond is one instruction. Prints a line of JSON for each value:
#
#   {"name":"packet","unit":"instructions","value":2734,"parameters":{"qdisc":"pfifo","flows":1}}
#
# and "skip TEXT" for what cannot be measured. Each case runs twice and the second run counts: the
# first allocates memory.
#
# PARTS:
#   flows QDISC FLOWS...       an empty queue: packets pass at once
#   waiting QDISC PACKETS...   packets arrive while as many wait, and then all leave
#   paced QDISC FLOWS...       each packet has a time to leave of its own
#   watched QDISC              one flow into an empty queue, while all commands that watch do so
#   start                      the first attach of a boot, of each qdisc
#   commands N...              commands on one device and on all, with N instances
#   memory                     of the first and of a further instance
#
# QDISC is a name from the table below, "all" of them, noqueue, or floor, the smallest BPF qdisc.
# shellcheck source=tests/lib/pktgen.sh
. "${0%/*}/pktgen.sh"

# The qdiscs. To measure another one, add a line; both sides take the same options.
#   NAME | options | how packets are made to wait | options then | options to pace packets
# Packets wait because the device stops (stop), have a time stamp (stamp) or a delay (delay).
QDISCS='
	pfifo | limit 1000 | stop | limit 400000 |
	bfifo | limit 1000000 | stop | limit 400000000 |
	fq | orphan_mask 1048575 | stamp | orphan_mask 1048575 limit 400000 flow_limit 400000 | orphan_mask 1048575 limit 400000 flow_limit 1000 buckets 4096
	fq_codel | limit 10240 | stop | limit 400000 memory_limit 2147483648 target 1000s interval 1000s |
	netem | limit 1000 | delay | limit 400000 delay | limit 400000 delay 1us
	tbf | rate 40gbit burst 1mb limit 100mb | stop | rate 40gbit burst 1mb limit 400000000 |
	hfq | bandwidth 40gbit class voice rate 5gbit match dscp 46 class web weight 3 ceil 30gbit match dport 443 class rest prio 1 | stop | limit 400000 target 1000s interval 1000s class voice match dscp 46 class web match dport 443 class rest |
'
# Qdiscs that cannot be attached without options: their commands and memory are not measured.
INCOMPLETE='tbf|hfq'
SIDES='in-tree bqdisc'

# describe QDISC: set options, hold, waiting_options, paced_options.
describe() {
	IFS='|' read -r _ options hold waiting_options paced_options <<<"$(grep -E "^\s*$1 " <<<"$QDISCS")"
	hold=${hold// /}
}

names() { awk -F'|' 'NF > 1 { gsub(/[ \t]/, "", $1); print $1 }' <<<"$QDISCS"; }
complete_names() { names | grep -vxE "$INCOMPLETE"; }

# value NAME UNIT VALUE KEY=VALUE...
value() {
	local pair text=''

	[ ! -s /tmp/faults ] || {
		echo "skip $1 ${*:4}: $(tr '\n' ';' </tmp/faults)"
		rm -f /tmp/faults
		return
	}
	for pair in "${@:4}"; do
		[[ $pair =~ =[0-9]+$ ]] || pair=${pair%%=*}=\"${pair#*=}\"
		text+="${text:+,}\"${pair%%=*}\":${pair#*=}"
	done
	printf '{"name":"%s","unit":"%s","value":%s,"parameters":{%s}}\n' "$1" "$2" "$3" "$text"
}

# htb_tree: the in-tree side of hfq: htb with three classes, fq_codel leaves and two u32 filters.
htb_tree() {
	local class

	tc qdisc replace dev du0 root handle 1: htb default 30 || return
	tc class add dev du0 parent 1: classid 1:1 htb rate 40gbit quantum 60000
	tc class add dev du0 parent 1:1 classid 1:10 htb rate 5gbit ceil 40gbit prio 0 quantum 60000
	tc class add dev du0 parent 1:1 classid 1:20 htb rate 5gbit ceil 30gbit prio 0 quantum 60000
	tc class add dev du0 parent 1:1 classid 1:30 htb rate 5gbit ceil 40gbit prio 1 quantum 60000
	for class in 10 20 30; do
		tc qdisc add dev du0 parent 1:$class fq_codel limit 400000 memory_limit 2147483648 || return
	done
	tc filter add dev du0 parent 1: protocol ip prio 1 u32 match ip dsfield 0xb8 0xfc flowid 1:10
	tc filter add dev du0 parent 1: protocol ip prio 2 u32 match ip dport 443 0xffff flowid 1:20
}

# attach SIDE QDISC [OPTION]...: make it the root of du0.
attach() {
	no_qdisc du0
	case $1-$2 in
	*-noqueue) ;;
	*-floor) bqdisc attach du0 ./floor.bpf.o --force >/dev/null || fault "no $2" ;;
	in-tree-hfq) htb_tree || fault "no htb" ;;
	bqdisc-*) bqdisc attach du0 "${@:2}" --force >/dev/null || fault "bqdisc refused ${*:2}" ;;
	*) tc qdisc replace dev du0 root "${@:2}" || fault "tc refused ${*:2}" ;;
	esac
}

sides_of() { # QDISC
	case $1 in
	noqueue | floor) echo none ;;
	*) echo "$SIDES" ;;
	esac
}

# --- packets into an empty queue

# pass N FLOWS [c|d]: print the instructions of a packet.
pass() {
	describe_flows "$1" "$2"
	start_pktgen
	echo $(($(pktgen_us "${3:-d}") * 1000 / $1))
}

# cost N FLOWS: print the instructions of a packet, of two passes that of the cheaper. The kernel frees
# the maps of the last qdisc later, which can fall into one of them.
cost() {
	local first second

	first=$(pass "$1" "$2")
	second=$(pass "$1" "$2")
	echo $((first < second ? first : second))
}

measure_flows() { # QDISC FLOWS...
	local options hold waiting_options paced_options side flows n

	describe "$1"
	for side in $(sides_of "$1"); do
		# shellcheck disable=SC2086 # words
		attach "$side" "$1" $options
		for flows in "${@:2}"; do
			n=$((flows > 20000 ? flows : 20000))
			pass $n "$flows" >/dev/null
			value packet instructions "$(cost $n "$flows")" qdisc="$1" side="$side" flows="$flows"
		done
	done
	no_qdisc du0
}

# --- packets while someone watches

# Start all commands that watch, and stop them when they read for the first time, so that their own
# instructions are not in those of the packets. The kernel does not know that they are stopped.
start_watching() {
	tmux -f /dev/null start-server \; set-option -g default-terminal screen-256color \; \
		new-session -d 'bqdisc top'
	LD_LIBRARY_PATH=/test bqdisc metrics --listen 127.0.0.1:9766 >/dev/null &
	bqdisc drops du0 --follow >/dev/null &
	bqdisc record du0 --every 100ms /tmp/recording >/dev/null &
	sleep 4
	watchers=$(process bqdisc)
	# shellcheck disable=SC2086 # words
	kill -STOP $watchers
	[ "$(wc -w <<<"$watchers")" = 4 ] || fault "$(wc -w <<<"$watchers") of 4 watch"
}

stop_watching() {
	# shellcheck disable=SC2086 # words
	kill -KILL $watchers
	wait 2>/dev/null
}

measure_watched() { # QDISC
	local options hold waiting_options paced_options watchers

	describe "$1"
	# shellcheck disable=SC2086 # words
	attach bqdisc "$1" $options
	pass 20000 1 >/dev/null
	start_watching
	value watched instructions "$(cost 20000 1)" qdisc="$1" side=bqdisc flows=1
	stop_watching
	no_qdisc du0
}

# --- packets that wait

process() { grep -lx "$1" /proc/[0-9]*/comm | cut -d/ -f3; }

defer() { # NS COUNT: when the far end polls its ring
	echo "$1" >/sys/class/net/pe0/gro_flush_timeout
	echo "$2" >/sys/class/net/pe0/napi_defer_hard_irqs
}

# make_device stop|other: make du0 anew, with a far end that can stop it, or as a dummy device.
make_device() {
	ip link del du0
	if [ "$1" = stop ]; then
		ip link add du0 type veth peer name pe0
		echo 1 >/proc/sys/net/ipv6/conf/pe0/disable_ipv6
		ethtool -K du0 tso off >/dev/null 2>&1
		ethtool -K pe0 gro on >/dev/null 2>&1
		ip link set pe0 up
	else
		ip link add du0 type dummy
	fi
	echo 1 >/proc/sys/net/ipv6/conf/du0/disable_ipv6
	ip link set du0 up
}

# stop_pair MS: the far end polls its ring again after MS milliseconds, and then as usual. The ring
# has 256 places.
stop_pair() {
	defer $(($1 * 1000000)) 1
	describe_packets 1
	start_pktgen
	sleep 0.02
	defer 0 0
	describe_packets 300
	pg "flag !SHARED" du0
	start_pktgen
}

# wait_ms HOW PACKETS: print for how many milliseconds they have to wait, so that all can arrive
# before. A run of pktgen takes a quarter of a second more than its packets.
wait_ms() {
	case $1 in
	stop) echo $(($2 * 6 / 1000 + 900)) ;;
	*) echo $(($2 * 6 / 1000 + 300)) ;;
	esac
}

# hold_and_leave HOW PACKETS: print the instructions of a packet that arrives and leaves. All arrive
# before the first one leaves. They leave in interrupts while a process computes.
# !SHARED: pktgen does not wait until the last packet has left.
hold_and_leave() {
	local n=$2 ms span gaps

	ms=$(wait_ms "$@")
	span=$((ms + n * 6 / 1000 + 100))
	case $1 in
	stop) stop_pair "$ms" ;;
	stamp) stamp until "$(awk -v ms="$ms" '{ printf "%.0f", ($1 * 1000 + ms) * 1000000 }' /proc/uptime)" ;;
	esac
	describe_flows "$n" 1000
	pg "flag !SHARED" du0
	gaps=$(instructions behind start /proc/net/pktgen/pgctrl $span)
	echo $((($(pktgen_us c) * 1000 + gaps - idle_gaps * span / 1000) / n))
}

# Print the mean of several rounds for few packets: other interrupts are as many, and vary.
mean_of_rounds() { # HOW PACKETS
	local rounds=$(($2 < 10000 ? 5 : 1)) sum=0 i

	for ((i = 0; i < rounds; i++)); do
		sum=$((sum + $(hold_and_leave "$@")))
	done
	echo $((sum / rounds))
}

attach_waiting() { # SIDE QDISC PACKETS
	local words=$waiting_options

	make_device "$hold"
	[ "$hold" != delay ] || words+=" $(wait_ms delay "$3")ms"
	[ "$hold-$3" != delay-0 ] || words=${words%delay*}
	# shellcheck disable=SC2086 # words
	attach "$1" "$2" $words
}

measure_waiting() { # QDISC PACKETS...
	local options hold waiting_options paced_options side n idle_gaps

	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	idle_gaps=$(instructions behind "" /dev/null 1000)
	describe "$1"
	for side in $(sides_of "$1"); do
		for n in "${@:2}"; do
			attach_waiting "$side" "$1" "$n"
			if [ "$n" = 0 ]; then
				[ "$hold" != stamp ] || stamp until 1 # a time that is over
				pass 20000 1000 >/dev/null
				value waiting instructions "$(pass 20000 1000)" qdisc="$1" side="$side" waiting=0
			else
				hold_and_leave "$hold" "$n" >/dev/null
				value waiting instructions "$(mean_of_rounds "$hold" "$n")" qdisc="$1" \
					side="$side" waiting="$n"
			fi
			tc qdisc del dev du0 clsact 2>/dev/null
		done
	done
	no_qdisc du0
}

# --- packets that leave at their time

measure_paced() { # QDISC FLOWS...
	local options hold waiting_options paced_options side flows n time=c nice=19

	# As in tests/fq/cost.sh: departures take the CPU from pktgen at once, and are in its time.
	describe "$1"
	[ -n "${paced_options// /}" ] || return 0
	# With a delay, flows do not matter, and there is no wait for the last packet to leave out.
	[ "$hold" = stamp ] || { set -- "$1" 1; time=d nice=0; }
	renice "$nice" -p "$(process kpktgend_0)" >/dev/null || exit 1
	renice $((-nice)) -p "$(process ksoftirqd/0)" >/dev/null || exit 1
	for side in $(sides_of "$1"); do
		for flows in "${@:2}"; do
			n=$((flows > 10000 ? 2 * flows : 20000))
			# shellcheck disable=SC2086 # words
			attach "$side" "$1" $paced_options
			# A packet takes some 4,000 instructions, so that one packet of each flow waits.
			[ "$hold" != stamp ] || stamp later $((flows * 4000))
			pass $n "$flows" "$time" >/dev/null
			sleep 1
			value paced instructions "$(pass $n "$flows" "$time")" qdisc="$1" side="$side" flows="$flows"
			sleep 1
			tc qdisc del dev du0 clsact 2>/dev/null
		done
	done
	no_qdisc du0
}

# --- commands

# command NAME KEYS COMMAND...: the instructions of a process. NAME "-": do not print them.
command() {
	local n

	n=$(instructions of "${@:3}") || fault "${*:3} failed"
	# shellcheck disable=SC2086 # words
	[ "$1" = - ] || value command instructions "$n" command="$1" $2
}

measure_start() {
	local qdisc

	bqdisc attach du0 netem >/dev/null # reads the program and libraries
	bqdisc detach du0 >/dev/null
	for qdisc in $(complete_names); do
		bqdisc unload "$qdisc" >/dev/null 2>&1
		command attach-first "qdisc=$qdisc side=bqdisc" bqdisc attach du0 "$qdisc"
		bqdisc detach du0 >/dev/null
		bqdisc unload "$qdisc" >/dev/null 2>&1
	done
}

# The second of two rounds counts.
commands_bqdisc() { # QDISC KEYS
	local name

	for name in - ''; do
		command "${name:-attach}" "$2" bqdisc attach du0 "$1"
		command "${name:-change}" "$2" bqdisc change du0 limit 2000
		command "${name:-show}" "$2" bqdisc show du0
		command "${name:-stats}" "$2" bqdisc stats du0
		command "${name:-detach}" "$2" bqdisc detach du0
	done
}

commands_in_tree() { # QDISC KEYS
	local name

	no_qdisc du0
	for name in - ''; do
		command "${name:-attach}" "$2" tc qdisc replace dev du0 root handle 7: "$1" limit 1000
		command "${name:-change}" "$2" tc qdisc change dev du0 root handle 7: "$1" limit 2000
		command "${name:-show}" "$2" tc qdisc show dev du0
		command "${name:-stats}" "$2" tc -s qdisc show dev du0
		command "${name:-detach}" "$2" tc qdisc del dev du0 root
	done
}

instances() { tc qdisc show | grep -c "^qdisc $1 "; }

# The pool has room for so many.
POOL=4000
# Queues of a device. For 10,000 instances bqdisc then has 40 undo records: with 16 or fewer, a command
# looks at all of them.
QUEUES=250

# attach_all KIND DEV: make an instance of KIND on each queue. netem prepares memory for its limit.
attach_all() {
	case $1 in
	bq_netem) bqdisc attach "$2" netem limit 10 --mq --memory 4gb ;;
	*) bqdisc attach "$2" "${1#bq_}" --mq --memory 4gb ;;
	esac >/dev/null
}

# default_all KIND DEV: make an instance of KIND on each queue, by the kernel's default.
default_all() {
	sysctl -qw net.core.default_qdisc="$1"
	tc qdisc replace dev "$2" root mq
	sysctl -qw net.core.default_qdisc=pfifo_fast
}

# fill KIND N: make N instances of KIND, with default options, on queues of mq devices.
fill() {
	local left=$2 queues i=0 make=default_all

	[ "$2" -le "$POOL" ] || [[ $1 != bq_* ]] || make=attach_all
	while [ "$left" -gt 0 ]; do
		queues=$((left < QUEUES ? left : QUEUES))
		ip link add "many$i" numtxqueues "$queues" type dummy
		ip link set "many$i" up
		$make "$1" "many$i"
		left=$((left - queues)) i=$((i + 1))
	done
	left=$(instances "$1")
	[ "$left" = "$2" ] || echo "skip commands with $2 instances of $1: there is room for $left"
	[ "$left" = "$2" ]
}

# commands_on_all QDISC N: not for instances that were attached together, which are shown as one.
commands_on_all() {
	[ "$2" -le "$POOL" ] || return 0
	command show-all "qdisc=$1 side=bqdisc instances=$2" bqdisc -j show
	command stats-all "qdisc=$1 side=bqdisc instances=$2" bqdisc -j stats
}

empty() {
	local dev

	for dev in /sys/class/net/many*; do
		[ ! -e "$dev" ] || ip link del "${dev##*/}"
	done
}

# All kinds are loaded first: a command reads the names of all, and only N is to differ.
measure_commands() { # N...
	local n qdisc

	for qdisc in $(complete_names); do
		bqdisc load "$qdisc" >/dev/null
	done
	for n in "$@"; do
		for qdisc in $(complete_names); do
			if fill "bq_$qdisc" "$n"; then
				commands_bqdisc "$qdisc" "qdisc=$qdisc side=bqdisc instances=$n"
				commands_on_all "$qdisc" "$n"
			fi
			empty
			modprobe "sch_$qdisc" 2>/dev/null
			# A queue cannot have the in-tree netem by default.
			if fill "${qdisc/netem/fq}" "$n"; then
				commands_in_tree "$qdisc" "qdisc=$qdisc side=in-tree instances=$n"
				command stats-all "qdisc=$qdisc side=in-tree instances=$n" tc -s -j qdisc show
			fi
			empty
		done
	done
}

# --- memory

# Print the bytes that the kernel charges to BPF maps and programs. Page tables of arenas are omitted.
bpf_bytes() {
	{
		bpftool -j map show
		bpftool -j prog show
	} | jq -s '[.[] | arrays | .[].bytes_memlock] | add // 0'
}

# Print the bytes that the kernel uses itself: all memory but free pages, also those on the lists of
# the CPUs, and but caches and processes. Memory of deleted maps is freed a while later.
used() {
	sleep 2
	awk '/^(MemTotal):/ { kib += $2 }
		/^(MemFree|Buffers|Cached|AnonPages|SReclaimable):/ { kib -= $2 }
		$1 == "count:" { kib -= $2 * 4 }
		END { print kib * 1024 }' /proc/meminfo /proc/zoneinfo
}

measure_memory() {
	local qdisc side before first further=20 i maps

	for ((i = 1; i <= further; i++)); do
		ip link add "me$i" type dummy
		ip link set "me$i" up
	done
	bqdisc attach du0 pfifo >/dev/null # what the first command of a boot makes
	bqdisc detach du0 >/dev/null
	bqdisc unload pfifo >/dev/null
	for qdisc in $(complete_names); do
		for side in $SIDES; do
			maps=$(bpf_bytes) before=$(used)
			attach "$side" "$qdisc"
			first=$(used)
			[ "$side" = in-tree ] || value memory-bpf bytes $(($(bpf_bytes) - maps)) qdisc="$qdisc" \
				side="$side" instance=first
			value memory bytes $((first - before)) qdisc="$qdisc" side="$side" instance=first
			maps=$(bpf_bytes)
			for ((i = 1; i <= further; i++)); do
				if [ "$side" = bqdisc ]; then
					bqdisc attach "me$i" "$qdisc" --force >/dev/null
				else
					tc qdisc replace dev "me$i" root "$qdisc"
				fi
			done
			value memory bytes $((($(used) - first) / further)) qdisc="$qdisc" side="$side" \
				instance=next
			[ "$side" = in-tree ] || value memory-bpf bytes \
				$((($(bpf_bytes) - maps) / further)) qdisc="$qdisc" side="$side" instance=next
			for ((i = 1; i <= further; i++)); do
				no_qdisc "me$i"
			done
			no_qdisc du0
			[ "$side" = in-tree ] || bqdisc unload "$qdisc" >/dev/null
		done
	done
}

printf '{"kernel":"%s"}\n' "$(uname -r)"
prepare none
ip link add du1 type dummy
settle
for part in "$@"; do
	read -ra words <<<"$part"
	if [ "${words[1]:-}" = all ]; then
		for qdisc in $(names); do
			"measure_${words[0]}" "$qdisc" "${words[@]:2}"
		done
	else
		"measure_${words[0]}" "${words[@]:1}"
	fi
done
