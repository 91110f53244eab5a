// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables of commands and exit statuses, for dispatch, help and completion. */
#include <string.h>

#include "cmd.h"

const struct exit_status exit_statuses[] = {
	{ BQDISC_ERROR_NONE, "success, or nothing to change" },
	{ BQDISC_ERROR_USAGE, "error in the command line" },
	{ BQDISC_ERROR_REFUSED, "refused by the kernel" },
	{ BQDISC_ERROR_FOREIGN,
	  "the device has a qdisc that the user or another program configured" },
	{ BQDISC_ERROR_UNSUPPORTED, "not supported by this kernel" },
	{ STATUS_DIFFERS, "a state differs from the file of apply --check" },
};

const size_t n_exit_statuses = ARRAY_SIZE(exit_statuses);

/* Explains operands DEVS. */
#define DEVICES                                                                                    \
	"DEVS is a device, or several: names and patterns of glob(7), separated by commas. A "     \
	"pattern matches alternative names too. All devices are found before anything changes. "

#define NO_PRIVILEGES "Needs no kernel support and no privileges."

#define ALL_OPTION(what)                                                                           \
	{                                                                                          \
		"--all", NULL, what                                                                \
	}
#define AS_OPTION                                                                                  \
	{                                                                                          \
		"--as", "NAME", "register the file's qdisc under this name"                        \
	}
#define DRY_RUN_OPTION                                                                             \
	{                                                                                          \
		"--dry-run", NULL, "print the steps as shell commands and change nothing"          \
	}
#define MEMORY_OPTION                                                                              \
	{                                                                                          \
		"--memory", "SIZE",                                                                \
			"limit of kernel memory for all queues together; default 256mb, and at "   \
			"most half of the available memory is used in any case"                    \
	}
#define PARENT_OPTION                                                                              \
	{                                                                                          \
		"--parent", "CLASS", "act on a class of mq, such as 1:2, instead of the root"      \
	}
#define PER_QUEUE_OPTION                                                                           \
	{                                                                                          \
		"--per-queue", NULL, "show each transmit queue separately"                         \
	}

#define ATTACHING "Attach qdiscs"
#define SHOWING "Show qdiscs"
#define REGISTERING "Register qdiscs with the kernel"
#define WRITING "Write a qdisc of your own"
#define HELPING "Help"

const struct command commands[] = {
	{
		.name = "attach",
		.group = ATTACHING,
		.main = attach_main,
		.usage = "DEVS QDISC|FILE.bpf.o [OPTION VALUE]...",
		.operands = { OPERAND_DEV, OPERAND_QDISC, OPERAND_OPTIONS },
		.summary = "attach a qdisc to a device, or to several",
		.text = "Options have the names and values of tc; 'bqdisc help QDISC' lists them. "
			"Options that are not given get their defaults. If the device has the same "
			"qdisc with the same options already, nothing changes. The previous qdisc "
			"is recorded in the kernel, and detach restores it.\n\n" DEVICES
			"If the command fails on one device, it restores those that it has "
			"changed, as detach does.\n\n"
			"On a device with several transmit queues, a qdisc that is meant for one "
			"queue is attached under mq, with one instance for each queue. Other "
			"qdiscs are attached to the root.\n\n"
			"An object file is loaded first. A new build replaces the earlier one "
			"without interrupting traffic. The options of an object that was not "
			"made with the kit are its global variables, as NAME VALUE or NAME=VALUE; "
			"each attach loads a copy of it.\n\n"
			"With --from-tc, the tc commands in LINE say what to attach, change or "
			"detach, and where; - reads a script from stdin. Trees of qdiscs for which "
			"one of bqdisc can stand are converted: netem with tbf or a fifo, mq with "
			"the same qdisc on all queues, prio or htb with netem and filters. A time "
			"without a unit is in microseconds, as for tc. Lines that have no "
			"counterpart are reported, and then nothing changes.",
		.options = {
			AS_OPTION,
			{ "--force", NULL,
			  "replace a qdisc that the user or another program configured" },
			{ "--for", "TIME",
			  "pass all packets through after TIME, even if bqdisc no longer runs; "
			  "the next command detaches the qdisc" },
			MEMORY_OPTION,
			{ "--root", NULL, "attach one instance for the whole device" },
			{ "--mq", NULL, "attach one instance per transmit queue" },
			PARENT_OPTION,
			DRY_RUN_OPTION,
			{ "--from-tc", "LINE", "do what tc commands do, with qdiscs of bqdisc" },
		},
		.examples = "bqdisc attach eth0 fq maxrate 100mbit\n"
			    "bqdisc attach eth1,'veth*' fq\n"
			    "bqdisc attach eth0 netem delay 50ms 5ms loss 1% --for 10m\n"
			    "bqdisc attach eth0 shiny/shiny.bpf.o limit 100\n"
			    "bqdisc attach --from-tc 'tc qdisc add dev eth0 root netem delay 10ms'",
	},
	{
		.name = "change",
		.group = ATTACHING,
		.main = change_main,
		.usage = "DEVS OPTION VALUE [OPTION VALUE]...",
		.operands = { OPERAND_ATTACHED_DEV, OPERAND_OPTIONS },
		.summary = "change options of an attached qdisc",
		.text = "The options that are not named keep their values. No packet is lost or "
			"reordered. A smaller limit drops new packets only; tc also drops waiting "
			"packets. DEVS are as in attach; if the command fails on one device, no "
			"options change.",
		.options = { MEMORY_OPTION, PARENT_OPTION, DRY_RUN_OPTION },
		.examples = "bqdisc change eth0 limit 2000",
	},
	{
		.name = "detach",
		.group = ATTACHING,
		.main = detach_main,
		.usage = "[DEVS]",
		.operands = { OPERAND_ATTACHED_DEV },
		.summary = "detach a qdisc and restore the previous one",
		.text = "If nothing is attached to a device, nothing changes there. DEVS are as in "
			"attach. A failure does not stop the others: each prints one line, and the "
			"exit status is the highest of them.",
		.options = {
			ALL_OPTION("detach every qdisc of bqdisc in this network namespace"),
			{ "--force", NULL,
			  "also remove a qdisc that another program put under the mq of bqdisc, "
			  "and a qdisc of bqdisc that has no record" },
			PARENT_OPTION,
			DRY_RUN_OPTION,
		},
		.examples = "bqdisc detach eth0\n"
			    "bqdisc detach --all",
	},
	{
		.name = "apply",
		.group = ATTACHING,
		.main = apply_main,
		.usage = "FILE|DIR|-",
		.summary = "bring devices to the state that a file describes",
		.text = "A line of FILE names devices and their qdisc, with options and flags as "
			"attach has them:\n\n"
			"[netns NAME] DEVICES QDISC|FILE.bpf.o [OPTION VALUE]...\n\n"
			"DEVICES are names and patterns, as in attach, or properties of a device, "
			"such as kind=veth, or both; see bqdisc-apply(8). The last line that a "
			"device matches is in force. With none as QDISC, the device is left alone. "
			"Other lines are default QDISC, load QDISC [--as NAME] and include PATH. "
			"Of a directory, all files *.conf are read, in the order of their names."
			"\n\n"
			"Nothing changes unless all lines are valid. Then each device gets its "
			"qdisc or its options, live if it has the same qdisc; one that has them "
			"already is left alone. A failure leaves its device unchanged and does not "
			"stop the others: each prints one line, and the exit status is that of the "
			"first. Devices that do not exist are skipped.",
		.options = {
			{ "--dry-run", NULL, "print what differs and change nothing" },
			{ "--check", NULL,
			  "the same, with exit status 5 if something differs, else 0" },
			{ "--prune", NULL,
			  "detach what bqdisc attached to a device for which there is no line" },
			{ "--dev", "DEV", "act on this device only, as when it appears" },
		},
		.examples = "bqdisc apply /etc/bqdisc.d --check\n"
			    "echo 'eth* kind=veth fq limit 20000' | bqdisc apply -",
	},
	{
		.name = "save",
		.group = ATTACHING,
		.main = save_main,
		.usage = "[FILE]",
		.summary = "write the state of the devices as a file for apply",
		.text = "Writes a line for each qdisc that attach has attached in this network "
			"namespace, with the options that were set, and lines for kinds that are "
			"kept loaded and for the default qdisc. Writes to standard output without "
			"FILE, or if it is -. An existing FILE is replaced at once. A qdisc with a "
			"lifetime is a comment.",
		.examples = "bqdisc save /etc/bqdisc.d/10-saved.conf",
	},
	{
		.name = "adopt",
		.group = ATTACHING,
		.main = adopt_main,
		.usage = "[DEVS]",
		.operands = { OPERAND_ATTACHED_DEV },
		.summary = "attach the egress programs of qdiscs that tc created",
		.text = "A qdisc that another program creates, as after load, has no egress "
			"program. Without it a local TCP sender waits for its delayed packets, and "
			"duplicate, corrupt, ecn and ce_threshold have no effect. adopt attaches "
			"the program of each such qdisc on DEVS, or in this network namespace. It "
			"is gone with the qdisc.",
		.examples = "tc qdisc add dev eth0 root netem delay 50ms && bqdisc adopt eth0",
	},
	{
		.name = "sweep",
		.group = ATTACHING,
		.main = sweep_main,
		.usage = "",
		.summary = "detach expired qdiscs, clean up after interrupted commands",
		.text = "Every command that changes something does this first, in its network "
			"namespace. The systemd timer bqdisc-sweep.timer runs sweep where no "
			"command does.",
		.options = { ALL_OPTION("act in every network namespace with a name or a process; "
					"needs CAP_SYS_ADMIN, and CAP_SYS_PTRACE for processes") },
		.examples = "bqdisc sweep --all",
	},
	{
		.name = "show",
		.group = SHOWING,
		.main = show_main,
		.usage = "[DEVS]",
		.operands = { OPERAND_ATTACHED_DEV },
		.summary = "show attached qdiscs and their options",
		.text = "Shows the qdiscs of bqdisc in this network namespace, or on DEVS, as in "
			"attach. Prints only the options that were set.",
		.options = {
			ALL_OPTION("show the options with default values too"),
			{ "--commands", NULL, "print the commands that attach the same qdiscs" },
			{ "--tc", NULL,
			  "print the tc commands of the nearest in-tree qdiscs, and as comments "
			  "what tc has no words for" },
			PER_QUEUE_OPTION,
		},
		.examples = "bqdisc show eth0 --all\n"
			    "bqdisc show --commands >/etc/bqdisc.sh",
	},
	{
		.name = "stats",
		.group = SHOWING,
		.main = stats_main,
		.usage = "[DEVS [COUNTER]]",
		.operands = { OPERAND_ATTACHED_DEV, OPERAND_COUNTER },
		.summary = "show counters",
		.text = "Prints the counters in groups and leaves out groups that are zero. A "
			"histogram is printed as bars, with its p50, p90, p99, p99.9 and maximum, "
			"which are right within 12.5 %.\n\n"
			"With COUNTER, prints one number: the sum over all queues of DEVS, which "
			"are as in attach; of a peak, the highest value.",
		.options = {
			ALL_OPTION("show counters that are zero too"),
			PER_QUEUE_OPTION,
			{ "--watch", "SECONDS",
			  "repeat every SECONDS, with rates; with -j, one line each" },
			{ "--delta", "SECONDS",
			  "print what happens in SECONDS: differences, rates, and percentiles of "
			  "the histograms" },
		},
		.examples = "bqdisc stats eth0\n"
			    "bqdisc stats eth0 drops\n"
			    "bqdisc stats eth0 --delta 10\n"
			    "bqdisc -j stats --watch 1",
	},
	{
		.name = "metrics",
		.group = SHOWING,
		.main = metrics_main,
		.usage = "",
		.summary = "print counters and options for Prometheus",
		.text = "Prints OpenMetrics text about each qdisc of bqdisc in this network "
			"namespace; the qdiscs of an mq separately. Counters that every qdisc has "
			"are named as by node_exporter, such as node_qdisc_bytes_total. The names "
			"of all others begin with bqdisc_.",
		.options = {
			{ "--device-include", "REGEX",
			  "only devices that match the extended regular expression" },
			{ "--device-exclude", "REGEX", "only devices that do not match" },
			{ "--textfile", "DIR",
			  "write DIR/bqdisc.prom for node_exporter's textfile collector; the timer "
			  "bqdisc-textfile.timer does this" },
			{ "--listen", "[ADDRESS:]PORT",
			  "serve the metrics by HTTP at /metrics until SIGTERM, by default on "
			  "127.0.0.1; 'systemd' means the socket of bqdisc-metrics.socket" },
		},
		.examples = "bqdisc metrics --device-exclude '^veth'\n"
			    "bqdisc metrics --textfile /var/lib/prometheus/node-exporter\n"
			    "bqdisc metrics --listen 9766",
	},
	{
		.name = "top",
		.group = SHOWING,
		.main = top_main,
		.usage = "[DEVS]...",
		.operands = { OPERAND_ATTACHED_DEV },
		.summary = "watch rates, backlogs, delays and drops on the full screen",
		.text = "Shows the qdiscs of bqdisc in this network namespace, or on DEVS, as in "
			"attach: bits and packets a second, bytes that wait, percentiles of the "
			"delays, drops a second, and the rate in the last minute. All are of the "
			"last interval; - is unknown. Below is the history of the selected row, "
			"with its highest value.\n\n"
			"Keys: the arrows, j and k select a row. Enter shows the queues of a "
			"device, or the flows or rules of a qdisc; Backspace or Esc goes back. s "
			"sorts by the next column, r reverses the order, / shows only rows with "
			"the text that follows, space pauses, ? shows the keys, q quits.",
		.options = { { "--every", "SECONDS", "read every SECONDS; default 1" } },
		.examples = "bqdisc top\n"
			    "bqdisc top eth0 'veth*' --every 5",
	},
	{
		.name = "flows",
		.group = SHOWING,
		.main = flows_main,
		.usage = "DEVS",
		.operands = { OPERAND_ATTACHED_DEV },
		.summary = "show flows, rules of netem, and classes of hfq",
		.text = "Prints a line for each flow: protocol, addresses and ports of its first "
			"packet; packets that wait, and for how long the next one has waited; "
			"packets and bytes sent, and packets dropped, since the flow or its socket "
			"was new; the time for which it was throttled, and until its next packet "
			"may leave; the rate at which it is paced. Packets that found the queue "
			"empty and had no rate passed without a flow, and are not counted here. A "
			"flow without packets is forgotten after 3 seconds, when another flow "
			"needs its place. For a rule of netem, the packets and bytes are those "
			"that arrived. For a class of hfq, they are those that it sent.\n\n"
			"OWNER is the process that has the flow's socket in this network "
			"namespace, as far as the caller may see it. With -j, its cgroup is "
			"printed too.",
		.options = {
			{ "--sort", "ORDER",
			  "backlog (default), rate, drops or delay, the greatest first; for rate, "
			  "measures the bytes sent during 1 second" },
			{ "--top", "N", "print the first N flows only" },
		},
		.examples = "bqdisc flows eth0 --sort drops --top 10\n"
			    "bqdisc -j flows eth0",
	},
	{
		.name = "drops",
		.group = SHOWING,
		.main = drops_main,
		.usage = "DEVS",
		.operands = { OPERAND_ATTACHED_DEV },
		.summary = "show which packets were dropped, and why",
		.text = "For each reason to drop packets, prints the last one that was: its "
			"counter in stats, how long ago, its length and its flow.\n\n"
			"With --follow, prints a line for each packet as it is dropped, up to 1000 "
			"a second of each qdisc, until it is interrupted. With -j, each line has "
			"the number of drops so far that were not printed. Qdiscs that are "
			"attached later are not followed, and a qdisc is followed by one process "
			"at a time. Packets that are not dropped cost nothing, and 3 seconds after "
			"the end of the command, even by kill -9, drops do not either.",
		.options = { { "--follow", NULL, "print drops as they happen" } },
		.examples = "bqdisc drops eth0\n"
			    "bqdisc -j drops eth0 --follow",
	},
	{
		.name = "monitor",
		.group = SHOWING,
		.main = monitor_main,
		.usage = "",
		.summary = "print changes of qdiscs as they happen",
		.text = "Prints a line with the time when a qdisc of bqdisc in this network "
			"namespace is attached, gets other options, expires, is detached, is lost "
			"because another program replaced it, and when the default qdisc changes. "
			"Runs until it is stopped. With -j, each line is a JSON object.\n\n"
			"The kernel notifies of qdiscs that come and go, but not of options. So "
			"every command of bqdisc touches the directory of its pins, which monitor "
			"watches. Both are seen at once. The default qdisc is read every second. "
			"Changes that undo each other before monitor has read the state are not "
			"printed.\n\n"
			"The systemd unit bqdisc-adopt.service runs monitor --adopt.",
		.options = {
			{ "--adopt", NULL,
			  "also adopt what there is now, and each qdisc that another program "
			  "creates" },
			{ "--enforce", "FILE|DIR",
			  "apply lines with the flag --enforce, and again when another program "
			  "replaces a qdisc, at most once a second; bqdisc-enforce.service does "
			  "this" },
		},
		.examples = "bqdisc monitor\n"
			    "bqdisc -j monitor --adopt",
	},
	{
		.name = "record",
		.group = SHOWING,
		.main = record_main,
		.usage = "DEV FILE",
		.operands = { OPERAND_ATTACHED_DEV },
		.summary = "record counters at a fixed interval, for report",
		.text = "Writes a line of JSON to FILE for each sample, with the counters that "
			"changed, the flows that sent most, and the options at the start and "
			"when they change. FILE - is standard output. Ends after --for, or when "
			"it is interrupted; the file is complete up to the last sample then, even "
			"if record is killed. Samples are taken at multiples of the interval; one "
			"that is late does not delay the others. It only reads, so packets cost "
			"the same.",
		.options = {
			{ "--every", "TIME", "take a sample every TIME; default 100ms" },
			{ "--for", "TIME", "stop after TIME" },
			{ "--parent", "CLASS",
			  "record the qdisc at this class, such as 1:2, of several" },
		},
		.examples = "bqdisc record eth0 --every 100ms --for 60s eth0.jsonl",
	},
	{
		.name = "report",
		.group = SHOWING,
		.main = report_main,
		.usage = "FILE",
		.summary = "draw a recording as a page with charts",
		.text = "Writes an HTML page to standard output, or to the file of -o. It has "
			"charts of throughput, backlog, delays, drops by reason and the busiest "
			"flows, and for netem the delay and loss that were asked for beside those "
			"that packets got. It needs no other file and no JavaScript. A recording "
			"that was cut off in its last line is reported up to there. FILE - is "
			"standard input. With -j, prints the data of the charts. " NO_PRIVILEGES,
		.options = { { "-o", "PAGE", "write the page to this file" } },
		.examples = "bqdisc report eth0.jsonl -o eth0.html",
	},
	{
		.name = "tc",
		.group = SHOWING,
		.main = tc_main,
		.usage = "[OPTIONS] qdisc COMMAND [dev DEV] [root|parent CLASS] [QDISC OPTION...]",
		.summary = "act on qdiscs as tc(8) does, and print what tc prints",
		.text = "Serves add, change, replace, delete and show of tc's qdisc commands, and "
			"prints the options and counters of the in-tree qdiscs, which tc cannot "
			"show for a BPF qdisc. The real tc runs all other commands. A link named "
			"tc to bqdisc, before tc in PATH, does the same. See bqdisc-tc(8).",
		.examples = "bqdisc tc qdisc change dev eth0 root netem delay 80ms\n"
			    "bqdisc tc -s -j qdisc show dev eth0",
	},
	{
		.name = "load",
		.group = REGISTERING,
		.main = load_main,
		.usage = "[QDISC|FILE.bpf.o]",
		.operands = { OPERAND_QDISC },
		.summary = "register a kind of qdisc and keep it",
		.text = "tc and other programs can then create qdiscs of this kind. Without load, "
			"a kind is unregistered when its last qdisc is removed. A new build of an "
			"object file replaces the earlier one; attached qdiscs keep running the "
			"earlier one.\n\n"
			"With --as a built-in qdisc gets its native name, that of the in-tree "
			"qdisc, such as netem. On a kernel without that, unmodified tc, "
			"net.core.default_qdisc and all other programs then get bqdisc's. A name "
			"that the kernel has, built in or by a loaded module, is refused. If the "
			"module is not loaded, --force takes its name. To keep the kernel from "
			"loading it first, as after a reboot, add 'blacklist sch_netem' to a file "
			"in /etc/modprobe.d. The kernel does not let a BPF qdisc change its "
			"options: of tc, 'qdisc change', and 'qdisc replace' of the same kind "
			"without a new handle, fail; 'bqdisc change' does both.",
		.options = {
			{ "--as", "NAME",
			  "register the qdisc under this name: a file's under any, a built-in one "
			  "under its native name" },
			{ "--all-missing", NULL,
			  "load every built-in qdisc under its native name, if the kernel has no "
			  "qdisc of that name; the systemd unit bqdisc-native.service does this" },
			{ "--force", NULL,
			  "take the name of a module of the kernel that is not loaded" },
		},
		.examples = "bqdisc load pfifo\n"
			    "bqdisc load netem --as netem\n"
			    "bqdisc load --all-missing",
	},
	{
		.name = "unload",
		.group = REGISTERING,
		.main = unload_main,
		.usage = "QDISC",
		.operands = { OPERAND_LOADED },
		.summary = "unregister a kind, now or when its last qdisc is removed",
		.text = "Qdiscs that are attached stay attached. The native name of the qdisc is "
			"unregistered too.",
		.examples = "bqdisc unload pfifo",
	},
	{
		.name = "default",
		.group = REGISTERING,
		.main = default_main,
		.usage = "[QDISC]",
		.operands = { OPERAND_QDISC },
		.summary = "show or set the qdisc of new devices (net.core.default_qdisc)",
		.text = "Applies to devices that are set up afterwards, in all network namespaces. "
			"The kernel can create 4096 instances of each kind in this way. The "
			"previous default is recorded, and --restore restores it.",
		.options = { { "--restore", NULL, "restore the previous default" } },
		.examples = "bqdisc default fq\n"
			    "bqdisc default --restore",
	},
	{
		.name = "new",
		.group = WRITING,
		.main = new_main,
		.usage = "NAME",
		.summary = "create a directory with the source of a working qdisc",
		.text = "The directory NAME has a qdisc with an option and counters, a Makefile "
			"and a test. " NO_PRIVILEGES,
		.examples = "bqdisc new shiny",
	},
	{
		.name = "bench",
		.group = WRITING,
		.main = bench_main,
		.usage = "QDISC|FILE.bpf.o...",
		.operands = { OPERAND_QDISC },
		.summary = "measure the cost of a packet, in instructions",
		.text = "Counts instructions in a virtual machine, for this qdisc and the in-tree "
			"qdisc, compared with a device without a qdisc. Needs no privileges. The "
			"results of two runs are equal.",
		.options = {
			{ "--flows", "N[,N]", "numbers of flows; default 1,1000" },
			{ "--kernel", "SERIES", "kernel series, such as 7.3; default the newest" },
		},
		.examples = "bqdisc bench fq --flows 1,100",
	},
	{
		.name = "verify",
		.group = WRITING,
		.main = verify_main,
		.usage = "FILE.bpf.o",
		.summary = "explain if and why the kernel refuses a qdisc",
		.text = "Loads the object without registering it. Prints each problem with its "
			"source line, the path to it and a remedy. -v prints the log of the "
			"verifier too.",
		.options = {
			{ "--kernel", "SERIES",
			  "verify on this kernel in a virtual machine: a series, such as 7.3, or "
			  "the path of a kernel image" },
			{ "--unsafe", NULL,
			  "allow .init to read its options by their pointer; the kernel accepts "
			  "this, but it crashes if there are no options" },
		},
		.examples = "bqdisc verify --kernel 7.3 shiny/shiny.bpf.o",
	},
	{
		.name = "list",
		.group = HELPING,
		.main = list_main,
		.usage = "",
		.summary = "list the qdiscs that can be attached",
		.text = NO_PRIVILEGES,
		.examples = "bqdisc list",
	},
	{
		.name = "help",
		.group = HELPING,
		.main = help_main,
		.usage = "[COMMAND|QDISC|FILE.bpf.o]",
		.operands = { OPERAND_TOPIC },
		.summary = "describe a command, or the options and counters of a qdisc",
		.text = NO_PRIVILEGES,
		.examples = "bqdisc help attach\n"
			    "bqdisc help netem",
	},
	{
		.name = "doctor",
		.group = HELPING,
		.main = doctor_main,
		.usage = "",
		.summary = "check if this machine meets the requirements",
		.text = "Checks every requirement, and looks for qdiscs that are not in the state "
			"in which bqdisc left them. Exit status 0 if all checks pass.",
		.examples = "bqdisc doctor",
	},
	{
		.name = "version",
		.group = HELPING,
		.main = version_main,
		.usage = "",
		.summary = "print the version of bqdisc",
		.text = NO_PRIVILEGES,
		.examples = "bqdisc version",
	},
	{
		.name = "complete",
		.group = HELPING,
		.main = complete_main,
		.usage = "[--] [WORD]...",
		.summary = "print completions for the last word, for shells",
		.text = "The WORDs are those after bqdisc; the last one may be empty. Prints one "
			"line for each completion: the word, a tab and a description.",
		.examples = "bqdisc complete -- attach eth0 pf",
	},
};

const size_t n_commands = ARRAY_SIZE(commands);

const struct command *command_find(const char *name)
{
	const struct command *c;

	for (c = commands; c < commands + n_commands; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

const char *command_nearest(const char *word)
{
	const char *names[ARRAY_SIZE(commands)];
	size_t i;

	for (i = 0; i < n_commands; i++)
		names[i] = commands[i].name;
	return bqdisc_word__nearest(word, names, n_commands);
}
