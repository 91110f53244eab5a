// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Walks over the qdiscs of bqdisc. Changes nothing and takes no lock. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "netlink/devices.h"
#include "util/array.h"
#include "util/system.h"
#include "bpf/pin.h"
#include "session.h"
#include "unmanaged.h"
#include "attachment/pinned.h"

struct walk {
	struct bqdisc *bq;
	struct bq_pinned pinned;
	const char *list; /* of devices; NULL: all */
	struct bq_devs devs;
	bq_unmanaged_fn unmanaged;
	void *arg;
	size_t n, room;
	struct bq_instance_info *found;
};

static void warn_unmanaged(const struct bq_unmanaged *unmanaged, void *arg)
{
	struct bqdisc *bq = arg;

	if (unmanaged->lost)
		bq_warn(&bq->error,
			"%s: another program replaced the attached qdisc by %s %x:; run 'bqdisc "
			"detach %s' to delete the record",
			unmanaged->dev, unmanaged->kind, unmanaged->handle >> 16, unmanaged->dev);
	else
		bq_warn(&bq->error, "%s: has %s %x:, but %s has no record of it", unmanaged->dev,
			unmanaged->kind, unmanaged->handle >> 16, BQ_PIN_DIR);
}

static bool is_wanted(const struct walk *walk, uint32_t ifindex)
{
	return !walk->list || bq_devs_has(&walk->devs, ifindex);
}

static void visit_lost(const struct bq_attach_point *point, const struct bq_tc_qdisc *now,
		       void *arg)
{
	struct walk *walk = arg;
	char dev[BQ_DEV_MAX] = "?";
	struct bq_unmanaged unmanaged = {
		.dev = dev, .handle = now->handle, .kind = now->kind, .lost = true
	};

	if_indextoname(point->ifindex, dev);
	if (is_wanted(walk, point->ifindex))
		walk->unmanaged(&unmanaged, walk->arg);
}

/* Warn if the egress program is not active, as some options then have no effect. */
static void warn_egress(const struct bqdisc_instance *inst, struct bq_error *error)
{
	const char *dev = bqdisc_instance__dev(inst);
	const char *name = bqdisc_instance__qdisc(inst)->name;
	enum bqdisc_egress how = bqdisc_instance__egress(inst);

	if (how == BQDISC_EGRESS_SHADOWED)
		bq_warn(error,
			"%s: the egress program of %s is inactive, another program is before it on "
			"the egress hook; move that program behind it",
			dev, name);
	if (how == BQDISC_EGRESS_DETACHED)
		bq_warn(error, "%s: the egress program of %s was detached; attach the qdisc again",
			dev, name);
	if (how == BQDISC_EGRESS_MISSING)
		bq_warn(error,
			"%s: another program created %s, without its egress program: %s; run "
			"'bqdisc adopt %s'",
			dev, name, bqdisc_qdisc__without_egress(bqdisc_instance__qdisc(inst)), dev);
}

/*
 * Find the instance of QDISC among all kinds of its name. Return 0, or -ENOENT if it does not
 * belong to bqdisc.
 */
static int find_instance(struct walk *walk, const struct bq_dev_qdisc *qdisc,
			 struct bq_instance_info *found)
{
	struct bq_attach_point point = { walk->bq->net_cookie, qdisc->ifindex, qdisc->parent };
	struct bq_instance *id;
	struct bq_loaded *loaded;
	int err = bq_instances_find_kind(&walk->bq->catalog, qdisc->kind, &point, qdisc->handle,
					 &loaded, &id, &walk->bq->error);

	if (!err)
		*found = (struct bq_instance_info){ .qdisc = *qdisc,
						    .kind = &loaded->kind,
						    .id = id };
	return err;
}

static int keep(struct walk *walk, const struct bq_instance_info *found)
{
	struct bq_instance_info *all =
		bq_array_extend(walk->found, walk->n, &walk->room, sizeof(*all));

	if (!all)
		return bq_fail(&walk->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	walk->found = all;
	walk->found[walk->n++] = *found;
	return 0;
}

static int visit(const struct bq_dev_qdisc *qdisc, void *arg)
{
	struct bq_unmanaged orphan = { .dev = qdisc->dev,
				       .handle = qdisc->handle,
				       .kind = qdisc->kind };
	struct bq_instance_info found = { .qdisc = *qdisc };
	struct walk *walk = arg;
	int err;

	if (!is_wanted(walk, qdisc->ifindex) ||
	    !bq_catalog_has_kind(&walk->bq->catalog, qdisc->kind))
		return 0;
	err = find_instance(walk, qdisc, &found);
	if (err == -ENOENT)
		walk->unmanaged(&orphan, walk->arg);
	if (err == -EPROTO)
		bq_warn(&walk->bq->error, "%s: has %s %x:, but %s", qdisc->dev, qdisc->kind,
			qdisc->handle >> 16, walk->bq->error.text);
	if (err)
		return err == -ENOENT || err == -EPROTO ? 0 : err;
	snprintf(found.dev, sizeof(found.dev), "%s", qdisc->dev);
	return keep(walk, &found);
}

/* Return true if the qdisc has no children that could belong to bqdisc. */
static bool is_leaf(struct walk *walk, const struct bq_tc_qdisc *root)
{
	return !*root->kind || !strcmp(root->kind, "noqueue") ||
	       bq_catalog_has_kind(&walk->bq->catalog, root->kind);
}

static int visit_one(struct walk *walk, const char *dev, const struct bq_tc_qdisc *qdisc)
{
	const struct bq_dev_qdisc q = {
		.ifindex = qdisc->ifindex,
		.handle = qdisc->handle,
		.parent = qdisc->parent,
		.dev = dev,
		.kind = qdisc->kind,
		.stats = qdisc->stats,
	};
	const struct bq_attach_point point = { walk->bq->net_cookie, qdisc->ifindex,
					       qdisc->parent };

	bq_pinned_check_lost(&walk->pinned, &point, visit_lost, walk);
	return *qdisc->kind ? visit(&q, walk) : 0;
}

static int visit_child(const struct bq_dev_qdisc *qdisc, void *arg)
{
	return qdisc->parent == BQDISC_PARENT_ROOT ? 0 : visit(qdisc, arg);
}

/*
 * Visit the qdiscs of one device: the root, and the queues of an mq. The kernel dumps qdiscs of all
 * devices only, so do that just for other qdiscs with classes, and for a default mq, whose queues
 * have no handle to ask for.
 */
static int visit_device(struct walk *walk, const struct bq_dev *dev)
{
	struct bq_error *error = &walk->bq->error;
	struct bq_tc_qdisc root, queue;
	bool is_mq;
	uint32_t i;
	int err = bq_tc_get(dev->ifindex, BQDISC_PARENT_ROOT, &root, error);

	is_mq = !strcmp(root.kind, "mq") && root.handle;
	if (!err)
		err = visit_one(walk, dev->name, &root);
	if (!err && !is_mq && !is_leaf(walk, &root))
		return bq_dev_each_qdisc(visit_child, walk, error);
	for (i = 1; !err && is_mq && i <= dev->queues; i++) {
		err = bq_tc_get(dev->ifindex, root.handle | i, &queue, error);
		if (!err)
			err = visit_one(walk, dev->name, &queue);
	}
	return err;
}

static bool is_same_set(const struct bq_instance_info *a, const struct bq_instance_info *b)
{
	return a->id->set == b->id->set && a->qdisc.ifindex == b->qdisc.ifindex &&
	       a->kind == b->kind;
}

/* Collect instance N, and the rest of its set if TOGETHER. */
static void collect_set(struct walk *walk, size_t n, bool together, struct bqdisc_instance *inst)
{
	struct bq_instance_info *first = &walk->found[n], *f;

	inst->n = 0;
	inst->is_set = together && first->id->set;
	for (f = first; f < walk->found + walk->n && f->qdisc.ifindex == first->qdisc.ifindex;
	     f++) {
		if (f != first && !(inst->is_set && is_same_set(first, f)))
			continue;
		f->emitted = true;
		inst->v[inst->n++] = f;
	}
}

static int emit_all(struct walk *walk, bool together, bqdisc_instance_fn fn, void *arg)
{
	struct bqdisc_instance *inst = malloc(sizeof(*inst));
	int ret = 0;
	size_t i;

	if (!inst)
		return bq_fail(&walk->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	for (i = 0; !ret && i < walk->n; i++) {
		if (walk->found[i].emitted)
			continue;
		collect_set(walk, i, together, inst);
		if (walk->unmanaged == warn_unmanaged)
			warn_egress(inst, &walk->bq->error);
		ret = fn(inst, arg);
	}
	free(inst);
	return ret;
}

/* Compare by device, then by parent as a number, so that 1:2 precedes 1:10. */
static int compare(const void *a, const void *b)
{
	const struct bq_instance_info *one = a, *other = b;

	if (one->qdisc.ifindex != other->qdisc.ifindex)
		return one->qdisc.ifindex < other->qdisc.ifindex ? -1 : 1;
	return (one->qdisc.parent > other->qdisc.parent) -
	       (one->qdisc.parent < other->qdisc.parent);
}

static int collect(struct walk *walk)
{
	struct bq_error *error = &walk->bq->error;
	const struct bq_dev *one = NULL;
	int err = walk->bq->broken;

	bq_pinned_open(&walk->pinned, &walk->bq->catalog);
	if (!err && walk->list)
		err = bq_devs_find(walk->list, &walk->devs, error);
	bq_devs_sort(&walk->devs);
	if (!err && walk->list && walk->devs.n == 1)
		one = &walk->devs.v[0];
	if (!err)
		err = bq_system_check_caps(error);
	if (!err)
		err = one ? visit_device(walk, one) : bq_dev_each_qdisc(visit, walk, error);
	if (walk->n)
		qsort(walk->found, walk->n, sizeof(*walk->found), compare);
	if (!err && !one)
		bq_pinned_each_lost(&walk->pinned, visit_lost, walk);
	return err;
}

static void end(struct walk *walk)
{
	free(walk->found);
	bq_devs_free(&walk->devs);
	bq_pinned_close(&walk->pinned);
}

static int each(struct bqdisc *bq, const char *list, bool together, bqdisc_instance_fn fn,
		void *arg)
{
	struct walk walk = { .bq = bq, .list = list, .unmanaged = warn_unmanaged, .arg = bq };
	int ret = collect(&walk);

	if (!ret)
		ret = emit_all(&walk, together, fn, arg);
	end(&walk);
	return ret;
}

int bq_each_unmanaged(struct bqdisc *bq, const char *list, bq_unmanaged_fn fn, void *arg)
{
	struct walk walk = { .bq = bq, .list = list, .unmanaged = fn, .arg = arg };
	int err = collect(&walk);

	end(&walk);
	return err;
}

int bq_each_state(struct bqdisc *bq, bq_unmanaged_fn unmanaged, bqdisc_instance_fn fn, void *arg)
{
	struct walk walk = { .bq = bq, .unmanaged = unmanaged, .arg = arg };
	int ret = collect(&walk);

	if (!ret)
		ret = emit_all(&walk, true, fn, arg);
	end(&walk);
	return ret;
}

int bqdisc__each_instance(struct bqdisc *bq, const char *devs, bqdisc_instance_fn fn, void *arg)
{
	return each(bq, devs, true, fn, arg);
}

int bqdisc__each_queue(struct bqdisc *bq, const char *devs, bqdisc_instance_fn fn, void *arg)
{
	return each(bq, devs, false, fn, arg);
}
