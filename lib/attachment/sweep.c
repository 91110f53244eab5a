// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "attachment/egress_program.h"
#include "attachment/instances.h"
#include "attachment/kinds.h"
#include "attachment/saved_default.h"
#include "attachment/pinned.h"
#include "util/system.h"

/* --- instances --- */

/*
 * Objects built without the kit do not report creation or removal, so query the kernel. Instances
 * in another namespace can only be queried there.
 */
static void query_plain(const struct bq_kind *kind, struct bq_instance *id)
{
	struct bq_tc_qdisc now = { 0 };
	uint64_t here;

	if (bq_system_net_cookie(&here, NULL) || (id->handle && id->net_cookie != here) ||
	    bq_tc_get(id->ifindex, id->parent, &now, NULL))
		return;
	id->state = id->handle && now.handle == id->handle && !strcmp(now.kind, kind->name)
			    ? BQ_LIVE
			    : BQ_FREE;
	if (id->state == BQ_FREE)
		id->handle = 0;
}

/*
 * Free SPENT instances, and PREPARED ones: under the lock no running process owns one. A worker may
 * still populate the memory of an instance; the next sweep frees it.
 */
static void free_leftovers(const struct bq_kind *kind)
{
	struct bq_instance *id = NULL;

	while ((id = bq_kind_next(kind, id))) {
		if (kind->plain)
			query_plain(kind, id);
		else if (!id->growing && (id->state == BQ_PREPARED || id->state == BQ_SPENT))
			bq_instances_free(kind, bq_kind_index(kind, id));
	}
}

/* --- queries of the whole catalog --- */

static bool has_instance_at(const struct bq_kind *kind, const struct bq_attach_point *point)
{
	const struct bq_instance *id = NULL;

	while ((id = bq_kind_next(kind, id)))
		if (id->state == BQ_LIVE && id->net_cookie == point->net_cookie &&
		    id->ifindex == point->ifindex &&
		    (id->set ? TC_H_ROOT : id->parent) == point->parent)
			return true;
	return false;
}

static bool point_is_alive(const struct bq_attach_point *point, void *arg)
{
	struct bq_catalog *catalog = arg;
	struct bq_loaded *l = NULL;
	int err;

	while ((l = bq_catalog_next_loaded(catalog, l))) {
		err = bq_catalog_open(l, NULL);
		/* A kind that cannot be read may be in use: keep the record. */
		if (err ? err != -ENOENT : has_instance_at(&l->kind, point))
			return true;
	}
	return false;
}

/* Return true if an instance of KIND uses the egress program KEY. */
static bool uses_egress(const struct bq_kind *kind, uint64_t key)
{
	const struct bq_instance *id = NULL;

	while ((id = bq_kind_next(kind, id)))
		if (id->state == BQ_LIVE && id->egress == key &&
		    bq_egress_is_needed(kind->q, bq_kind_config(kind, id)))
			return true;
	return false;
}

static bool egress_is_alive(uint64_t key, void *arg)
{
	struct bq_catalog *catalog = arg;
	struct bq_loaded *l = NULL;

	while ((l = bq_catalog_next_loaded(catalog, l)))
		if (l->q && l->q->egress && !bq_catalog_open(l, NULL) && uses_egress(&l->kind, key))
			return true;
	return false;
}

/* --- kinds --- */

/*
 * Remove the mark of a default that is not set any more. Another program may have changed the
 * default, or a command was interrupted before setting it. Skip this where the sysctl is not
 * visible, in another network namespace.
 */
static void sweep_default(struct bq_catalog *catalog)
{
	struct bq_loaded *l = NULL;
	char now[BQ_DEFAULT_MAX];

	if (bq_system_get_default(now, NULL))
		return;
	while ((l = bq_catalog_next_loaded(catalog, l))) {
		if (strcmp(l->name, now) != 0)
			bq_kinds_unmark(l, BQ_MARK_DEFAULT);
		else if (bq_kinds_is_registered(l))
			bq_kinds_mark(l, BQ_MARK_DEFAULT, NULL);
	}
	if (!bq_catalog_has_kind(catalog, now))
		bq_saved_default_delete();
}

static bool is_idle(struct bq_loaded *l)
{
	return !bq_kind_in_use(&l->kind) && !bq_kinds_is_marked(l, BQ_MARK_KEPT) &&
	       !bq_kinds_is_marked(l, BQ_MARK_DEFAULT);
}

void bq_pinned_sweep(struct bq_pinned *pinned)
{
	struct bq_catalog *catalog = pinned->catalog;
	/* A failed sweep does not concern the current command. */
	struct bq_loaded *l, *next;

	sweep_default(catalog);
	for (l = bq_catalog_next_loaded(catalog, NULL); l; l = next) {
		next = l->next;
		if (bq_catalog_open(l, NULL))
			continue;
		free_leftovers(&l->kind);
		if (is_idle(l))
			bq_kinds_remove(catalog, l);
	}
	bq_egress_sweep(&catalog->pins, egress_is_alive, catalog);
	bq_kinds_restore_names(catalog);
	bq_undo_sweep(&pinned->undo, point_is_alive, catalog);
}

void bq_pinned_each_lost(struct bq_pinned *pinned, bq_lost_fn fn, void *arg)
{
	bq_undo_each_lost(&pinned->undo, point_is_alive, pinned->catalog, fn, arg);
}
