// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds qdiscs of the catalog by name, and user objects in files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/catalog.h"

#define NAMES_MAX 512 /* number of qdiscs among which the most similar name is searched */

/* Return true for a built-in qdisc under its own name, which is listed even if it is not loaded. */
static bool is_own(const struct bqdisc_qdisc *q)
{
	return !bq_qdisc_is_user(q) && !bq_qdisc_is_native(q);
}

/* Return true for a smaller table of a native name, which was superseded. */
static bool is_repeated(const struct bq_loaded *l)
{
	return l->superseded && bq_qdisc_is_native(l->q);
}

/* Return the first loaded qdisc, from L on, that is_own() is not true for and that can be read. */
static const struct bqdisc_qdisc *described(struct bq_catalog *c, struct bq_loaded *l)
{
	for (; l; l = l->next)
		if (!(l->q && (is_own(l->q) || is_repeated(l))) && !bq_catalog_describe(c, l, NULL))
			return l->q;
	return NULL;
}

const struct bqdisc_qdisc *bq_catalog_next(struct bq_catalog *c, const struct bqdisc_qdisc *prev)
{
	const struct bqdisc_qdisc *next;
	struct bq_loaded *l;

	if (prev && !is_own(prev)) {
		l = bq_catalog_loaded(c, prev);
		return l ? described(c, l->next) : NULL;
	}
	next = bq_builtin_next(prev);
	return next ? next : described(c, bq_catalog_first(c));
}

/* Return the user object of that name: an object may have several kinds, one of them numbered. */
static const struct bqdisc_qdisc *find_user(struct bq_catalog *c, const char *name)
{
	struct bq_loaded *l = bq_catalog_find_loaded(c, name);

	if (l && !bq_catalog_describe(c, l, NULL) && !strcmp(l->q->name, name))
		return l->q;
	for (l = bq_catalog_first(c); l; l = l->next)
		if (!l->superseded && strchr(l->name, '.') && !bq_catalog_describe(c, l, NULL) &&
		    !strcmp(l->q->name, name))
			return l->q;
	return NULL;
}

const struct bqdisc_qdisc *bq_catalog_find(struct bq_catalog *c, const char *name)
{
	const struct bqdisc_qdisc *q = bq_builtin_find(name);

	return q ? q : find_user(c, name);
}

const struct bqdisc_qdisc *bq_catalog_find_kind(struct bq_catalog *c, const char *kind)
{
	const struct bqdisc_qdisc *q = bq_builtin_find_kind(kind);
	struct bq_loaded *l;

	if (q)
		return q;
	for (l = bq_catalog_first(c); l; l = l->next)
		if (!strcmp(l->name, kind) && !bq_catalog_describe(c, l, NULL))
			return l->q;
	return NULL;
}

bool bq_catalog_has_kind(struct bq_catalog *c, const char *kind)
{
	struct bq_loaded *l;

	if (bq_builtin_find_kind(kind))
		return true;
	for (l = bq_catalog_first(c); l; l = l->next)
		if (!strcmp(l->name, kind))
			return true;
	return false;
}

const char *bq_catalog_nearest(struct bq_catalog *c, const char *word)
{
	const struct bqdisc_qdisc *q = NULL;
	const char *names[NAMES_MAX];
	size_t n = 0;

	while (n < NAMES_MAX && (q = bq_catalog_next(c, q)))
		names[n++] = q->name;
	return bqdisc_word__nearest(word, names, n);
}

const struct bqdisc_qdisc *bq_catalog_open_file(struct bq_catalog *c, const char *file,
						const char *as, struct bq_error *error)
{
	struct bq_user_object *b = bq_user_object_open(file, as, error);

	return b ? &bq_catalog_keep(c, b)->q : NULL;
}

const struct bqdisc_qdisc *bq_catalog_find_word(struct bq_catalog *c, const char *word,
						const char *as, struct bq_error *error)
{
	const struct bqdisc_qdisc *q;
	const char *nearest;

	if (as && bq_builtin_find(as)) {
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"--as: '%s' is that of one of bqdisc's own qdiscs; give another, or use "
			"'bqdisc load --as'",
			as);
		return NULL;
	}
	if (bq_user_object_is_file(word))
		return bq_catalog_open_file(c, word, as, error);
	q = as ? NULL : bq_catalog_find(c, word);
	if (q)
		return q;
	nearest = as ? NULL : bq_catalog_nearest(c, word);
	if (as)
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"--as: '%s' is not an object file; leave out --as", word);
	else if (nearest)
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"unknown qdisc '%s'; the nearest is '%s'", word, nearest);
	else
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"unknown qdisc '%s'; 'bqdisc list' lists them", word);
	return NULL;
}

/* --- names in the kernel --- */

const struct bqdisc_qdisc *bq_catalog_native(struct bq_catalog *c, const struct bqdisc_qdisc *q)
{
	struct bq_native *native;

	for (native = c->natives; native; native = native->next)
		if (bq_qdisc_same(&native->q, q))
			return &native->q;
	native = malloc(sizeof(*native));
	if (!native)
		return NULL;
	native->q = *q;
	native->q.kind = q->name;
	native->next = c->natives;
	c->natives = native;
	return &native->q;
}

const struct bqdisc_qdisc *bq_catalog_as(struct bq_catalog *c, const struct bqdisc_qdisc *q,
					 const char *kind, struct bq_error *error)
{
	const struct bqdisc_qdisc *native;

	if (!strcmp(kind, q->kind))
		return q;
	if (strcmp(kind, q->name)) {
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"--as: %s cannot have the name '%s'; use '%s' or '%s'", q->name, kind,
			q->name, q->kind);
		return NULL;
	}
	native = bq_catalog_native(c, q);
	if (!native)
		bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	return native;
}

const struct bqdisc_qdisc *bq_catalog_resolve(struct bq_catalog *c, const struct bqdisc_qdisc *q)
{
	struct bq_loaded *owner = bq_qdisc_is_user(q) ? bq_catalog_find_loaded(c, q->kind) : NULL;

	if (owner && owner->q != q && !bq_catalog_describe(c, owner, NULL) &&
	    bq_user_object_same(owner->q, q))
		return owner->q;
	return q;
}

const struct bqdisc_qdisc *bq_catalog_clone(struct bq_catalog *c, const struct bqdisc_qdisc *q,
					    const char *kind, const void *config,
					    struct bq_error *error)
{
	struct bq_user_object *b = bq_user_object_of(q);
	void *bytes = malloc(q->image.size);
	const struct bq_object_source source = {
		.file = b->file,
		.name = b->name,
		.kind = kind,
		.ops = b->ops,
	};

	if (!bytes) {
		bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
		return NULL;
	}
	memcpy(bytes, q->image.bytes, q->image.size);
	b = bq_user_object_new(&source, bytes, q->image.size, error);
	if (!b)
		return NULL;
	memcpy(b->values, config, b->q.config_size);
	return &bq_catalog_keep(c, b)->q;
}
