// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Overview and help of commands, from the table of commands. */
#include <string.h>

#include "help.h"
#include "output.h"
#include "wrap.h"

#define OVERVIEW_COLUMN 12
#define OPTIONS_COLUMN 22
#define PIECE_MAX 96

/* --- text --- */

static void print_heading(const struct globals *g, const char *text)
{
	putchar('\n');
	output_bold(g, text);
	putchar('\n');
}

static void print_global_options(const struct globals *g)
{
	const struct global_option *o;
	char left[64];

	print_heading(g, "Options, before the command");
	for (o = global_options; o < global_options + n_global_options; o++) {
		snprintf(left, sizeof(left), "%s%s%s%s%s", o->letter ? o->letter : "",
			 o->letter ? ", " : "", o->name, o->metavar ? " " : "",
			 o->metavar ? o->metavar : "");
		wrap_row(left, o->help, OPTIONS_COLUMN);
	}
}

static void print_overview(const struct globals *g)
{
	const struct exit_status *e;
	const struct command *c;
	char status[8];

	puts("bqdisc: BPF queueing disciplines on network interfaces\n");
	puts("Usage: bqdisc [OPTION]... COMMAND [ARGUMENT]...");
	for (c = commands; c < commands + n_commands; c++) {
		if (c == commands || strcmp(c->group, c[-1].group) != 0)
			print_heading(g, c->group);
		wrap_row(c->name, c->summary, OVERVIEW_COLUMN);
	}
	print_global_options(g);
	print_heading(g, "Exit status");
	for (e = exit_statuses; e < exit_statuses + n_exit_statuses; e++) {
		snprintf(status, sizeof(status), "%d", (int)e->status);
		wrap_row(status, e->meaning, 5);
	}
	puts("\n'bqdisc help COMMAND' describes a command, 'bqdisc help QDISC' a qdisc.");
}

static const char *write_option(const struct command_option *o, char buf[PIECE_MAX])
{
	snprintf(buf, PIECE_MAX, "%s%s%s", o->name, o->metavar ? " " : "",
		 o->metavar ? o->metavar : "");
	return buf;
}

/* An operand such as "[OPTION VALUE]..." stays on one line. */
static void print_operands(struct wrap *w, const char *usage)
{
	char piece[PIECE_MAX];
	size_t n;

	while (*usage) {
		n = *usage == '[' ? strcspn(usage, "]") : 0;
		n += strcspn(usage + n, " ");
		snprintf(piece, sizeof(piece), "%.*s", (int)n, usage);
		wrap_piece(w, piece);
		usage += n + strspn(usage + n, " ");
	}
}

static void print_usage(const struct command *c)
{
	char option[PIECE_MAX], piece[PIECE_MAX + 2];
	const struct command_option *o;
	struct wrap w = { .indent = 0 };

	wrap_words(&w, "Usage: bqdisc");
	wrap_piece(&w, c->name);
	w.indent = strlen("Usage: ");
	print_operands(&w, c->usage);
	for (o = c->options; o->name; o++) {
		snprintf(piece, sizeof(piece), "[%s]", write_option(o, option));
		wrap_piece(&w, piece);
	}
	wrap_end(&w);
}

static void help_command(const struct command *c, const struct globals *g)
{
	const struct command_option *o;
	const char *line, *end;
	char option[PIECE_MAX];

	printf("bqdisc %s: %s\n\n", c->name, c->summary);
	print_usage(c);
	putchar('\n');
	wrap_text(c->text, 0);
	if (c->options[0].name)
		print_heading(g, "Options");
	for (o = c->options; o->name; o++)
		wrap_row(write_option(o, option), o->help, OPTIONS_COLUMN);
	print_heading(g, "Examples");
	for (line = c->examples; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		printf("  %.*s\n", (int)(end - line), line);
	}
}

/* --- JSON --- */

static json_t *command_json(const struct command *c)
{
	json_t *options = json_array(), *examples = json_array();
	const struct command_option *o;
	const char *line, *end;

	for (o = c->options; o->name; o++)
		json_array_append_new(options, json_pack("{ss ss* ss}", "name", o->name, "metavar",
							 o->metavar, "help", o->help));
	for (line = c->examples; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		json_array_append_new(examples, json_stringn(line, (size_t)(end - line)));
	}
	return json_pack("{ss ss ss ss ss so so}", "name", c->name, "group", c->group, "usage",
			 c->usage, "summary", c->summary, "text", c->text, "options", options,
			 "examples", examples);
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

/* --- the command --- */

static int help_overview(const struct globals *g)
{
	if (g->json)
		output_json(json_pack("{so so so}", "commands", commands_json(), "options",
				      options_json(), "statuses", statuses_json()));
	else
		print_overview(g);
	return 0;
}

static int help_unknown(struct bqdisc *bq, const char *word)
{
	const char *nearest = bqdisc__nearest_qdisc(bq, word);

	if (!nearest)
		nearest = command_nearest(word);
	if (nearest)
		return usage_error("help: unknown command or qdisc '%s'; the nearest is '%s'", word,
				   nearest);
	return usage_error("help: unknown command or qdisc '%s'; see 'bqdisc help'", word);
}

static int help_on_command(const struct command *c, const struct globals *g)
{
	if (g->json)
		output_json(command_json(c));
	else
		help_command(c, g);
	return 0;
}

static int help_on_qdisc(const struct bqdisc_qdisc *q, const struct globals *g)
{
	if (g->json)
		output_json(output_qdisc(q, g));
	else
		help_qdisc(q, g);
	return 0;
}

int help_main(int argc, char *argv[], const struct globals *g)
{
	const struct bqdisc_qdisc *q;
	const struct command *c;
	struct bqdisc *bq;
	int status;

	if (argc > 2)
		return usage_unexpected("help", argv[2]);
	if (argc < 2)
		return help_overview(g);
	c = command_find(argv[1]);
	if (c)
		return help_on_command(c, g);
	bq = session_open(g);
	q = bqdisc__find_qdisc(bq, argv[1]);
	/* An object file describes its options and counters as the built-in qdiscs do. */
	if (!q && strstr(argv[1], ".o")) {
		q = bqdisc__qdisc(bq, argv[1]);
		if (!q)
			return session_fail(bq);
	}
	status = q ? help_on_qdisc(q, g) : help_unknown(bq, argv[1]);
	bqdisc__close(bq);
	return status;
}
