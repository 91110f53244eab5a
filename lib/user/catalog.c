// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/bpffs.h"
#include "bpf/object.h"
#include "user/catalog.h"

/* Prefix of the directory of a user object's kind. Other pins have other prefixes. */
#define OWN '@'
#define SUPERSEDED '~'
/* Replacement for a dot, which bpffs refuses in names. No kind contains a plus. */
#define DOT '+'

/* --- reading the pins --- */

void bq_catalog_dir(const struct bqdisc_qdisc *q, char dir[BQ_PIN_NAME_MAX])
{
	char *c;

	if (!bq_qdisc_is_user(q)) {
		snprintf(dir, BQ_PIN_NAME_MAX, "%s", q->kind);
		return;
	}
	snprintf(dir, BQ_PIN_NAME_MAX, "%c%s", OWN, q->kind);
	for (c = dir; *c; c++)
		if (*c == '.')
			*c = DOT;
}

/* Append a kind to the list. */
static struct bq_loaded *append(struct bq_catalog *c, const char *dir)
{
	struct bq_loaded **end = &c->loaded, *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	while (*end)
		end = &(*end)->next;
	*end = l;
	snprintf(l->dir, sizeof(l->dir), "%s", dir);
	return l;
}

/* Add the kind whose pins are in DIR if a built-in qdisc has it, as its own or its native one. */
static int add_builtin(struct bq_catalog *c, const char *dir)
{
	char kind[BQ_PIN_NAME_MAX];
	const struct bqdisc_qdisc *q, *native;
	struct bq_loaded *l;

	snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(dir, (const char[]){ SUPERSEDED, 0 }),
		 dir);
	q = bq_builtin_find_kind(kind);
	native = q ? NULL : bq_builtin_find(kind);
	if (!q && !native)
		return 0;
	q = q ? q : bq_catalog_native(c, native);
	l = q ? append(c, dir) : NULL;
	if (!l)
		return -ENOMEM;
	l->q = q;
	l->superseded = strchr(l->dir, SUPERSEDED);
	snprintf(l->name, sizeof(l->name), "%s", q->kind);
	return 0;
}

/* Add the kind of the user object whose pins are in DIR: its name is in that of the directory. */
static int add_user(struct bq_catalog *c, const char *dir)
{
	struct bq_loaded *l = append(c, dir);
	char *ch;

	if (!l)
		return -ENOMEM;
	l->superseded = strchr(dir, SUPERSEDED);
	snprintf(l->name, sizeof(l->name), "%.*s",
		 (int)(strcspn(dir, (const char[]){ SUPERSEDED, 0 }) - 1), dir + 1);
	for (ch = l->name; *ch; ch++)
		if (*ch == DOT)
			*ch = '.';
	return 0;
}

static int read_names(struct bq_catalog *c)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < c->pins.n; i++) {
		const char *dir = c->pins.names[i];

		if (*dir != OWN)
			err = add_builtin(c, dir);
		else if (!strchr(dir, '-'))
			err = add_user(c, dir);
	}
	c->is_current = true;
	return err;
}

/* Read the pins for a query, which takes no lock. What cannot be read is not loaded. */
static void read_pins(struct bq_catalog *c)
{
	bq_pins_read(&c->pins, "");
	read_names(c);
}

int bq_catalog_lock(struct bq_catalog *c, bool create, struct bq_error *error)
{
	int lock;

	bq_catalog_clear(c);
	if (create && bq_pin_has_bpffs() && bq_bpffs_check_lasting(error))
		return -EXDEV;
	lock = bq_pin_lock(create, &c->pins, error);
	if (lock < 0 || !read_names(c))
		return lock;
	bq_catalog_unlock(c, lock);
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
}

void bq_catalog_unlock(struct bq_catalog *c, int lock)
{
	bq_catalog_clear(c);
	bq_pin_unlock(lock);
}

void bq_catalog_clear(struct bq_catalog *c)
{
	while (c->loaded)
		bq_catalog_drop(c, c->loaded);
	bq_pins_free(&c->pins);
	if (c->object)
		bq_object_close(c->object);
	c->object = NULL;
	c->is_current = false;
}

void bq_catalog_free(struct bq_catalog *c)
{
	struct bq_user_object *b;
	struct bq_native *native;

	bq_catalog_clear(c);
	while ((b = c->objects)) {
		c->objects = b->next;
		bq_user_object_free(b);
	}
	while ((native = c->natives)) {
		c->natives = native->next;
		free(native);
	}
}

/* --- loaded kinds --- */

struct bq_loaded *bq_catalog_first(struct bq_catalog *c)
{
	if (!c->is_current)
		read_pins(c);
	return c->loaded;
}

struct bq_loaded *bq_catalog_find_loaded(struct bq_catalog *c, const char *name)
{
	struct bq_loaded *l;

	if (!c->is_current)
		read_pins(c);
	for (l = c->loaded; l; l = l->next)
		if (!l->superseded && !strcmp(l->name, name))
			return l;
	return NULL;
}

struct bq_loaded *bq_catalog_loaded(struct bq_catalog *c, const struct bqdisc_qdisc *q)
{
	struct bq_loaded *l, *superseded = NULL;

	if (!c->is_current)
		read_pins(c);
	for (l = c->loaded; l; l = l->next) {
		if (strcmp(l->name, q->kind))
			continue;
		if (!l->q)
			bq_catalog_describe(c, l, NULL);
		if (l->q == q && !l->superseded)
			return l;
		if (l->q == q)
			superseded = l;
	}
	return superseded;
}

static int open_usage(struct bq_loaded *l, struct bq_error *error)
{
	return l->kind.usage ? 0 : bq_kind_open_usage(&l->kind, l->name, l->q, l->dir, error);
}

int bq_catalog_open(struct bq_loaded *l, struct bq_error *error)
{
	int err;

	if (l->is_open)
		return 0;
	err = open_usage(l, error);
	if (!err)
		err = bq_kind_open(&l->kind, error);
	l->is_open = !err;
	return err;
}

static bool is_builtin(const struct bq_loaded *l)
{
	return l->q && !bq_qdisc_is_user(l->q);
}

bool bq_catalog_is_settled(struct bq_loaded *l, bool *in_use)
{
	return is_builtin(l) && !open_usage(l, NULL) && bq_kind_is_settled(&l->kind, in_use);
}

bool bq_catalog_may_be_at(struct bq_loaded *l, const struct bq_attach_point *point)
{
	return l->is_open || !is_builtin(l) || open_usage(l, NULL) ||
	       bq_kind_may_be_at(&l->kind, point);
}

struct bq_user_object *bq_catalog_keep(struct bq_catalog *c, struct bq_user_object *new)
{
	struct bq_user_object *b;

	for (b = c->objects; b && *new->dir; b = b->next) {
		if (strcmp(b->dir, new->dir) || strcmp(b->kind, new->kind) ||
		    !bq_user_object_same(&b->q, &new->q))
			continue;
		bq_user_object_free(new);
		return b;
	}
	new->next = c->objects;
	c->objects = new;
	return new;
}

static int fail_unreadable(const struct bq_loaded *l, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, EPROTO,
		       "%s: cannot read its object in %s/%s; another release of bqdisc may have "
		       "loaded it",
		       l->name, BQ_PIN_DIR, l->dir);
}

int bq_catalog_describe(struct bq_catalog *c, struct bq_loaded *l, struct bq_error *error)
{
	struct bq_user_object *b;
	int err = bq_catalog_open(l, error);

	if (err || l->q)
		return err;
	b = bq_user_object_load(l->dir);
	if (!b)
		return fail_unreadable(l, error);
	b = bq_catalog_keep(c, b);
	err = bq_kind_describe(&l->kind, &b->q, error);
	if (!err)
		l->q = &b->q;
	return err;
}

struct bq_loaded *bq_catalog_add(struct bq_catalog *c, const struct bqdisc_qdisc *q,
				 const char *dir)
{
	struct bq_user_object *b = bq_user_object_of(q);
	struct bq_loaded *l = append(c, dir);

	if (!l)
		return NULL;
	l->q = q;
	snprintf(l->name, sizeof(l->name), "%s", q->kind);
	if (b)
		snprintf(b->dir, sizeof(b->dir), "%s", dir);
	return l;
}

void bq_catalog_drop(struct bq_catalog *c, struct bq_loaded *l)
{
	struct bq_loaded **at = &c->loaded;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	if (l->kind.usage)
		bq_kind_close(&l->kind);
	free(l);
}

int bq_catalog_rename(struct bq_loaded *l, const char *dir)
{
	struct bq_user_object *b = l->q ? bq_user_object_of(l->q) : NULL;
	int err = bq_pin_rename(l->dir, dir);

	if (err)
		return err;
	snprintf(l->dir, sizeof(l->dir), "%s", dir);
	bq_pin_kind(dir, l->kind.dir);
	l->superseded = strchr(dir, SUPERSEDED);
	if (b)
		snprintf(b->dir, sizeof(b->dir), "%s", dir);
	return 0;
}

/* --- objects --- */

struct bpf_object *bq_catalog_object(struct bq_catalog *c, const struct bqdisc_qdisc *q)
{
	if (c->object && c->object_of == q)
		return c->object;
	if (c->object)
		bq_object_close(c->object);
	c->object = bq_object_open(q);
	c->object_of = q;
	return c->object;
}

struct bpf_object *bq_catalog_take_object(struct bq_catalog *c, const struct bqdisc_qdisc *q)
{
	struct bpf_object *obj = bq_catalog_object(c, q);

	c->object = NULL;
	return obj;
}
