// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements adopt: attaches the egress programs of qdiscs that other programs created. Only bqdisc
 * can do that, as .init of a qdisc cannot attach a program.
 */
#include <errno.h>

#include "adopt.h"
#include "attachment/egress.h"
#include "attachment/instances.h"
#include "command.h"
#include "util/system.h"

/* --- one qdisc --- */

/* Attach the egress program of ID, unless its qdisc goes meanwhile. */
static int attach_egress(const struct bq_kind *kind, struct bq_instance *id, struct bq_error *error)
{
	uint64_t created_ns = id->created_ns;
	int ret = bq_egress_attach(kind, &id, 1, id->ifindex, bq_kind_config(kind, id), error);

	if (ret <= 0 || (bq_instance_state(id) == BQ_LIVE && id->created_ns == created_ns))
		return ret;
	bq_egress_detach(&id, 1);
	return 0;
}

/* The queues of a set share the program that bqdisc attached with them. */
static int adopt(struct bq_command *c)
{
	struct bq_instance *id;
	struct bq_loaded *l;
	int err = bq_tc_get(c->point.ifindex, c->point.parent, &c->was, c->error);

	if (err || !c->was.handle)
		return err;
	err = bq_instances_find_kind(&c->bq->catalog, c->was.kind, &c->point, c->was.handle, &l,
				     &id, c->error);
	if (err || id->set)
		return err == -ENOENT ? 0 : err;
	return attach_egress(&l->kind, id, c->error);
}

void bq_adopt_prepare(struct bqdisc *bq)
{
	struct bq_batch b = { .bq = bq };
	struct bq_loaded *l;

	if (bq_batch_lock(&b, false))
		return;
	for (l = b.pinned.lock < 0 ? NULL : bq_catalog_first(&bq->catalog); l; l = l->next)
		if (l->q && l->q->egress && !bq_catalog_describe(&bq->catalog, l, NULL))
			bq_egress_load(&l->kind, NULL);
	bq_batch_unlock(&b);
}

int bq_adopt_point(struct bqdisc *bq, uint32_t ifindex, uint32_t parent)
{
	struct bq_batch b = { .bq = bq };
	struct bq_devs devs = { .n = 0 };
	struct bq_dev dev;
	int ret = bq_dev_find_index(ifindex, &dev, &bq->error);

	if (ret)
		return ret == -ENODEV ? 0 : ret;
	ret = bq_devs_add(&devs, &dev, &bq->error);
	if (!ret)
		ret = bq_batch_alloc(&b, &devs, parent, sizeof(struct bq_command));
	if (!ret)
		ret = bq_batch_lock(&b, false);
	if (!ret) {
		ret = bq_batch_run_each(&b, adopt);
		bq_batch_unlock(&b);
	}
	bq_batch_end(&b, NULL);
	bq_devs_free(&devs);
	return ret;
}

/* --- devices --- */

/* Adopt the qdiscs of a device. Continue after a failure. */
static int adopt_device(struct bq_batch *b, const struct bq_dev *dev)
{
	int one, ret = 0;
	size_t i;

	for (i = 0; i < b->n; i++) {
		struct bq_command *c = bq_batch_at(b, i);

		if (c->dev.ifindex != dev->ifindex)
			continue;
		one = adopt(c);
		ret = one < 0 || (one > 0 && !ret) ? one : ret;
	}
	return ret;
}

/* Report each device once, although it may have several qdiscs. */
static int adopt_devices(struct bq_batch *b, const struct bq_devs *devs)
{
	int one, ret = 0;
	size_t i;

	for (i = 0; i < devs->n; i++) {
		one = adopt_device(b, &devs->v[i]);
		if (b->report)
			b->report->done(devs->v[i].name, one, b->report->arg);
		ret = one < 0 || (one > 0 && !ret) ? one : ret;
	}
	return ret;
}

/* Collect the devices of all attach points. */
static int find_devices(const struct bq_batch *b, struct bq_devs *devs)
{
	int err = 0;
	size_t i;

	*devs = (struct bq_devs){ .n = 0 };
	for (i = 0; !err && i < b->n; i++)
		err = bq_devs_add(devs, &bq_batch_at(b, i)->dev, &b->bq->error);
	return err ? err : bq_devs_unique(devs, &b->bq->error);
}

static int adopt_locked(struct bq_batch *b, const char *list)
{
	struct bq_devs devs = { .n = 0 };
	int ret = bq_batch_find_attached(b, sizeof(struct bq_command));

	if (!ret)
		ret = list ? bq_devs_find(list, &devs, &b->bq->error) : find_devices(b, &devs);
	if (!ret)
		ret = adopt_devices(b, &devs);
	bq_devs_free(&devs);
	return ret;
}

int bqdisc__adopt(struct bqdisc *bq, const char *devs, const struct bqdisc_adopt_opts *user_opts)
{
	struct bq_batch b = { .bq = bq };
	struct bqdisc_adopt_opts opts = { 0 };
	int ret = bq_batch_begin(&b, &opts, sizeof(opts), user_opts);

	b.report = opts.report;
	if (!ret)
		ret = bq_system_check_caps(&bq->error);
	if (!ret)
		ret = bq_batch_lock(&b, false);
	if (ret)
		return ret;
	ret = adopt_locked(&b, devs);
	bq_batch_unlock(&b);
	bq_batch_end(&b, NULL);
	return ret;
}
