// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What may stand at the end of a command line, for the shells' completions: none of them knows a
 * word of ours. What belongs at a place is read from the synopsis of the command; what a synopsis
 * calls DEV or OPTION is a row of the table at the end of this file.
 */
#include <dirent.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

#define WORD_MAX 64

/* The command line as far as it is typed. */
struct typed {
	const char *word; /* the last one, which may be incomplete */
	struct globals globals;
	const struct command *command;
	const char *dev;   /* the word at DEV */
	const char *qdisc; /* the word at QDISC */
	bool matching;     /* fields of a match may stand here */
	struct bqdisc *bq;
	json_t *offers; /* words with what is said about them, each once */
};

static void offer(const struct typed *t, const char *word, const char *help)
{
	if (!strncmp(word, t->word, strlen(t->word)) && !json_object_get(t->offers, word))
		json_object_set_new(t->offers, word, json_string(help ? help : ""));
}

static void print_offers(const struct typed *t)
{
	const char *word, *help;
	json_t *value;

	json_object_foreach(t->offers, word, value)
	{
		help = json_string_value(value);
		printf("%s%s%s\n", word, *help ? "\t" : "", help);
	}
}

/* --- reading a synopsis --- */

/* The word after *REST, without brackets and dots, into WORD; false at the end. */
static bool next_word(const char **rest, char word[WORD_MAX])
{
	size_t n;

	*rest += strspn(*rest, " []");
	n = strcspn(*rest, " []");
	snprintf(word, WORD_MAX, "%.*s", (int)n, *rest);
	*rest += n;
	if (!strncmp(*rest, "]...", 4))
		*rest += 4;
	return n > 0;
}

/* Whether one of ALTERNATIVES ("A|B") is WORD. */
static bool is_one_of(const char *alternatives, const char *word)
{
	char copy[WORD_MAX], *save = NULL, *one;

	snprintf(copy, sizeof(copy), "%s", alternatives);
	for (one = strtok_r(copy, "|", &save); one; one = strtok_r(NULL, "|", &save))
		if (!strcmp(one, word))
			return true;
	return false;
}

/* A value belongs to the last one: "--root|--parent CLASS". */
static bool is_last_of(const char *alternatives, const char *word)
{
	const char *bar = strrchr(alternatives, '|');

	return !strcmp(bar ? bar + 1 : alternatives, word);
}

static bool is_flag(const char *word)
{
	return !strncmp(word, "--", 2);
}

/* What follows the flag FLAG of a command, into METAVAR; false: nothing does. */
static bool flag_takes(const struct command *c, const char *flag, char metavar[WORD_MAX])
{
	const char *rest = c->synopsis;
	char word[WORD_MAX];

	while (next_word(&rest, word))
		if (is_flag(word) && is_one_of(word, flag))
			return is_last_of(word, flag) && *rest == ' ' && rest[1] != '[' &&
			       next_word(&rest, metavar);
	return false;
}

/* What the synopsis calls word N after the command, into WHAT; of what repeats, the first word. */
static bool place_at(const struct command *c, size_t n, char what[WORD_MAX])
{
	const char *rest = c->synopsis;
	char ignored[WORD_MAX];

	while (next_word(&rest, what)) {
		if (is_flag(what) && *rest == ' ')
			next_word(&rest, ignored);
		else if (!is_flag(what) && (!strcmp(what, "OPTION") || n-- == 0))
			return true;
	}
	return false;
}

/* --- candidates --- */

static void offer_counter(const struct bqdisc_value *v, void *arg)
{
	offer(arg, v->key, v->help);
}

static int offer_device(const struct bqdisc_instance *inst, void *arg)
{
	offer(arg, bqdisc_instance__dev(inst), bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)));
	return 0;
}

/* A command that names no qdisc acts on what is attached: if that can be told. */
static void offer_devices(struct typed *t)
{
	bool attached = t->command && !strstr(t->command->synopsis, "QDISC");
	struct if_nameindex *all, *i;

	if (attached && !bqdisc__each_instance(t->bq, NULL, offer_device, t))
		return;
	all = if_nameindex();
	for (i = all; i && i->if_name; i++)
		offer(t, i->if_name, NULL);
	if_freenameindex(all);
}

static void offer_namespaces(struct typed *t)
{
	DIR *dir = opendir("/run/netns");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			offer(t, e->d_name, NULL);
	if (dir)
		closedir(dir);
}

static void offer_colors(struct typed *t)
{
	const char *const *color;

	for (color = color_words; *color; color++)
		offer(t, *color, NULL);
}

static void offer_commands(struct typed *t)
{
	const struct command *c;

	for (c = commands; c < commands + n_commands; c++)
		offer(t, c->name, c->summary);
}

static void offer_qdiscs(struct typed *t)
{
	const struct bqdisc_qdisc *q;

	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q))
		offer(t, bqdisc_qdisc__name(q), bqdisc_qdisc__summary(q));
}

static void offer_loaded(struct typed *t)
{
	const struct bqdisc_qdisc *q;

	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q))
		if (bqdisc_qdisc__is_loaded(q))
			offer(t, bqdisc_qdisc__name(q), bqdisc_qdisc__summary(q));
}

static int take_qdisc(const struct bqdisc_instance *inst, void *arg)
{
	((struct typed *)arg)->qdisc = bqdisc_qdisc__name(bqdisc_instance__qdisc(inst));
	return 1;
}

/* Calls FN for the options of the qdisc at hand; of all of them when it cannot be told. */
static void each_option(struct typed *t, bqdisc_option_fn fn, void *arg)
{
	const struct bqdisc_qdisc *q;

	if (!t->qdisc && t->dev)
		bqdisc__each_instance(t->bq, t->dev, take_qdisc, t);
	q = t->qdisc ? bqdisc_qdisc__find(t->qdisc) : NULL;
	if (t->qdisc && q)
		bqdisc_qdisc__each_option(q, fn, arg);
	for (q = bqdisc_qdisc__next(NULL); q && !t->qdisc; q = bqdisc_qdisc__next(q))
		bqdisc_qdisc__each_option(q, fn, arg);
}

static void offer_counters(struct typed *t)
{
	const struct bqdisc_qdisc *q;

	if (t->dev)
		bqdisc__each_instance(t->bq, t->dev, take_qdisc, t);
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q))
		if (!t->qdisc || !strcmp(t->qdisc, bqdisc_qdisc__name(q)))
			bqdisc_qdisc__each_counter(q, offer_counter, t);
}

static void offer_option(const struct bqdisc_option_info *o, void *arg)
{
	size_t i;

	if (o->absent || o->follows)
		return;
	if (o->count)
		offer(arg, o->name, o->help);
	for (i = 0; i < 2 && !o->count; i++)
		offer(arg, o->words[i], o->help);
}

static void offer_preset(const struct bqdisc_preset_info *p, void *arg)
{
	if (p->first)
		offer(arg, p->name, p->summary);
}

/* What stands in small letters in "[not] [src NET]". */
static void offer_fields(struct typed *t, const struct bqdisc_word_info *w)
{
	const char *rest = w->metavar;
	char word[WORD_MAX];

	while (next_word(&rest, word))
		if (strspn(word, "abcdefghijklmnopqrstuvwxyz") == strlen(word))
			offer(t, word, w->help);
}

static void offer_word(const struct bqdisc_word_info *w, void *arg)
{
	struct typed *t = arg;

	offer(t, w->name, w->help);
	if (t->matching && !strcmp(w->name, "match"))
		offer_fields(t, w);
}

static void offer_words(struct typed *t)
{
	const struct bqdisc_qdisc *q = t->qdisc ? bqdisc_qdisc__find(t->qdisc) : NULL;

	if (q)
		bqdisc_qdisc__each_word(q, offer_word, t);
}

/* The default to begin with; behind a number, its units. */
static void offer_value(struct typed *t, const struct bqdisc_option_info *o)
{
	size_t digits = strspn(t->word, "0123456789.");
	char units[WORD_MAX], value[2 * WORD_MAX], *save = NULL, *unit;

	const char *const *name;

	for (name = o->names; name && *name; name++)
		offer(t, *name, o->help);
	if (!strchr(o->default_value, ' '))
		offer(t, o->default_value, o->help);
	snprintf(units, sizeof(units), "%s", bqdisc_unit__words(o->unit));
	for (unit = strtok_r(units, ", ", &save); unit && digits;
	     unit = strtok_r(NULL, ", ", &save)) {
		snprintf(value, sizeof(value), "%.*s%s", (int)digits, t->word, unit);
		offer(t, value, o->help);
	}
}

static const struct {
	const char *what;
	void (*offer)(struct typed *t);
} places[] = {
	{ "DEV", offer_devices },      { "NETNS", offer_namespaces }, { "WHEN", offer_colors },
	{ "COMMAND", offer_commands }, { "QDISC", offer_qdiscs },     { "LOADED", offer_loaded },
	{ "COUNTER", offer_counters },
};

static void offer_for(struct typed *t, const char *what)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (is_one_of(what, places[i].what))
			places[i].offer(t);
}

/* The flags of the command, or the options before it. */
static void offer_flags(const struct typed *t)
{
	const char *rest = t->command ? t->command->synopsis : "";
	char word[WORD_MAX], *save = NULL, *one;
	const struct global_option *o;

	for (o = global_options; !t->command && o < global_options + n_global_options; o++) {
		if (o->letter)
			offer(t, o->letter, o->help);
		offer(t, o->name, o->help);
	}
	while (next_word(&rest, word))
		for (one = strtok_r(word, "|", &save); one; one = strtok_r(NULL, "|", &save))
			if (is_flag(one))
				offer(t, one, NULL);
}

/* --- the words before the last --- */

/* What the words of a clause say. */
struct search {
	const char *name, *form;
	struct bqdisc_option_info found;
	bool formed;         /* form is one of the name's */
	bool inside;         /* the rows seen last follow in the clause that was found */
	size_t more;         /* how many values may follow the first */
	struct typed *typed; /* whom to offer forms; or NULL */
};

static void compare(const struct bqdisc_option_info *o, void *arg)
{
	struct search *s = arg;

	if (o->follows) {
		s->more += s->inside;
		return;
	}
	s->inside = false;
	if (!o->count || (strcmp(o->name, s->name) && (!o->alias || strcmp(o->alias, s->name))))
		return;
	if (o->form && s->typed)
		offer(s->typed, o->form, o->help);
	if (s->found.name && (!o->form || strcmp(o->form, s->form)))
		return;
	s->formed = o->form && !strcmp(o->form, s->form);
	s->inside = true;
	s->more = 0;
	s->found = *o;
}

/* WORDS begin where options do; the last one is the incomplete one. */
static void complete_options(struct typed *t, int n, char *const words[])
{
	size_t more;
	int i = 0;

	if (n > 1 && !strcmp(words[n - 2], "preset")) {
		bqdisc__each_preset(t->bq, offer_preset, t);
		return;
	}
	while (i < n - 1) {
		struct search s = { .name = words[i], .form = words[i + 1] };

		t->matching =
			!strcmp(words[i], "match") || (t->matching && strcmp(words[i], "rule"));
		s.typed = i + 2 == n ? t : NULL;
		each_option(t, compare, &s);
		i += 1 + s.formed;
		if (i + (int)s.found.count >= n) {
			offer_value(t, &s.found);
			return;
		}
		i += (int)s.found.count;
		for (more = s.more; more && i < n - 1 && strchr("-0123456789", *words[i]); more--)
			i++;
	}
	each_option(t, offer_option, t);
	offer_words(t);
}

/* Takes the flags out of WORDS. What the last word is the value of goes into METAVAR. */
static int drop_flags(const struct command *c, int n, char *words[], char metavar[WORD_MAX])
{
	int i, kept = 0;

	metavar[0] = '\0';
	for (i = 0; i < n; i++) {
		if (i == n - 1 || !is_flag(words[i]))
			words[kept++] = words[i];
		else if (flag_takes(c, words[i], metavar) && ++i < n - 1)
			metavar[0] = '\0';
	}
	return kept;
}

/* WORDS come after the command. */
static void complete_command(struct typed *t, int n, char *words[])
{
	char what[WORD_MAX];
	int i;

	n = drop_flags(t->command, n, words, what);
	if (what[0]) {
		offer_for(t, what);
		return;
	}
	for (i = 0; i < n && place_at(t->command, (size_t)i, what); i++) {
		if (!strcmp(what, "OPTION")) {
			complete_options(t, n - i, words + i);
			return;
		}
		if (i < n - 1 && is_one_of(what, "DEV"))
			t->dev = words[i];
		else if (i < n - 1 && is_one_of(what, "QDISC"))
			t->qdisc = words[i];
		else if (i == n - 1)
			offer_for(t, what);
	}
}

static void complete(struct typed *t, int n, char *words[])
{
	const struct global_option *o = NULL;
	int i = 0, took;

	while (i < n - 1 && (took = global_take(&t->globals, words + i)))
		i += took < 0 || i + took >= n ? 1 : took;
	if (i == n - 1 && i > 0)
		o = global_find(words[i - 1]);
	t->word = words[n - 1];
	t->bq = bqdisc__open(&(struct bqdisc_opts){ .sz = sizeof(struct bqdisc_opts),
						    .netns = t->globals.netns });
	t->command = i < n - 1 ? command_find(words[i]) : NULL;
	if (o && o->metavar)
		offer_for(t, o->metavar);
	else if (t->word[0] == '-')
		offer_flags(t);
	else if (i == n - 1)
		offer_commands(t);
	else if (t->command)
		complete_command(t, n - i - 1, words + i + 1);
	bqdisc__close(t->bq);
}

int complete_main(int argc, char *argv[], const struct globals *g)
{
	struct typed t = { .globals = *g, .offers = json_object() };
	/* Of the words that a shell hands over none is a flag of this command. */
	int first = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	if (first < argc)
		complete(&t, argc - first, argv + first);
	print_offers(&t);
	json_decref(t.offers);
	return 0;
}
