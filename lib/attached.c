// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds all attach points of bqdisc in the network namespace, for detach. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "attachment/instances.h"
#include "command.h"
#include "netlink/message.h"
#include "util/array.h"

struct points {
	struct bq_batch *b;
	struct bq_attach_point *v;
	size_t n, room;
	bool out_of_memory;
};

static void add(struct points *points, uint32_t ifindex, uint32_t parent)
{
	struct bq_attach_point *v =
		bq_array_extend(points->v, points->n, &points->room, sizeof(*v));

	if (!v) {
		points->out_of_memory = true;
		return;
	}
	points->v = v;
	points->v[points->n++] = (struct bq_attach_point){
		.net_cookie = points->b->bq->net_cookie,
		.ifindex = ifindex,
		.parent = parent,
	};
}

/* A record may have lost its qdisc: detach reports or deletes it. */
static void add_record(const struct bq_attach_point *point, void *arg)
{
	struct points *points = arg;

	if (point->net_cookie == points->b->bq->net_cookie)
		add(points, point->ifindex, point->parent);
}

/* A qdisc without a record is another program's. Defaults of the kernel have no handle. */
static int add_qdisc(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = bq_message_tcm(nlh);
	struct points *points = arg;
	struct bq_attach_point point = {
		.net_cookie = points->b->bq->net_cookie,
		.ifindex = (uint32_t)tcm->tcm_ifindex,
		.parent = tcm->tcm_parent,
	};
	struct bq_catalog *catalog = points->b->pinned.catalog;
	const char *kind = bq_message_kind(nlh);
	struct bq_loaded *loaded;
	struct bq_instance *id;

	if (!tcm->tcm_handle || !bq_catalog_has_kind(catalog, kind))
		return 1;
	/* Queues are detached with their mq. */
	if (!bq_instances_find_kind(catalog, kind, &point, tcm->tcm_handle, &loaded, &id, NULL) &&
	    id->set)
		point.parent = TC_H_ROOT;
	add(points, point.ifindex, point.parent);
	return 1; /* MNL_CB_OK */
}

/* Compare by device, then by parent, the root first. */
static int compare(const void *a, const void *b)
{
	const struct bq_attach_point *one = a, *other = b;

	if (one->ifindex != other->ifindex)
		return one->ifindex < other->ifindex ? -1 : 1;
	return (one->parent + 1 > other->parent + 1) - (one->parent + 1 < other->parent + 1);
}

static void unique(struct points *points)
{
	size_t i, n = 0;

	if (points->n)
		qsort(points->v, points->n, sizeof(*points->v), compare);
	for (i = 0; i < points->n; i++)
		if (!n || compare(&points->v[n - 1], &points->v[i]))
			points->v[n++] = points->v[i];
	points->n = n;
}

/* Make a command for each point. Skip devices that are gone: the sweep deletes their records. */
static int alloc(struct points *points, size_t size)
{
	struct bq_error *error = &points->b->bq->error;
	struct bq_devs devs = { .n = 0 };
	struct bq_dev dev;
	int err = 0;
	size_t i, n = 0;

	for (i = 0; !err && i < points->n; i++) {
		err = bq_dev_find_index(points->v[i].ifindex, &dev, error);
		if (!err)
			err = bq_devs_add(&devs, &dev, error);
		if (!err)
			points->v[n++] = points->v[i];
		if (err == -ENODEV)
			err = 0;
	}
	if (!err)
		err = bq_batch_alloc(points->b, &devs, TC_H_ROOT, size);
	for (i = 0; !err && i < n; i++)
		bq_batch_at(points->b, i)->point.parent = points->v[i].parent;
	bq_devs_free(&devs);
	return err;
}

int bq_batch_find_attached(struct bq_batch *b, size_t size)
{
	struct points points = { .b = b };
	int err;

	if (b->pinned.undo.fd >= 0)
		bq_record_each(b->pinned.undo.fd, SIZE_MAX, add_record, &points);
	err = bq_tc_dump(RTM_GETQDISC, 0, 0, add_qdisc, &points, &b->bq->error);
	if (!err && points.out_of_memory)
		err = bq_fail(&b->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	if (!err) {
		unique(&points);
		err = alloc(&points, size);
	}
	free(points.v);
	return err;
}
