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

/* --- undo records --- */

static bool point_is_alive(const struct bq_attach_point *point, void *arg)
{
	struct bq_catalog *catalog = arg;
	struct bq_loaded *l;
	int err;

	for (l = bq_catalog_first(catalog); l; l = l->next) {
		if (!bq_catalog_may_be_at(l, point))
			continue;
		err = bq_catalog_open(l, NULL);
		/* A kind that cannot be read may be in use: keep the record. */
		if (err ? err != -ENOENT : bq_kind_at(&l->kind, point) != NULL)
			return true;
	}
	return false;
}

/* --- egress programs --- */

/* Return true if a live instance of the set of ID uses the link that is pinned for ID. */
static bool is_shared(const struct bq_kind *kind, const struct bq_instance *id)
{
	const struct bq_instance *other = id;
	uint32_t i;

	for (i = 0; i < BQ_QUEUES_MOST && other->set_next; i++) {
		other = bq_kind_instance(kind, other->set_next % kind->entries);
		if (other == id)
			break;
		if (bq_instance_state(other) == BQ_LIVE && other->egress_pin == id->egress_pin)
			return true;
	}
	return false;
}

/* Return true if the instance uses its link. An interrupted change can leave one without use. */
static bool uses_link(struct bq_catalog *catalog, struct bq_loaded *l, const struct bq_instance *id)
{
	return bq_instance_state(id) == BQ_LIVE && id->egress == id->egress_pin &&
	       !bq_catalog_describe(catalog, l, NULL) &&
	       bq_egress_is_needed(l->q, bq_kind_config(&l->kind, id));
}

/* Remove a link that is not used. Return false if only a command in another namespace can. */
static bool sweep_link(struct bq_catalog *catalog, struct bq_loaded *l, struct bq_instance *id)
{
	if (!id->egress_pin || uses_link(catalog, l, id))
		return true;
	if (!is_shared(&l->kind, id)) {
		bq_egress_switch(id, 0);
		if (!bq_egress_drop(id->egress_pin))
			return false;
	}
	id->egress_pin = 0;
	return true;
}

static bool link_is_alive(uint64_t key, void *arg)
{
	struct bq_catalog *catalog = arg;
	const struct bq_instance *id = NULL;
	struct bq_loaded *l;

	for (l = bq_catalog_first(catalog); l; l = l->next)
		while (l->q && l->q->egress && !bq_catalog_open(l, NULL) &&
		       (id = bq_kind_next(&l->kind, id)))
			if (id->egress_pin == key)
				return true;
	return false;
}

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
	if (id->handle && now.handle == id->handle && !strcmp(now.kind, kind->name)) {
		bq_instance_set_state(id, BQ_LIVE);
	} else {
		bq_instance_set_state(id, BQ_SPENT);
		bq_kind_check(kind, id);
	}
}

/* Free an instance that has no qdisc. Let queries find one that has. */
static void settle(struct bq_kind *kind, struct bq_instance *id)
{
	uint32_t state = bq_instance_state(id);

	if (state == BQ_PREPARED || state == BQ_SPENT)
		bq_instances_free(kind, bq_kind_index(kind, id));
	else if (state == BQ_LIVE && id->set)
		bq_kind_enter_set(kind, id);
}

/*
 * Look at an instance that was prepared or has lost its qdisc, at its places, and at the undo
 * record of its attach point.
 */
static void sweep_instance(struct bq_pinned *pinned, struct bq_loaded *l, struct bq_instance *id)
{
	struct bq_attach_point point = { id->net_cookie, id->ifindex, id->parent };
	struct bq_kind *kind = &l->kind;
	bool in_set = id->set;

	if (!sweep_link(pinned->catalog, l, id))
		return;
	settle(kind, id);
	bq_kind_tidy_place(kind, &point);
	if (in_set) {
		point.parent = TC_H_ROOT;
		bq_kind_tidy_place(kind, &point);
	}
	bq_undo_sweep_point(&pinned->undo, &point, point_is_alive, pinned->catalog);
	bq_kind_checked(kind, id);
}

/*
 * Sweep the instances that need it. A worker may still give one memory: the next sweep looks at it
 * again.
 */
static void sweep_instances(struct bq_pinned *pinned, struct bq_loaded *l)
{
	struct bq_kind *kind = &l->kind;
	struct bq_instance *id = NULL;

	while (kind->plain && (id = bq_kind_next(kind, id)))
		query_plain(kind, id);
	while ((id = bq_kind_next_check(kind, id)))
		if (!id->growing)
			sweep_instance(pinned, l, id);
}

/* --- kinds --- */

/*
 * Remove the mark of a default that is not set any more. Another program may have changed the
 * default, or a command was interrupted before setting it. Skip this where the sysctl is not
 * visible, in another network namespace.
 */
static void sweep_default(struct bq_catalog *catalog)
{
	struct bq_loaded *l;
	char now[BQ_DEFAULT_MAX];

	if (bq_system_get_default(now, NULL))
		return;
	for (l = bq_catalog_first(catalog); l; l = l->next) {
		if (strcmp(l->name, now) != 0)
			bq_kinds_unmark(l, BQ_MARK_DEFAULT);
		else if (bq_kinds_is_registered(l))
			bq_kinds_mark(l, BQ_MARK_DEFAULT, NULL);
	}
	if (!bq_catalog_has_kind(catalog, now))
		bq_saved_default_delete();
}

static bool is_marked(const struct bq_loaded *l)
{
	return bq_kinds_is_marked(l, BQ_MARK_KEPT) || bq_kinds_is_marked(l, BQ_MARK_DEFAULT);
}

/* Return true if the sweep has nothing to do in a kind. Does not open it. */
static bool is_settled(struct bq_loaded *l)
{
	bool in_use;

	return !l->is_open && bq_catalog_is_settled(l, &in_use) && (in_use || is_marked(l));
}

void bq_pinned_sweep(struct bq_pinned *pinned)
{
	struct bq_catalog *catalog = pinned->catalog;
	/* A failed sweep does not concern the current command. */
	struct bq_loaded *l, *next;
	bool all = pinned->thorough;

	sweep_default(catalog);
	for (l = bq_catalog_first(catalog); l; l = next) {
		next = l->next;
		if (is_settled(l))
			continue;
		if (bq_catalog_open(l, NULL)) {
			all = true; /* its instances cannot be read */
			continue;
		}
		sweep_instances(pinned, l);
		if (!bq_kind_in_use(&l->kind) && !is_marked(l))
			bq_kinds_remove(catalog, l);
	}
	if (all)
		bq_egress_sweep(link_is_alive, catalog);
	bq_egress_tidy();
	bq_kinds_restore_names(catalog);
	bq_undo_sweep(&pinned->undo, all, point_is_alive, catalog);
}

void bq_pinned_check_lost(struct bq_pinned *pinned, const struct bq_attach_point *point,
			  bq_lost_fn fn, void *arg)
{
	bq_undo_check_lost(&pinned->undo, point, point_is_alive, pinned->catalog, fn, arg);
}

void bq_pinned_each_lost(struct bq_pinned *pinned, bq_lost_fn fn, void *arg)
{
	bq_undo_each_lost(&pinned->undo, point_is_alive, pinned->catalog, fn, arg);
}
