// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tc_netem.h"

#define VALUE_MAX 512 /* bytes of an option in command-line syntax */

void tc_words_add(struct tc_words *words, const char *word)
{
	words->v = reallocarray(words->v, (size_t)words->n + 1, sizeof(*words->v));
	if (!words->v || !(words->v[words->n++] = strdup(word)))
		abort();
}

void tc_words_free(struct tc_words *words)
{
	while (words->n)
		free(words->v[--words->n]);
	free(words->v);
	words->v = NULL;
}

/* Return the place of WORD behind the words USER begin with, or N. */
static int find_word(int n, char *const user[], const char *word)
{
	int i = 0;

	while (i < n && strcmp(user[i], word) != 0)
		i++;
	return i;
}

static bool has_word(int n, char *const user[], const char *word)
{
	return find_word(n, user, word) < n;
}

void tc_netem_add_defaults(struct tc_words *words, int n, char *const user[])
{
	if (!has_word(n, user, "limit")) {
		tc_words_add(words, "limit");
		tc_words_add(words, "1000");
	}
	if (has_word(n, user, "reorder") && !has_word(n, user, "gap")) {
		tc_words_add(words, "gap");
		tc_words_add(words, "1");
	}
}

/* --- change --- */

struct kept {
	struct tc_words *words;
	int n;
	char *const *user;
	bool keeps; /* the present clause */
};

static bool names(const struct kept *k, const char *word)
{
	return has_word(k->n, k->user, word);
}

/* Return true if a jitter follows the delay, which a distribution needs. */
static bool names_jitter(const struct kept *k)
{
	int i = find_word(k->n, k->user, "delay");

	if (i == k->n)
		i = find_word(k->n, k->user, "latency");
	return i + 2 < k->n && isdigit((unsigned char)k->user[i + 2][0]);
}

static bool is_kept(const struct kept *k, const struct bqdisc_value *v)
{
	static const char *const reset[] = { "limit",   "delay", "loss", "duplicate",
					     "reorder", "gap",   "seed" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reset); i++)
		if (!strcmp(v->name, reset[i]))
			return false;
	if (!v->is_set || names(k, v->name) || (v->word && names(k, v->word)))
		return false;
	if (!strcmp(v->name, "distribution"))
		return names_jitter(k);
	if (!strcmp(v->name, "ecn"))
		return names(k, "loss") || names(k, "drop");
	if (!strcmp(v->name, "packets") || !strcmp(v->name, "bytes"))
		return !names(k, "slot");
	return true;
}

/* Add the option, or the further value of one. The name of a file may have blanks. */
static void add_option(struct tc_words *words, const struct bqdisc_value *v)
{
	char text[VALUE_MAX], *rest = text, *word;

	if (v->unit == BQDISC_UNIT_NAME) {
		if (!v->follows)
			tc_words_add(words, v->name);
		if (v->form)
			tc_words_add(words, v->form);
		tc_words_add(words, v->word);
		return;
	}
	bqdisc_value__format(v, text, sizeof(text));
	while ((word = strsep(&rest, " ")))
		if (*word)
			tc_words_add(words, word);
}

static void add_kept(const struct bqdisc_value *v, void *arg)
{
	struct kept *k = arg;

	if (!v->follows)
		k->keeps = is_kept(k, v);
	if (k->keeps && v->is_set)
		add_option(k->words, v);
}

void tc_netem_add_kept(struct tc_words *words, const struct bqdisc_instance *inst, int n,
		       char *const user[])
{
	struct kept k = { .words = words, .n = n, .user = user };

	bqdisc_instance__each_option(inst, add_kept, &k);
}
