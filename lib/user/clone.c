// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/qdisc.h"
#include "user/clone.h"

#define CLONES_MAX 9999

static void write_kind(const char *name, unsigned int n, char kind[BQ_KIND_MAX])
{
	char number[12] = "";
	int room;

	if (n > 1)
		snprintf(number, sizeof(number), ".%u", n);
	room = BQ_KIND_MAX - 1 - (int)strlen(number);
	snprintf(kind, BQ_KIND_MAX, "%.*s%s", room, name, number);
}

/* Return true if the kind has a qdisc, or cannot be read. */
static bool has_qdisc(struct bq_loaded *l)
{

	return bq_catalog_open(l, NULL) || bq_kind_in_use(&l->kind);
}

/*
 * Return true if Q can be loaded as KIND. A loaded kind without a qdisc gives up the name, as its
 * variables are no longer at their initial values. So does another object with Q's name. The first
 * kind is not looked up in the kernel. If another program registered it, the user must choose
 * another name.
 */
static bool is_free(struct bq_catalog *catalog, const struct bqdisc_qdisc *q, const char *kind,
		    unsigned int n)
{
	struct bq_loaded *owner = bq_catalog_find_loaded(catalog, kind);

	if (!owner)
		return n == 1 || !bq_tc_has_kind(kind);
	if (bq_catalog_describe(catalog, owner, NULL))
		return false;
	return bq_user_object_same(owner->q, q) ? !has_qdisc(owner) : n == 1;
}

const struct bqdisc_qdisc *bq_clone_pick(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
					 const void *config, unsigned int *n,
					 struct bq_error *error)
{
	char kind[BQ_KIND_MAX];

	while (++*n <= CLONES_MAX) {
		write_kind(q->name, *n, kind);
		if (is_free(catalog, q, kind, *n))
			return bq_catalog_clone(catalog, q, kind, config, error);
	}
	bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC, "%s is attached %u times: no name is left",
		q->name, CLONES_MAX);
	return NULL;
}

static void free_words(char **words, int n)
{
	while (n--)
		free(words[n]);
	free(words);
}

int bq_clone_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		   struct bq_error *error)
{
	char **split = calloc(2 * (size_t)n + 1, sizeof(*split));
	int i, err, m = 0;

	for (i = 0; split && i < n; i++) {
		const char *equals = strchr(words[i], '=');
		size_t len = equals ? (size_t)(equals - words[i]) : strlen(words[i]);

		split[m++] = strndup(words[i], len);
		if (equals)
			split[m++] = strdup(equals + 1);
		if (!split[m - 1] || !split[m - 1 - !!equals])
			break;
	}
	if (!split || i < n)
		err = bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	else
		err = bq_options_parse(q, m, split, config, error);
	error->word = NULL; /* the word is not one of the caller's */
	if (split)
		free_words(split, m);
	return err;
}
