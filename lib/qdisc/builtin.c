// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Built-in qdiscs. families.h is generated: it has a line FAMILY(name)
 * for every file in lib/qdisc. A new qdisc therefore needs no entry in a list.
 */
#include <string.h>

#include "qdisc/qdisc.h"
#include "util/array.h"

#define FAMILY(name) extern const struct bq_family bq_family_##name;
#include "families.h"
#undef FAMILY

#define FAMILY(name) &bq_family_##name,
static const struct bq_family *const families[] = {
#include "families.h"
};
#undef FAMILY

#define N_FAMILIES ARRAY_SIZE(families)

const struct bqdisc_qdisc *bq_builtin_next(const struct bqdisc_qdisc *prev)
{
	size_t f, i;
	bool found = !prev;

	for (f = 0; f < N_FAMILIES; f++) {
		for (i = 0; i < families[f]->n_qdiscs; i++) {
			if (found)
				return &families[f]->qdiscs[i];
			found = prev == &families[f]->qdiscs[i];
		}
	}
	return NULL;
}

const struct bqdisc_qdisc *bq_builtin_find(const char *name)
{
	size_t f, i;

	for (f = 0; f < N_FAMILIES; f++)
		for (i = 0; i < families[f]->n_qdiscs; i++)
			if (!strcmp(families[f]->qdiscs[i].name, name))
				return &families[f]->qdiscs[i];
	return NULL;
}

const struct bqdisc_qdisc *bq_builtin_find_kind(const char *kind)
{
	size_t f, i;

	for (f = 0; f < N_FAMILIES; f++)
		for (i = 0; i < families[f]->n_qdiscs; i++)
			if (!strcmp(families[f]->qdiscs[i].kind, kind))
				return &families[f]->qdiscs[i];
	return NULL;
}

bool bq_qdisc_is_user(const struct bqdisc_qdisc *q)
{
	return q->image.bytes;
}

bool bq_qdisc_is_native(const struct bqdisc_qdisc *q)
{
	return !bq_qdisc_is_user(q) && !strcmp(q->kind, q->name);
}

/* Copies of a built-in descriptor share its strings. Those of a user object are its own. */
bool bq_qdisc_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b)
{
	return a->ops == b->ops;
}
