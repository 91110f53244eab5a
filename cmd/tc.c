// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bqdisc tc: the command line of tc(8). It serves the commands on qdiscs of bqdisc, and hands all
 * others to the real tc, also those that have an error, so that it prints the message.
 */
#include <stdlib.h>
#include <string.h>

#include "tc.h"

/* Return true if WORD is NAME, or an abbreviation. */
static bool abbreviates(const char *word, const char *name)
{
	return *word && !strncmp(word, name, strlen(word));
}

/* --- options --- */

enum option_kind {
	OPTION_OTHER,  /* of the real tc */
	OPTION_PASSED, /* no effect on the qdiscs of bqdisc */
	OPTION_STATS,
	OPTION_JSON,
	OPTION_PRETTY,
	OPTION_COLOR,
	OPTION_IEC,
	OPTION_NETNS,
};

/* The first option that a word abbreviates is meant, so the order is that of tc. */
static const struct {
	const char *name;
	enum option_kind kind;
} options[] = {
	{ "-stats", OPTION_STATS },      { "-statistics", OPTION_STATS },
	{ "-details", OPTION_PASSED },   { "-raw", OPTION_PASSED },
	{ "-pretty", OPTION_PRETTY },    { "-graph", OPTION_OTHER },
	{ "-Version", OPTION_OTHER },    { "-iec", OPTION_IEC },
	{ "-help", OPTION_OTHER },       { "-force", OPTION_PASSED },
	{ "-batch", OPTION_OTHER },      { "-netns", OPTION_NETNS },
	{ "-Numeric", OPTION_PASSED },   { "-names", OPTION_OTHER },
	{ "-nm", OPTION_OTHER },         { "-cf", OPTION_OTHER },
	{ "-conf", OPTION_OTHER },       { "-color", OPTION_COLOR },
	{ "-timestamp", OPTION_PASSED }, { "-tshort", OPTION_PASSED },
	{ "-json", OPTION_JSON },        { "-brief", OPTION_PASSED },
};

static enum option_kind find_option(const char *word)
{
	char name[16];
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (abbreviates(name, options[i].name))
			return options[i].kind;
	return OPTION_OTHER;
}

static void add_plain(struct tc_line *line, char *word)
{
	size_t n = 0;

	while (line->plain[n])
		n++;
	line->plain[n] = word;
}

/* Take the option ARGV[0]. Return the words used; 0: the real tc is to read the line. */
static int take_option(struct tc_line *line, char *argv[])
{
	enum option_kind kind = find_option(argv[0]);

	if (kind == OPTION_OTHER || (kind == OPTION_NETNS && !argv[1]))
		return 0;
	line->stats |= kind == OPTION_STATS;
	line->globals.json |= kind == OPTION_JSON;
	line->pretty |= kind == OPTION_PRETTY;
	line->iec |= kind == OPTION_IEC;
	if (kind == OPTION_PRETTY || kind == OPTION_COLOR)
		return 1;
	add_plain(line, argv[0]);
	if (kind != OPTION_NETNS)
		return 1;
	line->globals.netns = argv[1];
	add_plain(line, argv[1]);
	return 2;
}

/* --- the line --- */

static enum tc_verb find_verb(const char *word)
{
	static const struct {
		const char *name;
		enum tc_verb verb;
	} verbs[] = {
		{ "add", TC_ADD },    { "change", TC_CHANGE }, { "replace", TC_REPLACE },
		{ "link", TC_OTHER }, { "delete", TC_DELETE }, { "list", TC_SHOW },
		{ "show", TC_SHOW },  { "lst", TC_SHOW },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (abbreviates(word, verbs[i].name))
			return verbs[i].verb;
	return TC_OTHER;
}

/* Read the options, "qdisc" and the verb in ARGV. Return the verb. */
static enum tc_verb read_words(struct tc_line *line, char *argv[])
{
	enum tc_verb verb;
	int used;

	for (; *argv && **argv == '-'; argv += used) {
		used = take_option(line, argv);
		if (!used)
			return TC_OTHER;
	}
	if (!*argv || !abbreviates(*argv, "qdisc"))
		return TC_OTHER;
	add_plain(line, *argv++);
	verb = *argv ? find_verb(*argv) : TC_SHOW;
	for (line->words = *argv ? argv + 1 : argv; *argv; argv++)
		add_plain(line, *argv);
	line->n = argv > line->words ? (int)(argv - line->words) : 0;
	return verb;
}

/* Begin the line with bqdisc's own options, as tc writes them. */
static size_t begin(struct tc_line *line, const struct globals *g)
{
	static char name[] = "tc", json[] = "-json", netns[] = "-netns";
	size_t n = 0;

	line->all[n++] = line->plain[0] = name;
	if (g->json)
		line->all[n++] = json;
	if (g->netns) {
		line->all[n++] = netns;
		line->all[n++] = (char *)g->netns;
	}
	return n;
}

int tc_main(int argc, char *argv[], const struct globals *g)
{
	struct tc_line line = { .globals = *g };
	size_t room = (size_t)argc + 4, n;
	enum tc_verb verb;

	line.all = calloc(room, sizeof(*line.all));
	line.plain = calloc(room, sizeof(*line.plain));
	if (!line.all || !line.plain)
		abort();
	n = begin(&line, g);
	memcpy(line.all + n, argv + 1, (size_t)(argc - 1) * sizeof(*argv));
	verb = read_words(&line, line.all + 1);
	if (verb == TC_SHOW)
		return tc_show(&line);
	return verb == TC_OTHER ? tc_exec(&line) : tc_modify(verb, &line);
}
