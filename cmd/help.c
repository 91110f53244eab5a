// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All of it is drawn from the tables: commands here, options and counters in the library. */
#include <string.h>

#include "output.h"

/* "[-j] [-n NETNS]", as in a synopsis. */
static void print_synopsis(void)
{
	const struct global_option *o;

	fputs("bqdisc ", stdout);
	for (o = global_options; o < global_options + n_global_options; o++)
		printf("[%s%s%s] ", o->letter ? o->letter : o->name, o->metavar ? " " : "",
		       o->metavar ? o->metavar : "");
	puts("COMMAND ...\n");
}

static void print_commands(const struct globals *g)
{
	const struct command *c;
	json_t *rows = json_array();

	for (c = commands; c < commands + n_commands; c++) {
		char left[96];

		snprintf(left, sizeof(left), "  %s %s", c->name, c->synopsis);
		json_array_append_new(rows, json_pack("[ss]", left, c->summary));
	}
	output_table(g, rows, false);
	putchar('\n');
}

static void print_options(const struct globals *g)
{
	const struct global_option *o;
	json_t *rows = json_array();

	for (o = global_options; o < global_options + n_global_options; o++) {
		char left[64];

		snprintf(left, sizeof(left), "  %s%s%s %s", o->letter ? o->letter : "",
			 o->letter ? ", " : "", o->name, o->metavar ? o->metavar : "");
		json_array_append_new(rows, json_pack("[ss]", left, o->help));
	}
	output_table(g, rows, false);
	putchar('\n');
}

static void help_all(const struct globals *g)
{
	const struct exit_status *e;

	puts("bqdisc: BPF queueing disciplines on network interfaces\n");
	print_synopsis();
	print_commands(g);
	print_options(g);
	puts("Exit status:");
	for (e = exit_statuses; e < exit_statuses + n_exit_statuses; e++)
		printf("  %d  %s\n", (int)e->status, e->meaning);
}

static json_t *command_json(const struct command *c)
{
	return json_pack("{ss ss ss ss}", "name", c->name, "synopsis", c->synopsis, "summary",
			 c->summary, "text", c->text);
}

static json_t *commands_json(void)
{
	const struct command *c;
	json_t *all = json_array();

	for (c = commands; c < commands + n_commands; c++)
		json_array_append_new(all, command_json(c));
	return all;
}

static json_t *options_json(void)
{
	const struct global_option *o;
	json_t *all = json_array();

	for (o = global_options; o < global_options + n_global_options; o++)
		json_array_append_new(all,
				      json_pack("{ss* ss ss* ss}", "letter", o->letter, "name",
						o->name, "metavar", o->metavar, "help", o->help));
	return all;
}

static json_t *statuses_json(void)
{
	const struct exit_status *e;
	json_t *all = json_array();

	for (e = exit_statuses; e < exit_statuses + n_exit_statuses; e++)
		json_array_append_new(
			all, json_pack("{si ss}", "status", (int)e->status, "meaning", e->meaning));
	return all;
}

static void help_command(const struct command *c)
{
	printf("bqdisc %s%s%s\n\n%s\n\n%s", c->name, *c->synopsis ? " " : "", c->synopsis,
	       c->summary, c->text);
}

/* What may be typed and what holds if it is not. */
static void print_range(const struct bqdisc_option_info *o)
{
	bool chosen = o->unit == BQDISC_UNIT_CHOICE || o->unit == BQDISC_UNIT_BOOL;
	const char *const *name = chosen ? o->names : NULL;
	char min[32], max[32];

	for (; name && *name; name++)
		printf("%s%s", *name, name[1] ? ", " : "; ");
	if (o->count && o->unit != BQDISC_UNIT_NAME && !chosen)
		printf("%s to %s; ", bqdisc_unit__format(o->unit, o->min, min, sizeof(min)),
		       bqdisc_unit__format(o->unit, o->max, max, sizeof(max)));
	printf("default: %s\n", o->default_value);
}

/* A clause, or one of the values that may follow in it. */
static void print_option(const struct bqdisc_option_info *o, void *arg)
{
	(void)arg;
	if (o->follows)
		printf("      %s: %s; ", o->metavar, o->help);
	else
		printf("  %s\n      %s\n      ", o->synopsis, o->help);
	print_range(o);
	if (o->absent)
		printf("      %s\n", o->absent);
}

static void print_word(const struct bqdisc_word_info *w, void *arg)
{
	bool *presets = arg;

	*presets |= !strcmp(w->name, "preset");
	printf("  %s %s\n      %s\n", w->name, w->metavar, w->help);
}

static void print_preset(const struct bqdisc_preset_info *p, void *arg)
{
	bool *any = arg;

	if (!*any)
		puts("Presets, one way each");
	*any = true;
	if (p->first)
		printf("  %s: %s\n", p->name, p->summary);
	printf("      %s\n          %s\n", p->words, p->source);
}

/* Those of the user's file, too. One that cannot be read is told when a preset is asked for. */
static void print_presets(const struct globals *g)
{
	struct bqdisc *bq = session_open(g);
	bool any = false;

	bqdisc__each_preset(bq, print_preset, &any);
	bqdisc__close(bq);
	if (any)
		putchar('\n');
}

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	json_array_append_new(arg, json_pack("[s+s]", "  ", v->key, v->help));
}

static void help_qdisc(const struct bqdisc_qdisc *q, const struct globals *g)
{
	json_t *rows = json_pack("[[s]]", "Counters");
	bool presets = false;
	char memory[32];

	printf("%s: %s\n\n%s\nThe kernel and tc know it as %s.\n%s\n\nOptions\n",
	       bqdisc_qdisc__name(q), bqdisc_qdisc__summary(q), bqdisc_qdisc__description(q),
	       bqdisc_qdisc__kind(q),
	       bqdisc_qdisc__is_per_queue(q)
		       ? "Meant for one transmit queue: where there are several, each gets one."
		       : "Meant for a whole device: goes to the root however many queues it has.");
	bqdisc_qdisc__each_option(q, print_option, NULL);
	bqdisc_qdisc__each_word(q, print_word, &presets);
	printf("\nWith the defaults it takes %s of kernel memory.\n",
	       bqdisc_size__round(bqdisc_qdisc__memory(q), memory, sizeof(memory)));
	putchar('\n');
	if (presets)
		print_presets(g);
	bqdisc_qdisc__each_counter(q, add_counter, rows);
	output_table(g, rows, true);
}

/* An object file tells its options and counters as our own qdiscs do. */
static int help_file(const char *file, const struct globals *g)
{
	struct bqdisc *bq = session_open(g);
	const struct bqdisc_qdisc *q = bqdisc__qdisc(bq, file);

	if (!q)
		return session_fail(bq);
	help_qdisc(q, g);
	bqdisc__close(bq);
	return 0;
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
		output_json(json_pack("{so so so}", "commands", commands_json(), "options",
				      options_json(), "statuses", statuses_json()));
	else if (argc < 2)
		help_all(g);
	if (argc < 2)
		return 0;
	c = command_find(argv[1]);
	q = bqdisc_qdisc__find(argv[1]);
	if (!c && !q && strstr(argv[1], ".o"))
		return help_file(argv[1], g);
	if (!c && !q)
		return help_unknown(argv[1]);
	if (g->json)
		output_json(c ? command_json(c) : output_qdisc(q, g));
	else if (c)
		help_command(c);
	else
		help_qdisc(q, g);
	return 0;
}
