// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* All of it is drawn from the tables: commands here, options and counters in the library. */
#include <string.h>

#include "output.h"

static void help_all(const struct globals *g)
{
	const struct command *c;
	json_t *rows = json_array();

	puts("bqdisc: BPF queueing disciplines on network interfaces\n\n"
	     "bqdisc [-j] [-n NETNS] [-v] [--color WHEN] COMMAND ...\n");
	for (c = commands; c < commands + n_commands; c++) {
		char left[96];

		snprintf(left, sizeof(left), "  %s %s", c->name, c->synopsis);
		json_array_append_new(rows, json_pack("[ss]", left, c->summary));
	}
	output_table(g, rows);
	puts("\n  -j, --json         JSON, for programs\n"
	     "  -n, --netns NETNS  in that network namespace: a name, or a path\n"
	     "  -v, --verbose      libbpf's own log on stderr\n"
	     "  --color WHEN       auto, always or never\n\n"
	     "Exit status: 0 done, or already so; 1 the command line is wrong; 2 the kernel refused;\n"
	     "3 the device's qdisc is someone else's; 4 this kernel cannot do it.");
}

static void help_json(void)
{
	const struct command *c;
	json_t *all = json_array();

	for (c = commands; c < commands + n_commands; c++)
		json_array_append_new(all, json_pack("{ss ss ss ss}", "name", c->name, "synopsis",
						     c->synopsis, "summary", c->summary, "text",
						     c->text));
	output_json(json_pack("{so}", "commands", all));
}

static void help_command(const struct command *c)
{
	printf("bqdisc %s%s%s\n\n%s\n\n%s", c->name, *c->synopsis ? " " : "", c->synopsis,
	       c->summary, c->text);
}

static void print_option(const struct bqdisc_option_info *o, void *arg)
{
	char min[32], max[32];

	(void)arg;
	printf("  %s %s\n      %s\n      %s to %s; default: %s\n", o->name, o->metavar, o->help,
	       bqdisc_unit__format(o->unit, o->min, min, sizeof(min)),
	       bqdisc_unit__format(o->unit, o->max, max, sizeof(max)), o->default_value);
}

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	json_array_append_new(arg, json_pack("[s+s]", "  ", v->key, v->help));
}

static void help_qdisc(const struct bqdisc_qdisc *q, const struct globals *g)
{
	json_t *rows = json_pack("[[ss]]", "Counters", "");

	printf("%s: %s\n\n%s\n\nOptions\n", bqdisc_qdisc__name(q), bqdisc_qdisc__summary(q),
	       bqdisc_qdisc__description(q));
	bqdisc_qdisc__each_option(q, print_option, NULL);
	putchar('\n');
	bqdisc_qdisc__each_counter(q, add_counter, rows);
	output_table(g, rows);
}

static int help_unknown(const char *word)
{
	const char *nearest = bqdisc_qdisc__nearest(word);

	if (!nearest)
		nearest = command_nearest(word);
	if (nearest)
		return usage_error("there is no command and no qdisc '%s'; did you mean '%s'?",
				   word, nearest);
	return usage_error("there is no command and no qdisc '%s'; see 'bqdisc help'", word);
}

int help_main(int argc, char *argv[], const struct globals *g)
{
	const struct bqdisc_qdisc *q;
	const struct command *c;

	if (argc > 2)
		return usage_error("help: '%s' is one word too many", argv[2]);
	if (argc < 2 && g->json)
		help_json();
	else if (argc < 2)
		help_all(g);
	if (argc < 2)
		return 0;
	c = command_find(argv[1]);
	q = bqdisc_qdisc__find(argv[1]);
	if (!c && !q)
		return help_unknown(argv[1]);
	if (c)
		help_command(c);
	else
		help_qdisc(q, g);
	return 0;
}
