// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* bqdisc: BPF queueing disciplines on network interfaces. Global options, then a verb. */
#include <string.h>

#include "cmd.h"

/* One global option. Returns how many words it took, 0 when WORD is none, -1 when it is wrong. */
static int take_global(struct globals *g, char *argv[])
{
	const char *word = argv[0];

	if (!strcmp(word, "-j") || !strcmp(word, "--json")) {
		g->json = true;
		return 1;
	}
	if (!strcmp(word, "-v") || !strcmp(word, "--verbose")) {
		g->verbose = true;
		return 1;
	}
	if (!strcmp(word, "-n") || !strcmp(word, "--netns")) {
		g->netns = argv[1];
		return argv[1] ? 2 : -1;
	}
	if (!strcmp(word, "--color")) {
		g->color = argv[1];
		return argv[1] ? 2 : -1;
	}
	return 0;
}

static bool color_is_known(const char *color)
{
	return !strcmp(color, "auto") || !strcmp(color, "always") || !strcmp(color, "never");
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

	while (i < argc && (took = take_global(&g, argv + i))) {
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
