// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables of verbs, global options and exit statuses: dispatch and help read them. */
#include <string.h>

#include "cmd.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

const struct global_option global_options[] = {
	{ "-j", "--json", NULL, "JSON, for programs", offsetof(struct globals, json) },
	{ "-n", "--netns", "NETNS", "in that network namespace: a name, or a path",
	  offsetof(struct globals, netns) },
	{ "-v", "--verbose", NULL, "libbpf's own log on stderr",
	  offsetof(struct globals, verbose) },
	{ NULL, "--color", "WHEN", "auto, always or never; NO_COLOR in the environment is honoured",
	  offsetof(struct globals, color) },
};

const size_t n_global_options = N(global_options);

const char *const color_words[] = { "auto", "always", "never", NULL };

const struct exit_status exit_statuses[] = {
	{ BQDISC_ERROR_NONE, "done, or already so" },
	{ BQDISC_ERROR_USAGE, "the command line is wrong" },
	{ BQDISC_ERROR_REFUSED, "the kernel refused" },
	{ BQDISC_ERROR_FOREIGN, "the device's qdisc is someone else's" },
	{ BQDISC_ERROR_UNSUPPORTED, "this kernel cannot do it" },
};

const size_t n_exit_statuses = N(exit_statuses);

#define QUEUES_TEXT "  --per-queue     each queue by itself\n"
#define DRY_RUN_TEXT                                                                               \
	"  --dry-run       print what would be done, as lines for a shell, and do nothing\n"
#define MEMORY_TEXT                                                                                \
	"  --memory SIZE   most kernel memory for all queues together; 256mb if not\n"             \
	"                  given. More than half of what is available (to the machine,\n"          \
	"                  and to bqdisc's cgroup) is refused in any case\n"
#define PARENT_TEXT "  --parent CLASS  act on a class of mq, as 1:2, instead of the root\n"

const struct command commands[] = {
	{
		.name = "attach",
		.main = attach_main,
		.synopsis =
			"DEV QDISC|FILE.bpf.o [OPTION VALUE]... [--as NAME] [--for TIME] [--force] "
			"[--memory SIZE] [--root|--mq|--parent CLASS] [--dry-run]",
		.summary = "put a qdisc on a device, or bring it to exactly this state",
		.text = "Options are tc's own words and values. A default qdisc is replaced\n"
			"without asking; what was there is recorded and detach puts it back.\n"
			"Twice is once.\n"
			"\n"
			"Where a device has several transmit queues, a qdisc that is meant for\n"
			"one queue (its help says so) goes under mq, with an instance for each\n"
			"queue that the device can have; any other goes to the root.\n"
			"\n"
			"An object file with a BPF qdisc is loaded first; one that was changed\n"
			"takes the place of the one before, while traffic flows. Of an object\n"
			"that was not made with the kit the options are global variables, NAME\n"
			"VALUE or NAME=VALUE, and each attach loads a copy of its own.\n"
			"\n"
			"  --as NAME       register the file's qdisc under that name\n"
			"  --force         replace what someone else configured\n"
			"  --for TIME      after TIME it lets everything through at once, even if\n"
			"                  no bqdisc runs any more; the next one detaches it\n"
			"  --root          one for the whole device\n"
			"  --mq            one for each queue\n" MEMORY_TEXT PARENT_TEXT
				DRY_RUN_TEXT,
	},
	{
		.name = "change",
		.main = change_main,
		.synopsis = "DEV OPTION VALUE [OPTION VALUE]... [--memory SIZE] [--parent CLASS] "
			    "[--dry-run]",
		.summary = "change the options named, live",
		.text = "The other options keep their values. No packet is lost or reordered. A\n"
			"smaller limit refuses new packets and drops none that wait: in that it\n"
			"differs from tc.\n\n" MEMORY_TEXT PARENT_TEXT DRY_RUN_TEXT,
	},
	{
		.name = "detach",
		.main = detach_main,
		.synopsis = "DEV [--force] [--parent CLASS] [--dry-run]",
		.summary = "put back what was there before",
		.text = "Nothing of ours there is fine: twice is once.\n"
			"\n"
			"  --force         even what someone else put under our mq\n" PARENT_TEXT
				DRY_RUN_TEXT,
	},
	{
		.name = "sweep",
		.main = sweep_main,
		.synopsis = "[--all]",
		.summary = "detach what has expired, tidy up after killed runs",
		.text = "Whatever changes something does this first, in its own network\n"
			"namespace: sweep is for a timer.\n"
			"\n"
			"  --all           in every namespace that has a name or a process, too\n"
			"                  (takes CAP_SYS_ADMIN; CAP_SYS_PTRACE for processes)\n",
	},
	{
		.name = "show",
		.main = show_main,
		.synopsis = "[DEV] [--commands] [--per-queue]",
		.summary = "what is attached, with its options",
		.text = "Lists the qdiscs of bqdisc in this network namespace, or on DEV.\n"
			"\n"
			"  --commands      print the commands that make it so again\n" QUEUES_TEXT,
	},
	{
		.name = "stats",
		.main = stats_main,
		.synopsis = "[DEV [COUNTER]] [--watch SECONDS] [--per-queue]",
		.summary = "counters",
		.text = "With COUNTER, one bare number: the sum over all queues of DEV (of a\n"
			"peak, the highest).\n"
			"\n" QUEUES_TEXT
			"  --watch SECONDS again and again, with rates; with -j, one line each\n",
	},
	{
		.name = "new",
		.main = new_main,
		.synopsis = "NAME",
		.summary = "write a directory NAME with a qdisc of your own to begin with",
		.text = "It has a qdisc that works, with an option and counters, a Makefile, and\n"
			"a test. Needs no kernel support and no privileges.\n",
	},
	{
		.name = "bench",
		.main = bench_main,
		.synopsis = "QDISC|FILE.bpf.o... [--flows N[,N]] [--kernel SERIES]",
		.summary = "what a packet costs, in instructions, beside the kernel's own qdisc",
		.text = "Counts in a virtual machine, as any user; what the qdisc adds to a\n"
			"device without one, for each number of flows. The same run gives the\n"
			"same again.\n"
			"\n"
			"  --flows N[,N]    1,1000 if not given\n"
			"  --kernel SERIES  of Debian, as 7.3; the newest if not given\n",
	},
	{
		.name = "verify",
		.main = verify_main,
		.synopsis = "FILE.bpf.o [--kernel SERIES] [--unsafe]",
		.summary = "whether the kernel takes a qdisc of one's own; if not, why",
		.text = "Loads the object and lets go of it: nothing is registered. What is wrong\n"
			"is said in plain words, with the line of the source, the path that leads\n"
			"there and what to do; -v shows the verifier's own log after it.\n"
			"\n"
			"  --kernel SERIES on that kernel, such as 7.3, in a virtual machine; a\n"
			"                  path is a kernel image\n"
			"  --unsafe        lets .init read its options by their pointer, which\n"
			"                  the kernel accepts and may die of\n",
	},
	{
		.name = "list",
		.main = list_main,
		.synopsis = "",
		.summary = "the qdiscs there are to attach",
		.text = "Needs no kernel support and no privileges.\n",
	},
	{
		.name = "help",
		.main = help_main,
		.synopsis = "[COMMAND|QDISC|FILE.bpf.o]",
		.summary = "this, a command, or a qdisc's options and counters",
		.text = "Needs no kernel support and no privileges.\n",
	},
	{
		.name = "version",
		.main = version_main,
		.synopsis = "",
		.summary = "the version of bqdisc",
		.text = "Needs no kernel support and no privileges.\n",
	},
	{
		.name = "load",
		.main = load_main,
		.synopsis = "QDISC|FILE.bpf.o [--as NAME]",
		.summary = "register a qdisc's kind and keep it without a qdisc",
		.text = "tc, and whatever else makes qdiscs, can use the kind then. Without this\n"
			"it goes with its last qdisc. An object file that was changed takes the\n"
			"place of the one before; qdiscs that are attached keep that.\n"
			"\n"
			"  --as NAME       register the file's qdisc under that name\n",
	},
	{
		.name = "unload",
		.main = unload_main,
		.synopsis = "QDISC",
		.summary = "keep it no longer: it goes now, or with its last qdisc",
		.text = "A qdisc that is in use stays; nothing is taken from a device.\n",
	},
	{
		.name = "default",
		.main = default_main,
		.synopsis = "[QDISC] [--restore]",
		.summary = "which qdisc new devices get (net.core.default_qdisc)",
		.text = "Holds for the whole machine, and for devices that come up from then on.\n"
			"64 qdiscs at once can be made in this way. What it was is recorded.\n"
			"\n"
			"  --restore       put that back\n",
	},
	{
		.name = "doctor",
		.main = doctor_main,
		.synopsis = "",
		.summary = "whether this machine can do it; if not, what to change",
		.text = "Looks at every requirement, and for qdiscs that are not as bqdisc left\n"
			"them. Exit status 0 when all is well.\n",
	},
	{
		.name = "complete",
		.main = complete_main,
		.synopsis = "[--] [WORD]...",
		.summary = "what may stand in the place of the last word, for shells",
		.text = "The WORDs are those behind bqdisc, the last one may be empty. Prints a\n"
			"line for each that may stand there, with a tab and what it is.\n",
	},
};

const size_t n_commands = N(commands);

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
	const char *names[N(commands)];
	size_t i;

	for (i = 0; i < n_commands; i++)
		names[i] = commands[i].name;
	return bqdisc_word__nearest(word, names, n_commands);
}
