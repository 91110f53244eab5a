// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment/kinds.h"
#include "bpf/object.h"
#include "bpf/range_map.h"
#include "util/system.h"

#define SUPERSEDED_MAX 1000

static const char *path_of(const struct bq_loaded *l, const char *name,
			   char buf[BQ_PIN_PATH_MAX + 8])
{
	char dir[BQ_PIN_PATH_MAX];

	snprintf(buf, BQ_PIN_PATH_MAX + 8, "%s/%s", bq_pin_kind(l->dir, dir), name);
	return buf;
}

bool bq_kinds_is_registered(const struct bq_loaded *l)
{
	char path[BQ_PIN_PATH_MAX + 8];

	return !access(path_of(l, "link", path), F_OK);
}

bool bq_kinds_has_name(const struct bqdisc_qdisc *q)
{
	struct bq_loaded l;

	bq_catalog_dir(q, l.dir);
	return bq_kinds_is_registered(&l);
}

/* --- marks --- */

static const char *const marks[] = { [BQ_MARK_KEPT] = "kept", [BQ_MARK_DEFAULT] = "default" };

int bq_kinds_mark(const struct bq_loaded *l, enum bq_mark mark, struct bq_error *error)
{
	char dir[BQ_PIN_PATH_MAX];

	return bq_kind_mark(bq_pin_kind(l->dir, dir), marks[mark], error);
}

bool bq_kinds_is_marked(const struct bq_loaded *l, enum bq_mark mark)
{
	char path[BQ_PIN_PATH_MAX + 8];

	return !access(path_of(l, marks[mark], path), F_OK);
}

int bq_kinds_unmark(const struct bq_loaded *l, enum bq_mark mark)
{
	char path[BQ_PIN_PATH_MAX + 8];

	return !unlink(path_of(l, marks[mark], path));
}

/* --- names of user objects --- */

/* Take the name from a kind. Its qdiscs continue to work. Return 0 or -errno. */
static int supersede(struct bq_loaded *l, struct bq_error *error)
{
	char to[BQ_PIN_NAME_MAX], link[BQ_PIN_PATH_MAX + 8];
	int i, err = -EEXIST;

	for (i = 1; err == -EEXIST && i < SUPERSEDED_MAX; i++) {
		snprintf(to, sizeof(to), "%.20s~%d", l->dir, i);
		err = bq_catalog_rename(l, to);
	}
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot rename the pins of %s: %s", l->name, strerror(-err));
	bq_pin_unregister(path_of(l, "link", link));
	return 0;
}

/* Return the number of a superseded kind. The last one has the highest number. */
static int number_of(const struct bq_loaded *l)
{
	return atoi(strchr(l->dir, '~') + 1);
}

/* Return the kind that was superseded last and whose name has no owner now. */
static struct bq_loaded *last_superseded(struct bq_catalog *catalog)
{
	struct bq_loaded *l, *last = NULL;

	for (l = catalog->loaded; l; l = l->next)
		if (l->superseded && !bq_catalog_find_loaded(catalog, l->name) &&
		    (!last || number_of(l) > number_of(last)))
			last = l;
	return last;
}

void bq_kinds_restore_names(struct bq_catalog *catalog)
{
	char dir[BQ_PIN_NAME_MAX], path[BQ_PIN_PATH_MAX];
	struct bq_loaded *l;

	/* A kind whose name is taken stays superseded, and so do those before it. */
	while ((l = last_superseded(catalog))) {
		snprintf(dir, sizeof(dir), "%.*s", (int)strcspn(l->dir, "~"), l->dir);
		if (bq_object_register_again(bq_pin_kind(l->dir, path)) ||
		    bq_catalog_rename(l, dir))
			return;
	}
}

/* --- load --- */

static int fail_name_taken(const struct bqdisc_qdisc *q, const char *dir, struct bq_error *error)
{
	if (bq_pin_out_of_sight(dir))
		return bq_fail(
			error, BQDISC_ERROR_REFUSED, EEXIST,
			"%s: registered by bqdisc, but its pins are not visible here, as inside "
			"'ip netns exec'; use 'bqdisc -n NETNS' from outside",
			q->kind);
	if (bq_qdisc_is_user(q))
		return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
			       "%s: the kernel has a qdisc kind of this name; use --as NAME to "
			       "register another name",
			       q->kind);
	return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
		       "%s: another program has registered this qdisc kind; unregister it, "
		       "'bpftool struct_ops list' shows it",
		       q->kind);
}

/* Load OBJ and register it last. Until then the previous OWNER keeps the name. */
static int load_object(const struct bqdisc_qdisc *q, struct bpf_object *obj,
		       struct bq_table_size size, struct bq_loaded *owner, const char *name,
		       const char *dir, struct bq_error *error)
{
	int err = bq_object_load(q, obj, size, dir, error);

	if (!err)
		err = bq_kind_write_layout(dir, error);
	if (!err && owner)
		err = supersede(owner, error);
	if (err)
		return err;
	err = bq_object_register(q, obj, dir, error);
	return err == -EEXIST ? fail_name_taken(q, name, error) : err;
}

/* Move the marks of the earlier OWNER of the name: the user wants the name to stay loaded. */
static void move_marks(const struct bq_loaded *owner, const struct bq_loaded *l,
		       struct bq_error *error)
{
	if (bq_kinds_unmark(owner, BQ_MARK_KEPT))
		bq_kinds_mark(l, BQ_MARK_KEPT, error);
	/* The kernel still uses the operations of the earlier kind, so set the default again. */
	if (bq_kinds_unmark(owner, BQ_MARK_DEFAULT) &&
	    bq_kinds_mark(l, BQ_MARK_DEFAULT, error) >= 0)
		bq_system_set_default(l->name, error);
}

static int fail_unregistered(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOENT,
		       "%s: unregistered by another program while in use; detach its qdiscs first",
		       q->kind);
}

static int fail_open(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot open the object of %s: %s",
		       q->name, strerror(errno));
}

/* Load Q's kind, unless OBJ, its object, cannot be loaded. OBJ stays open. */
static int load(struct bq_catalog *catalog, const struct bqdisc_qdisc *q, struct bpf_object *obj,
		struct bq_table_size size, struct bq_loaded **loaded, struct bq_error *error)
{
	struct bq_loaded *owner = bq_catalog_find_loaded(catalog, q->kind);
	char name[BQ_PIN_NAME_MAX], dir[BQ_PIN_PATH_MAX];
	int err;

	bq_catalog_dir(q, name);
	err = bq_pin_begin(name, dir, error);
	if (!err) {
		err = load_object(q, obj, size, owner, name, dir, error);
		if (!err)
			err = bq_pin_commit(name, error);
		if (err)
			bq_pin_abort(name);
	}
	if (err)
		return err;
	*loaded = bq_catalog_add(catalog, q, name);
	if (!*loaded)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	if (owner)
		move_marks(owner, *loaded, error);
	return 0;
}

/* --- room --- */

/*
 * Return true if the pool should grow while a command can do it: qdiscs that other programs create
 * take instances from it.
 */
static bool needs_pool(const struct bq_loaded *l)
{
	return !l->superseded && bq_kind_size(&l->kind).pool < bq_table_size_pool(l->q) &&
	       bq_kind_pool_is_short(&l->kind);
}

static bool has_room(struct bq_catalog *catalog, struct bq_loaded *l, const struct bq_room *room)
{
	if (bq_catalog_describe(catalog, l, NULL))
		return false;
	if (room->pool && (l->superseded || bq_kind_size(&l->kind).pool < bq_table_size_pool(l->q)))
		return false;
	return bq_kind_has_room(&l->kind, room->instances) &&
	       bq_range_has_room(&l->kind, room->bytes, room->instances);
}

struct bq_loaded *bq_kinds_find(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
				const struct bq_room *room)
{
	struct bq_loaded *owner = bq_catalog_loaded(catalog, q), *l = NULL;

	/* The table of another layout or of a user object does not grow: using it says why. */
	if (!owner || bq_qdisc_is_user(q) || bq_catalog_describe(catalog, owner, NULL) ||
	    (has_room(catalog, owner, room) && !needs_pool(owner)))
		return owner;
	if (needs_pool(owner))
		return NULL;
	for (l = bq_catalog_first(catalog); l; l = l->next)
		if (l->q == q && has_room(catalog, l, room))
			return l;
	return NULL;
}

/* Return the size of the table to load for Q, whose kind may be loaded already. */
static struct bq_table_size choose_size(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
					const struct bq_room *room)
{
	struct bq_loaded *l = bq_catalog_loaded(catalog, q);
	struct bq_room wanted = *room;

	if (!l || bq_catalog_open(l, NULL))
		return bq_table_size_first(q, room);
	wanted.more_pool = needs_pool(l);
	return bq_table_size_next(q, bq_kind_size(&l->kind), &wanted);
}

/* Count the instances of Q that user space prepared. */
static uint32_t count_prepared(struct bq_catalog *catalog, const struct bqdisc_qdisc *q)
{
	struct bq_loaded *l;
	uint32_t n = 0;

	for (l = bq_catalog_first(catalog); l; l = l->next)
		if (l->q == q && !bq_catalog_open(l, NULL))
			n += bq_kind_count_prepared(&l->kind);
	return n;
}

static int load_new(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
		    const struct bq_room *room, struct bq_loaded **loaded, struct bq_error *error)
{
	struct bq_table_size size = choose_size(catalog, q, room);
	struct bpf_object *obj = bq_catalog_take_object(catalog, q);
	int err;

	if (!obj)
		return fail_open(q, error);
	err = load(catalog, q, obj, size, loaded, error);
	if (!err)
		err = bq_catalog_describe(catalog, *loaded, error);
	if (err)
		bq_object_close(obj);
	else
		(*loaded)->kind.object = obj; /* for its BTF */
	return err;
}

int bq_kinds_load(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
		  const struct bq_room *room, struct bq_loaded **loaded, struct bq_error *error)
{
	struct bq_loaded *owner = bq_catalog_loaded(catalog, q);
	uint32_t n;

	if (owner && !owner->superseded && !bq_kinds_is_registered(owner))
		return fail_unregistered(q, error);
	*loaded = bq_kinds_find(catalog, q, room);
	if (*loaded)
		return bq_catalog_describe(catalog, *loaded, error);
	n = count_prepared(catalog, q);
	if (room->instances && n + room->instances > BQ_PREPARED_MOST)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC,
			       "%s: %u instances are attached, of at most %u; detach one", q->name,
			       n, BQ_PREPARED_MOST);
	return load_new(catalog, q, room, loaded, error);
}

/* An object that cannot be opened costs nothing here; loading it reports the error. */
uint64_t bq_kinds_load_cost(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
			    const struct bq_room *room)
{
	struct bpf_object *obj =
		bq_kinds_find(catalog, q, room) ? NULL : bq_catalog_object(catalog, q);

	return obj ? bq_object_cost(q, obj, choose_size(catalog, q, room)) : 0;
}

void bq_kinds_remove(struct bq_catalog *catalog, struct bq_loaded *l)
{
	bq_pin_remove(l->dir);
	bq_catalog_drop(catalog, l);
}
