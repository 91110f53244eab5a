// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Completions for the last word of a command line. The completion scripts of the shells call this
 * command, so that no script lists commands or options. The table of commands names the operands,
 * and `candidates` at the end of this file the words for each.
 */
#include <dirent.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

#define WORD_MAX 64

/* The command line so far. */
struct typed {
	const char *word; /* the last one, which may be incomplete */
	struct globals globals;
	const struct command *command;
	const char *dev;   /* the word at DEV */
	const char *qdisc; /* the word at QDISC */
	bool matching;     /* a field of a match may follow */
	struct bqdisc *bq;
	json_t *offers; /* words with their descriptions, each once */
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

/* --- candidates --- */

/* Offer a device after the names of a list that are complete. */
static void offer_in_list(struct typed *t, const char *dev, const char *help)
{
	const char *last = strrchr(t->word, ',');
	char list[4096];

	snprintf(list, sizeof(list), "%.*s%s", last ? (int)(last + 1 - t->word) : 0, t->word, dev);
	offer(t, list, help);
}

static void offer_counter(const struct bqdisc_value *v, void *arg)
{
	offer(arg, v->key, v->help);
}

static int offer_device(const struct bqdisc_instance *inst, void *arg)
{
	offer_in_list(arg, bqdisc_instance__dev(inst),
		      bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)));
	return 0;
}

static void offer_devices(struct typed *t)
{
	struct if_nameindex *all = if_nameindex(), *i;

	for (i = all; i && i->if_name; i++)
		offer_in_list(t, i->if_name, NULL);
	if_freenameindex(all);
}

/* Offer all devices if the caller may not read the attached ones. */
static void offer_attached_devices(struct typed *t)
{
	if (bqdisc__each_instance(t->bq, NULL, offer_device, t))
		offer_devices(t);
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
	for (const char *const *color = color_words; *color; color++)
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

	for (q = bqdisc__next_qdisc(t->bq, NULL); q; q = bqdisc__next_qdisc(t->bq, q))
		offer(t, bqdisc_qdisc__name(q), bqdisc_qdisc__summary(q));
}

static void offer_loaded(struct typed *t)
{
	const struct bqdisc_qdisc *q;

	for (q = bqdisc__next_qdisc(t->bq, NULL); q; q = bqdisc__next_qdisc(t->bq, q))
		if (bqdisc__is_loaded(t->bq, q))
			offer(t, bqdisc_qdisc__name(q), bqdisc_qdisc__summary(q));
}

static int take_qdisc(const struct bqdisc_instance *inst, void *arg)
{
	((struct typed *)arg)->qdisc = bqdisc_qdisc__name(bqdisc_instance__qdisc(inst));
	return 1;
}

/* Call FN for the options of the qdisc on the command line or on DEV; else of all qdiscs. */
static void each_option(struct typed *t, bqdisc_option_fn fn, void *arg)
{
	const struct bqdisc_qdisc *q;

	if (!t->qdisc && t->dev)
		bqdisc__each_instance(t->bq, t->dev, take_qdisc, t);
	q = t->qdisc ? bqdisc__find_qdisc(t->bq, t->qdisc) : NULL;
	if (t->qdisc && q)
		bqdisc_qdisc__each_option(q, fn, arg);
	for (q = bqdisc__next_qdisc(t->bq, NULL); q && !t->qdisc; q = bqdisc__next_qdisc(t->bq, q))
		bqdisc_qdisc__each_option(q, fn, arg);
}

static void offer_counters(struct typed *t)
{
	const struct bqdisc_qdisc *q;

	if (t->dev)
		bqdisc__each_instance(t->bq, t->dev, take_qdisc, t);
	for (q = bqdisc__next_qdisc(t->bq, NULL); q; q = bqdisc__next_qdisc(t->bq, q))
		if (!t->qdisc || !strcmp(t->qdisc, bqdisc_qdisc__name(q)))
			bqdisc_qdisc__each_counter(q, offer_counter, t);
}

static void offer_option(const struct bqdisc_option_info *o, void *arg)
{
	size_t i;

	if (o->follows)
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

static void offer_word(const struct bqdisc_word_info *w, void *arg)
{
	struct typed *t = arg;
	const char *const *field;

	offer(t, w->name, w->help);
	for (field = w->fields; t->matching && field && *field; field++)
		offer(t, *field, w->help);
}

static void offer_words(struct typed *t)
{
	const struct bqdisc_qdisc *q = t->qdisc ? bqdisc__find_qdisc(t->bq, t->qdisc) : NULL;

	if (q)
		bqdisc_qdisc__each_word(q, offer_word, t);
}

/* Offer the default value, and the units after a number. */
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

static void offer_topics(struct typed *t)
{
	offer_commands(t);
	offer_qdiscs(t);
}

/* The words for each kind of operand. */
static void (*const candidates[])(struct typed *t) = {
	[OPERAND_DEV] = offer_devices,      [OPERAND_ATTACHED_DEV] = offer_attached_devices,
	[OPERAND_QDISC] = offer_qdiscs,     [OPERAND_LOADED] = offer_loaded,
	[OPERAND_TOPIC] = offer_topics,     [OPERAND_COUNTER] = offer_counters,
	[OPERAND_NETNS] = offer_namespaces, [OPERAND_COLOR] = offer_colors,
};

static void offer_for(struct typed *t, enum operand operand)
{
	if (candidates[operand])
		candidates[operand](t);
}

/* Offer the options of the command, or the global options before it. */
static void offer_flags(const struct typed *t)
{
	const struct command_option *own;
	const struct global_option *o;

	for (o = global_options; !t->command && o < global_options + n_global_options; o++) {
		if (o->letter)
			offer(t, o->letter, o->help);
		offer(t, o->name, o->help);
	}
	for (own = t->command ? t->command->options : NULL; own && own->name; own++)
		offer(t, own->name, own->help);
}

/* --- the words before the last --- */

/* Search for the option row of a clause. */
struct search {
	const char *name, *form;
	struct bqdisc_option_info found;
	bool formed;         /* `form` is a form of the option */
	bool inside;         /* the last rows belong to the clause that was found */
	size_t more;         /* values that may follow the first one */
	struct typed *typed; /* offer the forms to it; or NULL */
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

/* Complete the last of WORDS, which begin with the first option. */
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

static const struct command_option *find_option(const struct command *c, const char *word)
{
	const struct command_option *o;

	for (o = c->options; o->name; o++)
		if (!strcmp(o->name, word))
			return o;
	return NULL;
}

/* Remove the flags from WORDS. *IS_VALUE: the last word is the value of a flag. */
static int drop_flags(const struct command *c, int n, char *words[], bool *is_value)
{
	const struct command_option *o;
	int i, kept = 0;

	*is_value = false;
	for (i = 0; i < n; i++) {
		o = find_option(c, words[i]);
		if (i == n - 1 || (!o && strncmp(words[i], "--", 2) != 0))
			words[kept++] = words[i];
		else if (o && o->metavar)
			*is_value = ++i == n - 1;
	}
	return kept;
}

/* WORDS follow the command. */
static void complete_command(struct typed *t, int n, char *words[])
{
	const enum operand *operands = t->command->operands;
	bool is_value;
	int i;

	n = drop_flags(t->command, n, words, &is_value);
	for (i = 0; !is_value && i < n && operands[i] != OPERAND_NONE; i++) {
		if (operands[i] == OPERAND_OPTIONS) {
			complete_options(t, n - i, words + i);
			return;
		}
		if (i == n - 1)
			offer_for(t, operands[i]);
		else if (operands[i] == OPERAND_DEV || operands[i] == OPERAND_ATTACHED_DEV)
			t->dev = words[i];
		else if (operands[i] == OPERAND_QDISC)
			t->qdisc = words[i];
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
		offer_for(t, o->value);
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
	/* The words after `--` are those of the command line, none is a flag of this command. */
	int first = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	if (first < argc)
		complete(&t, argc - first, argv + first);
	print_offers(&t);
	json_decref(t.offers);
	return 0;
}
