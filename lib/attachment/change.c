// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/change.h"
#include "attachment/egress.h"
#include "bpf/range.h"

/* --- prepare --- */

static void free_settings(struct bq_setting *all, size_t n, bool own_tables)
{
	while (all && n--) {
		free(all[n].config);
		if (own_tables)
			free(all[n].tables.data);
	}
	free(all);
}

void bq_change_free(struct bq_change *change)
{
	if (!change->attachment)
		return;
	free_settings(change->before, change->attachment->n, true);
	free_settings(change->wanted, change->attachment->n, false);
}

static bool is_same_blob(const struct bq_blob *a, const struct bq_blob *b)
{
	return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

static bool is_same(const struct bqdisc_qdisc *q, const struct bq_setting *a,
		    const struct bq_setting *b)
{
	return bq_options_same(q, a->config, b->config) && is_same_blob(&a->tables, &b->tables);
}

/* Read the configuration of instance N, and compute the wanted one. */
static int prepare_one(struct bq_change *change, size_t n, const void *config,
		       const struct bq_blob *tables, bq_merge_fn merge, struct bq_error *error)
{
	struct bq_kind *kind = change->attachment->kind;
	const struct bq_instance *id = change->attachment->v[n];
	struct bq_setting *before = &change->before[n], *wanted = &change->wanted[n];
	size_t size = kind->q->config_size;
	int err;

	before->config = malloc(size);
	wanted->config = malloc(size);
	wanted->tables = *tables;
	if (!before->config || !wanted->config)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	before->expires_ns = id->expires_ns;
	memcpy(before->config, bq_kind_config(kind, id), size);
	memcpy(wanted->config, config, size);
	err = bq_range_read_tables(kind, id, &before->tables, error);
	if (err)
		return err;
	merge(kind, id, wanted->config);
	return kind->q->complete ? kind->q->complete(wanted->config, change->dev, error) : 0;
}

/* Add the memory that the change of instance N allocates. */
static void add_need(struct bq_change *change, size_t n)
{
	const struct bq_kind *kind = change->attachment->kind;
	const struct bq_instance *id = change->attachment->v[n];
	const struct bq_setting *before = &change->before[n], *wanted = &change->wanted[n];
	uint64_t now = bq_instance_memory(kind->q, id);
	uint64_t more =
		bq_instances_growth(kind, id, bq_qdisc_slots(kind->q, wanted->config, change->dev));

	change->need.now += now;
	change->need.all += now + more - before->tables.size + wanted->tables.size;
	change->need.new_bytes += more;
	if (!is_same(kind->q, wanted, before))
		change->need.new_bytes += wanted->tables.size;
}

int bq_change_prepare(struct bq_change *change, const struct bq_attachment *attachment,
		      const void *config, const struct bq_blob *tables, bq_merge_fn merge,
		      const struct bq_dev_params *dev, struct bq_error *error)
{
	int err = 0;
	size_t i;

	*change = (struct bq_change){
		.attachment = attachment,
		.dev = dev,
		.before = calloc(attachment->n, sizeof(*change->before)),
		.wanted = calloc(attachment->n, sizeof(*change->wanted)),
		.need.q = attachment->kind->q,
		.need.queues = attachment->mq ? (uint32_t)attachment->n : 0,
	};
	if (!change->before || !change->wanted)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	for (i = 0; !err && i < attachment->n; i++) {
		err = prepare_one(change, i, config, tables, merge, error);
		if (!err)
			add_need(change, i);
	}
	return err;
}

/* Return true if the result of complete() has changed, for example because a clock was adjusted. */
static bool is_stale(const struct bqdisc_qdisc *q, const struct bq_setting *before,
		     const struct bq_dev_params *dev)
{
	uint64_t now[BQ_CONFIG_MAX / sizeof(uint64_t)];

	if (!q->complete)
		return false;
	memcpy(now, before->config, q->config_size);
	return !q->complete(now, dev, NULL) && memcmp(now, before->config, q->config_size);
}

/* Return true if instance N has to be written. */
static bool differs(const struct bq_change *change, size_t n)
{
	const struct bq_kind *kind = change->attachment->kind;
	const struct bq_setting *before = &change->before[n];

	/* An interrupted change of a plain kind may have written only some of the variables. */
	return !is_same(kind->q, &change->wanted[n], before) ||
	       is_stale(kind->q, before, change->dev) ||
	       (kind->plain && change->attachment->v[n]->readers_pending);
}

/* --- egress program --- */

static void print_egress(struct bq_printer *p, void *arg)
{
	const struct bq_change *change = arg;
	const struct bq_attachment *at = change->attachment;
	const struct bqdisc_qdisc *q = at->kind->q;

	if (!bq_egress_is_complete(at->v, at->n, at->v[0]->ifindex))
		bq_print(p, false,
			 "put the program %s on the tcx egress hook of %s, before all others",
			 q->egress, p->dev);
	if (bq_egress_needs_segments(q, change->wanted[0].config) &&
	    bq_egress_segments(at->v[0]->egress) <= 1)
		bq_print(p, true, "ip link set dev %s gso_max_segs 1", p->dev);
}

/* Attach the program, which all instances share, or again if another program has detached it. */
static int run_egress(void *arg, struct bq_error *error)
{
	const struct bq_change *change = arg;
	const struct bq_attachment *at = change->attachment;

	return bq_egress_attach(at->kind, at->v, at->n, at->v[0]->ifindex, change->wanted[0].config,
				error);
}

/* Remove what the active configuration does not need. */
static void release_egress(void *arg, struct bq_error *error)
{
	const struct bq_attachment *at = ((const struct bq_change *)arg)->attachment;

	(void)error;
	bq_egress_release(at->kind, at->v, at->n);
}

static const struct bq_step egress = { print_egress, run_egress, release_egress };

/* --- options --- */

static void print_apply(struct bq_printer *p, void *arg)
{
	const struct bq_change *change = arg;
	const struct bqdisc_qdisc *q = change->attachment->kind->q;
	uint64_t key = change->attachment->v[0]->egress;
	char options[BQ_OPTION_WORDS_MAX];

	bq_print_options(q, change->wanted[0].config, options);
	bq_print(p, false, "change %s of %s, live, to: %s", q->name, p->dev,
		 *options ? options : "its defaults");
	if (key && !bq_egress_is_needed(q, change->wanted[0].config))
		bq_print_egress_removal(p, q, key);
	else if (key && !bq_egress_needs_segments(q, change->wanted[0].config))
		bq_print_segments(p, key);
}

/* Restore the configuration of the first N instances. A later command completes what fails here. */
static void restore_settings(const struct bq_change *change, size_t n)
{
	const struct bq_attachment *at = change->attachment;

	while (n--)
		if (differs(change, n))
			bq_instances_change(at->kind, at->v[n], change->before[n].config,
					    &change->before[n].tables, at->v[n]->slots, NULL);
}

/* Warn that options exceed the memory reserved at attach, as the excess has no effect. */
static void warn_of_size(const struct bq_change *change, struct bq_error *error)
{
	const struct bq_instance *id = change->attachment->v[0];
	const struct bqdisc_qdisc *q = change->attachment->kind->q;
	uint32_t was = BQ_UNITS_MAX, wanted = BQ_UNITS_MAX;

	if (!bq_qdisc_has_memory(q))
		return;
	bq_qdisc_memory(q, change->before[0].config, id->slots, &was);
	bq_qdisc_memory(q, change->wanted[0].config, id->slots, &wanted);
	if (wanted > was && wanted > id->units)
		bq_warn(error,
			"%s: the table has %u entries since attach; detach and attach again to "
			"have %u",
			q->name, id->units, wanted);
}

static int run_apply(void *arg, struct bq_error *error)
{
	const struct bq_change *change = arg;
	const struct bq_attachment *at = change->attachment;
	int err = 0;
	size_t i;

	for (i = 0; !err && i < at->n; i++)
		if (differs(change, i))
			err = bq_instances_change(
				at->kind, at->v[i], change->wanted[i].config,
				&change->wanted[i].tables,
				bq_qdisc_slots(at->kind->q, change->wanted[i].config, change->dev),
				error);
	if (err) {
		restore_settings(change, i - 1);
		return err;
	}
	warn_of_size(change, error);
	release_egress(arg, error);
	return 1;
}

/* The former options may need the egress program, or more of it. */
static void undo_apply(void *arg, struct bq_error *error)
{
	const struct bq_change *change = arg;
	const struct bq_attachment *at = change->attachment;

	bq_egress_attach(at->kind, at->v, at->n, at->v[0]->ifindex, change->before[0].config, NULL);
	restore_settings(change, at->n);
	release_egress(arg, error);
}

static const struct bq_step apply = { print_apply, run_apply, undo_apply };

void bq_change_plan(struct bq_change *change, struct bq_steps *steps)
{
	const struct bq_attachment *at = change->attachment;
	bool any = false;
	size_t i;

	if (bq_egress_is_needed(at->kind->q, change->wanted[0].config))
		bq_steps_add(steps, &egress, change);
	for (i = 0; i < at->n; i++)
		any |= differs(change, i);
	if (any)
		bq_steps_add(steps, &apply, change);
}

/* --- expiry --- */

static void print_expiry(struct bq_printer *p, void *arg)
{
	const struct bq_change *change = arg;

	bq_print(p, false,
		 change->expires_ns ? "set the time when %s is detached"
				    : "clear the time when %s is detached",
		 change->attachment->kind->q->name);
}

static int run_expiry(void *arg, struct bq_error *error)
{
	const struct bq_change *change = arg;
	size_t i;

	(void)error;
	for (i = 0; i < change->attachment->n; i++)
		bq_instances_set_expiry(change->attachment->kind, change->attachment->v[i],
					change->expires_ns);
	return 1;
}

static void undo_expiry(void *arg, struct bq_error *error)
{
	const struct bq_change *change = arg;
	size_t i;

	(void)error;
	for (i = 0; i < change->attachment->n; i++)
		__atomic_store_n(&change->attachment->v[i]->expires_ns,
				 change->before[i].expires_ns, __ATOMIC_RELEASE);
}

static const struct bq_step expiry = { print_expiry, run_expiry, undo_expiry };

void bq_change_plan_expiry(struct bq_change *change, uint64_t expires_ns, struct bq_steps *steps)
{
	size_t i;

	change->expires_ns = expires_ns;
	for (i = 0; i < change->attachment->n; i++)
		if (change->attachment->v[i]->expires_ns != change->expires_ns) {
			bq_steps_add(steps, &expiry, change);
			return;
		}
}
