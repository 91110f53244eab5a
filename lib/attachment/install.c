// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/egress.h"
#include "attachment/install.h"
#include "attachment/kinds.h"
#include "user/globals.h"

/* --- load --- */

/*
 * Print the registration of the kind. A kind that the user registers with 'bqdisc load' stays after
 * its last qdisc, until 'bqdisc unload'.
 */
static void print_load(struct bq_printer *p, void *arg)
{
	const struct bqdisc_qdisc *q = ((struct bq_install *)arg)->q;

	if (bq_qdisc_is_user(q))
		bq_print(p, false, "register the kind %s, as 'bqdisc load' does: %s", q->kind,
			 q->object);
	else
		bq_print(p, true, "bqdisc load %s # registers the kind %s", q->name, q->kind);
}

/* The sweep removes a kind that stays without a qdisc. */
static int run_load(void *arg, struct bq_error *error)
{
	struct bq_install *in = arg;
	struct bq_loaded *loaded;
	int err = bq_kinds_load(in->pinned->catalog, in->q, &in->room, &loaded, error);

	if (!err)
		in->kind = &loaded->kind;
	return err ? err : 1;
}

static const struct bq_step load = { print_load, run_load, NULL };

static void print_nothing(struct bq_printer *p, void *arg)
{
	(void)p;
	(void)arg;
}

static const struct bq_step open_kind = { print_nothing, run_load, NULL };

/* --- prepare --- */

static void print_prepare(struct bq_printer *p, void *arg)
{
	const struct bq_install *in = arg;

	bq_print(p, false, "prepare %u of %s", in->room.instances, in->q->name);
}

/* Free the instances that the kernel did not take. */
static void undo_prepare(void *arg, struct bq_error *error)
{
	const struct bq_install *in = arg;
	size_t i;

	(void)error;
	for (i = 0; i < in->n; i++)
		if (bq_instance_state(bq_kind_instance(in->kind, in->index[i])) == BQ_PREPARED)
			bq_instances_free(in->kind, in->index[i]);
}

/* Link the instances of a set, so that each leads to the others. */
static void link_set(const struct bq_install *in)
{
	size_t i;

	for (i = 0; i < in->n; i++)
		bq_kind_instance(in->kind, in->index[i])->set_next = in->index[(i + 1) % in->n];
}

static int run_prepare(void *arg, struct bq_error *error)
{
	struct bq_install *in = arg;
	uint32_t slots = bq_qdisc_slots(in->q, in->config, &in->dev->device);
	int index;

	while (in->n < in->room.instances) {
		index = bq_instances_prepare(in->kind, &in->point, in->layout.mq, in->config,
					     &in->tables, slots, in->most_units, error);
		if (index < 0) {
			undo_prepare(in, error);
			return index;
		}
		bq_instances_set_expiry(in->kind, bq_kind_instance(in->kind, (uint32_t)index),
					in->expires_ns);
		in->index[in->n++] = (uint32_t)index;
	}
	if (in->layout.mq)
		link_set(in);
	return 1;
}

static const struct bq_step prepare = { print_prepare, run_prepare, undo_prepare };

/* --- egress program --- */

static void print_egress(struct bq_printer *p, void *arg)
{
	const struct bq_install *in = arg;

	bq_print(p, false, "put the program %s on the tcx egress hook of %s, before all others",
		 in->q->egress, p->dev);
	if (bq_egress_needs_segments(in->q, in->config))
		bq_print(p, true, "ip link set dev %s gso_max_segs 1", p->dev);
}

static void get_instances(const struct bq_install *in, struct bq_instance *v[BQ_QUEUES_MOST])
{
	size_t i;

	for (i = 0; i < in->n; i++)
		v[i] = bq_kind_instance(in->kind, in->index[i]);
}

/* Attach one egress program for all instances. It is inactive until they exist. */
static int run_egress(void *arg, struct bq_error *error)
{
	const struct bq_install *in = arg;
	struct bq_instance *v[BQ_QUEUES_MOST];

	get_instances(in, v);
	return bq_egress_attach(in->kind, v, in->n, in->point.ifindex, in->config, error);
}

static void undo_egress(void *arg, struct bq_error *error)
{
	const struct bq_install *in = arg;
	struct bq_instance *v[BQ_QUEUES_MOST];

	(void)error;
	get_instances(in, v);
	bq_egress_detach(v, in->n);
}

static const struct bq_step egress = { print_egress, run_egress, undo_egress };

/* --- undo record --- */

static void print_record(struct bq_printer *p, void *arg)
{
	const struct bq_install *in = arg;
	char name[96];

	if (in->previous && in->previous->n_steps)
		bq_print(p, false, "record what detach puts back: %s",
			 bq_snapshot_describe(in->previous, 0, name, sizeof(name)));
	else if (in->previous)
		bq_print(p, false, "record that detach brings the default back");
}

static int run_record(void *arg, struct bq_error *error)
{
	const struct bq_install *in = arg;
	struct bq_undo *undo = &in->pinned->undo;
	int err = in->previous
			  ? bq_undo_record(undo, &in->point, in->previous, in->layout.mq, error)
			  : bq_undo_record_mq(undo, &in->point, in->layout.mq, error);

	return err ? err : 1;
}

/* Keep the record of a change that the kernel made in part, unless the rollback has deleted it. */
static void undo_record(void *arg, struct bq_error *error)
{
	const struct bq_install *in = arg;

	(void)error;
	if (in->took)
		return;
	if (in->previous)
		bq_undo_cancel(&in->pinned->undo, &in->point);
	else
		bq_undo_confirm(&in->pinned->undo, &in->point);
}

static const struct bq_step record = { print_record, run_record, undo_record };

/* --- create --- */

static void print_create_one(struct bq_printer *p, const char *verb, uint32_t parent,
			     uint32_t handle, const char *kind, const char *options)
{
	char at[32] = "root";

	if (parent != TC_H_ROOT)
		snprintf(at, sizeof(at), "parent %x:%x", parent >> 16, TC_H_MIN(parent));
	bq_print(p, true, "tc qdisc %s dev %s %s handle %x: %s%s%s", verb, p->dev, at, handle >> 16,
		 kind, *options ? " # and what tc has no words for: " : "", options);
}

static void print_create(struct bq_printer *p, void *arg)
{
	const struct bq_install *in = arg;
	const struct bq_layout *l = &in->layout;
	const char *verb = in->over_default ? "add" : "replace";
	char options[BQ_OPTION_WORDS_MAX];
	size_t i;

	bq_print_options(in->q, in->config, options);
	if (l->with_mq)
		print_create_one(p, verb, l->v[0].parent, l->mq, "mq", "");
	for (i = l->with_mq; i < l->n; i++)
		print_create_one(p, l->mq ? "replace" : verb, l->v[i].parent, l->v[i].handle,
				 in->q->kind, options);
}

/* Write TCA_OPTIONS: the identity of the instance and its configuration. */
static void write_options(const struct bq_install *in, uint32_t index, struct bq_tc_qdisc *qdisc)
{
	struct bq_options_header header = {
		.magic = BQ_MAGIC,
		.layout = BQ_LAYOUT,
		.index = index,
		.size = (uint32_t)(sizeof(header) + in->q->config_size),
		.cookie = bq_kind_instance(in->kind, index)->cookie,
	};

	memcpy(qdisc->options, &header, sizeof(header));
	memcpy(qdisc->options + sizeof(header), in->config, in->q->config_size);
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
static void write_instance(const struct bq_install *in, uint32_t index, uint32_t handle,
			   uint32_t parent, struct bq_tc_qdisc *qdisc)
{
	struct bq_attach_point point = in->point;

	point.parent = parent;
	write_request(in, in->q->kind, handle, parent, qdisc);
	if (in->kind->plain) {
		bq_globals_record(in->kind, bq_kind_instance(in->kind, index), in->config);
		bq_instances_reserve(in->kind, index, &point, handle);
	} else {
		write_options(in, index, qdisc);
	}
}

static void write_requests(struct bq_install *in, struct bq_tc_qdisc *qdiscs)
{
	const struct bq_layout *l = &in->layout;
	size_t i;

	if (l->with_mq)
		write_request(in, "mq", l->mq, l->v[0].parent, qdiscs);
	for (i = l->with_mq; i < l->n; i++)
		write_instance(in, in->index[i - l->with_mq], l->v[i].handle, l->v[i].parent,
			       qdiscs + i);
}

/*
 * Check that each instance was initialized. The kernel may have created a qdisc of another
 * program's kind with the same name.
 */
static int check_all(const struct bq_install *in, struct bq_error *error)
{
	size_t i;

	for (i = 0; i < in->n && in->kind->plain; i++)
		bq_instances_commit(in->kind, in->index[i]);
	for (i = 0; i < in->n; i++)
		if (bq_instance_state(bq_kind_instance(in->kind, in->index[i])) != BQ_LIVE)
			return bq_fail(error, BQDISC_ERROR_REFUSED, EPROTO,
				       "%s: another program has registered this kind; unregister "
				       "it, 'bpftool struct_ops list' shows it",
				       in->q->kind);
	return 0;
}

/* Install bqdisc's earlier qdisc again. */
static int install_before(struct bq_install *before, struct bq_error *error)
{
	struct bq_printer nothing = { .to = NULL };
	struct bq_steps steps = { .n = 0 };
	int err = bq_install_plan(before, &steps, error);

	if (!err)
		err = bq_steps_perform(&steps, &nothing, error);
	bq_install_free(before);
	return err;
}

/*
 * Restore the qdisc that was there, after the kernel made the change or a part of it. The message
 * of the original failure is kept.
 */
static void roll_back(void *arg, struct bq_error *error)
{
	struct bq_install *in = arg;
	struct bq_error failure = { .warn = error->warn };
	char why[sizeof(error->text) / 2];

	if (in->before && in->before->q && install_before(in->before, &failure) >= 0)
		return;
	if (!bq_undo_restore(&in->pinned->undo, &in->point, &failure))
		return;
	snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, error->text);
	bq_fail(error, error->error_class, 0, "%s; restoring the previous qdisc failed: %.400s",
		why, failure.text);
}

static int run_create(void *arg, struct bq_error *error)
{
	struct bq_install *in = arg;
	enum bq_tc_mode mode = in->over_default ? BQ_TC_ADD : BQ_TC_REPLACE;
	struct bq_tc_qdisc *qdiscs = calloc(in->layout.n, sizeof(*qdiscs));
	int err;

	if (!qdiscs)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	write_requests(in, qdiscs);
	err = bq_tc_create(qdiscs, in->layout.n, mode, &in->took, error);
	free(qdiscs);
	if (!err)
		err = check_all(in, error);
	if (err && in->took)
		roll_back(in, error);
	if (err)
		return err;
	bq_undo_confirm(&in->pinned->undo, &in->point);
	return 1;
}

static const struct bq_step create = { print_create, run_create, roll_back };

/* --- plan --- */

int bq_install_plan(struct bq_install *in, struct bq_steps *steps, struct bq_error *error)
{
	int err = bq_install_plan_layout(in, error);

	if (err)
		return err;
	if (!in->is_loading && !bq_kinds_find(in->pinned->catalog, in->q, &in->room)) {
		bq_steps_add(steps, &load, in);
	} else {
		if (!in->is_loading && (err = run_load(in, error)) < 0)
			return err;
		/* An instance that is planned before this one may take the last room. */
		bq_steps_add(steps, &open_kind, in);
	}
	bq_steps_add(steps, &prepare, in);
	if (bq_egress_is_needed(in->q, in->config))
		bq_steps_add(steps, &egress, in);
	if (in->previous || in->layout.with_mq)
		bq_steps_add(steps, &record, in);
	bq_steps_add(steps, &create, in);
	return 0;
}
