// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/egress.h"
#include "attachment/install.h"
#include "attachment/kinds.h"
#include "user/globals.h"

/* An installation in progress: N instances of KIND and the requests that install them. */
struct batch {
	const struct bq_install *in;
	struct bq_error *error;
	struct bq_kind *kind;
	struct bq_layout layout;
	size_t n;
	uint32_t index[BQ_INSTANCES];
};

static int prepare_all(struct batch *b)
{
	const struct bq_install *in = b->in;
	size_t wanted = in->queues ? in->queues : 1;
	uint32_t slots = bq_qdisc_slots(in->q, in->config, &in->link->device);
	int index;

	while (b->n < wanted) {
		index = bq_instances_prepare(b->kind, in->config, &in->tables, slots,
					     in->most_units, b->error);
		if (index < 0)
			return index;
		bq_kind_instance(b->kind, (uint32_t)index)->expires_ns = in->expires_ns;
		b->index[b->n++] = (uint32_t)index;
	}
	return 0;
}

/* Attach one egress program for all instances. It is inactive until they exist. */
static int attach_egress(const struct batch *b)
{
	struct bq_instance *v[BQ_INSTANCES];
	size_t i;
	int ret;

	for (i = 0; i < b->n; i++)
		v[i] = bq_kind_instance(b->kind, b->index[i]);
	ret = bq_egress_attach(b->kind, v, b->n, b->in->point.ifindex, b->in->config, b->error);
	return ret < 0 ? ret : 0;
}

/* Free instances that the kernel did not take. The sweep detaches their egress program. */
static void discard_all(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (bq_kind_instance(b->kind, b->index[i])->state == BQ_PREPARED)
			bq_instances_free(b->kind, b->index[i]);
}

int bq_install_plan_layout(const struct bq_install *in, struct bq_layout *layout,
			   struct bq_error *error)
{
	size_t n = in->queues ? in->queues : 1, first = in->queues && !in->mq, i;
	uint32_t handles[BQ_INSTANCES + 1];
	int err = bq_undo_free_handles(in->undo, &in->point, handles, n + first, error);

	if (err)
		return err;
	layout->with_mq = first;
	layout->mq = first ? handles[0] : in->mq;
	layout->n = n + first;
	for (i = 0; i < layout->n; i++) {
		layout->v[i].handle = handles[i];
		layout->v[i].parent = layout->mq && i >= first
					      ? layout->mq | (uint32_t)(i - first + 1)
					      : in->point.parent;
	}
	return 0;
}

/* Write TCA_OPTIONS: the identity of the instance and its configuration. */
static void write_options(const struct batch *b, uint32_t index, struct bq_tc_qdisc *qdisc)
{
	struct bq_options_header header = {
		.magic = BQ_MAGIC,
		.layout = BQ_LAYOUT,
		.index = index,
		.size = (uint32_t)(sizeof(header) + b->in->q->config_size),
		.cookie = bq_kind_instance(b->kind, index)->cookie,
	};

	memcpy(qdisc->options, &header, sizeof(header));
	memcpy(qdisc->options + sizeof(header), b->in->config, b->in->q->config_size);
	qdisc->options_len = header.size;
}

static void write_request(const struct bq_install *in, const char *kind, uint32_t handle,
			  uint32_t parent, struct bq_tc_qdisc *qdisc)
{
	qdisc->ifindex = in->point.ifindex;
	qdisc->handle = handle;
	qdisc->parent = parent;
	strncpy(qdisc->kind, kind, sizeof(qdisc->kind) - 1);
}

/* Write the request for instance INDEX, and the identity that the instance stores beforehand. */
static void write_instance(const struct batch *b, uint32_t index, uint32_t handle, uint32_t parent,
			   struct bq_tc_qdisc *qdisc)
{
	struct bq_attach_point point = b->in->point;

	point.parent = parent;
	write_request(b->in, b->in->q->kind, handle, parent, qdisc);
	if (b->kind->plain) {
		bq_globals_record(b->kind, bq_kind_instance(b->kind, index), b->in->config);
		bq_instances_reserve(b->kind, index, &point, handle);
	} else {
		write_options(b, index, qdisc);
	}
	bq_kind_instance(b->kind, index)->set = b->layout.mq;
}

static void write_requests(struct batch *b, struct bq_tc_qdisc *qdiscs)
{
	const struct bq_layout *l = &b->layout;
	size_t i;

	if (l->with_mq)
		write_request(b->in, "mq", l->mq, l->v[0].parent, qdiscs);
	for (i = l->with_mq; i < l->n; i++)
		write_instance(b, b->index[i - l->with_mq], l->v[i].handle, l->v[i].parent,
			       qdiscs + i);
}

static int record(const struct batch *b)
{
	const struct bq_install *in = b->in;

	if (in->previous)
		return bq_undo_record(in->undo, &in->point, in->previous, b->layout.mq, b->error);
	if (b->layout.with_mq)
		return bq_undo_record_mq(in->undo, &in->point, b->layout.mq, b->error);
	return 0;
}

/*
 * Check that each instance was initialized. The kernel may have created a qdisc of another
 * program's kind with the same name.
 */
static int check_all(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n && b->kind->plain; i++)
		bq_instances_commit(b->kind, b->index[i]);
	for (i = 0; i < b->n; i++)
		if (bq_kind_instance(b->kind, b->index[i])->state != BQ_LIVE)
			return bq_fail(b->error, BQDISC_ERROR_REFUSED, EPROTO,
				       "%s: another program has registered this kind; unregister "
				       "it, 'bpftool struct_ops list' shows it",
				       b->in->q->kind);
	return 0;
}

static int request_all(struct batch *b, const struct bq_tc_qdisc *qdiscs, bool *took)
{
	const struct bq_install *in = b->in;
	enum bq_tc_mode mode = in->over_default ? BQ_TC_ADD : BQ_TC_REPLACE;
	int err = record(b);

	if (err)
		return err;
	err = bq_tc_create(qdiscs, b->layout.n, mode, took, b->error);
	if (!err)
		err = check_all(b);
	if (!err || (!*took && !in->previous))
		bq_undo_confirm(in->undo, &in->point);
	else if (!*took)
		bq_undo_cancel(in->undo, &in->point);
	return err;
}

int bq_install(struct bq_catalog *catalog, const struct bq_install *in, bool *took,
	       struct bq_error *error)
{
	struct bq_tc_qdisc *qdiscs = calloc((size_t)in->queues + 1, sizeof(*qdiscs));
	struct batch b = { .in = in, .error = error };
	struct bq_loaded *loaded;
	int err;

	*took = false;
	if (!qdiscs)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	err = bq_kinds_load(catalog, in->q, &loaded, error);
	if (err)
		goto out;
	b.kind = &loaded->kind;
	err = prepare_all(&b);
	if (!err)
		err = bq_install_plan_layout(in, &b.layout, error);
	if (!err) {
		write_requests(&b, qdiscs);
		err = attach_egress(&b);
	}
	if (!err)
		err = request_all(&b, qdiscs, took);
	if (err)
		discard_all(&b);
out:
	free(qdiscs);
	return err;
}
