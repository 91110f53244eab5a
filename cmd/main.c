// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bqdisc: BPF queueing disciplines on network interfaces. Global options, then a command. */
#include <string.h>

#include "cmd.h"

const struct global_option global_options[] = {
	{ "-j", "--json", NULL, OPERAND_NONE, "print JSON", offsetof(struct globals, json) },
	{ "-n", "--netns", "NETNS", OPERAND_NETNS,
	  "act in this network namespace: a name or a path", offsetof(struct globals, netns) },
	{ "-v", "--verbose", NULL, OPERAND_NONE, "print the log of libbpf to stderr",
	  offsetof(struct globals, verbose) },
	{ NULL, "--color", "WHEN", OPERAND_COLOR, "auto, always or never; auto obeys NO_COLOR",
	  offsetof(struct globals, color) },
};

const size_t n_global_options = ARRAY_SIZE(global_options);

const char *const color_words[] = { "auto", "always", "never", NULL };

const struct global_option *global_find(const char *word)
{
	const struct global_option *o;

	for (o = global_options; o < global_options + n_global_options; o++)
		if (!strcmp(o->name, word) || (o->letter && !strcmp(o->letter, word)))
			return o;
	return NULL;
}

int global_take(struct globals *g, char *argv[])
{
	const struct global_option *o = global_find(argv[0]);

	if (!o)
		return 0;
	if (!o->metavar) {
		*(bool *)((char *)g + o->offset) = true;
		return 1;
	}
	memcpy((char *)g + o->offset, &argv[1], sizeof(argv[1]));
	return argv[1] ? 2 : -1;
}

static bool color_is_known(const char *color)
{
	const char *const *word = color_words;

	while (*word && strcmp(*word, color) != 0)
		word++;
	return *word;
}

/* -h and -V are flags of other programs; here they are commands. */
static const char *command_of(const char *word)
{
	if (!strcmp(word, "-h") || !strcmp(word, "--help"))
		return "help";
	if (!strcmp(word, "-V") || !strcmp(word, "--version"))
		return "version";
	return word;
}

int usage_missing(const char *command, const char *what)
{
	const char *usage = command_find(command)->usage;

	return usage_error("%s: missing %s; usage: bqdisc %s %s", command, what, command, usage);
}

int usage_unexpected(const char *command, const char *word)
{
	return usage_error("%s: unexpected argument '%s'; see 'bqdisc help %s'", command, word,
			   command);
}

int usage_not_attached(const char *dev)
{
	return usage_error("%s: no qdisc of bqdisc is attached; attach one with "
			   "'bqdisc attach %s QDISC'",
			   dev, dev);
}

static int run(int argc, char *argv[], const struct globals *g)
{
	const struct command *c = command_find(command_of(argv[0]));
	const char *nearest;

	if (c)
		return c->main(argc, argv, g);
	if (argv[0][0] == '-')
		return usage_error("unknown option '%s'; see 'bqdisc help'", argv[0]);
	nearest = command_nearest(argv[0]);
	if (nearest)
		return usage_error("unknown command '%s'; the nearest is '%s'", argv[0], nearest);
	return usage_error("unknown command '%s'; see 'bqdisc help'", argv[0]);
}

/* Return true if the program was called by a link named tc. */
static bool is_tc(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, "tc");
}

int main(int argc, char *argv[])
{
	struct globals g = { .color = "auto" };
	static char show[] = "show";
	char *just_show[] = { show, NULL };
	int i = 1, took;

	if (argc && is_tc(argv[0]))
		return tc_main(argc, argv, &g);
	while (i < argc && (took = global_take(&g, argv + i))) {
		if (took < 0)
			return usage_error("%s: missing value; see 'bqdisc help'", argv[i]);
		i += took;
	}
	if (!color_is_known(g.color))
		return usage_error("--color: invalid value '%s'; give auto, always or never",
				   g.color);
	if (i == argc)
		return show_main(1, just_show, &g);
	return run(argc - i, argv + i, &g);
}
