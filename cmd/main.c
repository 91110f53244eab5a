// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bqdisc: BPF queueing disciplines on network interfaces. Global options, then a verb. */
#include <string.h>

#include "cmd.h"

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

/* What other programs take as flags are verbs here. */
static const char *verb_of(const char *word)
{
	if (!strcmp(word, "-h") || !strcmp(word, "--help"))
		return "help";
	if (!strcmp(word, "-V") || !strcmp(word, "--version"))
		return "version";
	return word;
}

static int run(int argc, char *argv[], const struct globals *g)
{
	const struct command *c = command_find(verb_of(argv[0]));
	const char *nearest;

	if (c)
		return c->main(argc, argv, g);
	if (argv[0][0] == '-')
		return usage_error("there is no option '%s'; see 'bqdisc help'", argv[0]);
	nearest = command_nearest(argv[0]);
	if (nearest)
		return usage_error("there is no command '%s'; did you mean '%s'?", argv[0],
				   nearest);
	return usage_error("there is no command '%s'; see 'bqdisc help'", argv[0]);
}

int main(int argc, char *argv[])
{
	struct globals g = { .color = "auto" };
	static char show[] = "show";
	char *just_show[] = { show, NULL };
	int i = 1, took;

	while (i < argc && (took = global_take(&g, argv + i))) {
		if (took < 0)
			return usage_error("%s needs a value", argv[i]);
		i += took;
	}
	if (!color_is_known(g.color))
		return usage_error("--color: '%s' is none of auto, always, never", g.color);
	if (i == argc)
		return show_main(1, just_show, &g);
	return run(argc - i, argv + i, &g);
}
