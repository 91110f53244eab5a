// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "attachment/attachment.h"
#include "attachment/undo.h"

/* --- finding --- */

/*
 * Ignore a qdisc that the kernel created as default, even of a kind of bqdisc: it has no handle. An
 * instance of another layout cannot be read, but its undo record can.
 */
static bool find_one(struct bq_pinned *pinned, const struct bq_attach_point *point,
		     const struct bq_tc_qdisc *was, struct bq_attachment *attachment,
		     struct bq_error *error)
{
	struct bq_loaded *loaded;
	int err;

	if (!was->handle)
		return false;
	err = bq_instances_find_kind(pinned->catalog, was->kind, point, was->handle, &loaded,
				     &attachment->v[0], error);
	if (!err) {
		attachment->kind = &loaded->kind;
		attachment->n = 1;
	}
	return !err || (err == -EPROTO && bq_undo_has(&pinned->undo, point));
}

/* Collect the live instances of the set, of which FIRST is one. */
static void collect(struct bq_kind *kind, struct bq_instance *first,
		    struct bq_attachment *attachment)
{
	struct bq_instance *id = first;
	uint32_t i = 0;

	do {
		if (bq_instance_state(id) == BQ_LIVE && id->set == attachment->mq &&
		    id->ifindex == first->ifindex && id->net_cookie == first->net_cookie)
			attachment->v[attachment->n++] = id;
		id = bq_kind_instance(kind, id->set_next % kind->entries);
	} while (id != first && ++i < BQ_QUEUES_MOST);
}

/* Find a set by the kind of its first instance, as all have the same kind. */
static bool find_set(struct bq_pinned *pinned, const struct bq_attach_point *point,
		     const struct bq_tc_qdisc *was, struct bq_attachment *attachment,
		     struct bq_error *error)
{
	struct bq_loaded *l;
	struct bq_instance *first;

	attachment->mq = was->handle;
	for (l = bq_catalog_first(pinned->catalog); l; l = l->next) {
		if (!bq_catalog_may_be_at(l, point) || bq_catalog_open(l, error))
			continue;
		first = bq_kind_at(&l->kind, point);
		if (!first || first->set != was->handle)
			continue;
		collect(&l->kind, first, attachment);
		attachment->kind = &l->kind;
		return !bq_catalog_describe(pinned->catalog, l, error);
	}
	return bq_undo_is_own_mq(&pinned->undo, point, was);
}

bool bq_attachment_find(struct bq_pinned *pinned, const struct bq_attach_point *point,
			const struct bq_tc_qdisc *was, struct bq_attachment *attachment,
			struct bq_error *error)
{
	bool is_mq = point->parent == TC_H_ROOT && was->handle && !strcmp(was->kind, "mq");

	memset(attachment, 0, sizeof(*attachment));
	return is_mq ? find_set(pinned, point, was, attachment, error)
		     : find_one(pinned, point, was, attachment, error);
}

/* --- qdiscs of other programs --- */

static bool has_queue(const struct bq_attachment *attachment, uint32_t parent)
{
	size_t i;

	for (i = 0; i < attachment->n; i++)
		if (attachment->v[i]->parent == parent)
			return true;
	return false;
}

bool bq_attachment_has_foreign_queue(const struct bq_attachment *attachment, uint32_t ifindex,
				     uint32_t queues, struct bq_tc_qdisc *foreign)
{
	uint32_t i;

	for (i = 1; attachment->mq && i <= queues; i++)
		if (!has_queue(attachment, attachment->mq | i) &&
		    !bq_tc_get(ifindex, attachment->mq | i, foreign, NULL) &&
		    !bq_is_default_qdisc(foreign))
			return true;
	return false;
}
