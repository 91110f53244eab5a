// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/attachment.h"
#include "attachment/egress.h"
#include "attachment/undo.h"
#include "bpf/range.h"

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

static void collect(struct bq_kind *kind, const struct bq_attach_point *point,
		    struct bq_attachment *attachment)
{
	struct bq_instance *id = NULL;

	while ((id = bq_kind_next(kind, id)))
		if (id->state == BQ_LIVE && id->net_cookie == point->net_cookie &&
		    id->ifindex == point->ifindex && id->set == attachment->mq)
			attachment->v[attachment->n++] = id;
}

/* Find a set by the kind of its first instance, as all have the same kind. */
static bool find_set(struct bq_pinned *pinned, const struct bq_attach_point *point,
		     const struct bq_tc_qdisc *was, struct bq_attachment *attachment,
		     struct bq_error *error)
{
	struct bq_loaded *l = NULL;

	attachment->mq = was->handle;
	while ((l = bq_catalog_next_loaded(pinned->catalog, l))) {
		if (bq_catalog_open(l, error))
			continue;
		collect(&l->kind, point, attachment);
		if (!attachment->n)
			continue;
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
				     uint32_t queues, struct bq_tc_qdisc *stranger)
{
	struct bq_error ignored = { 0 };
	uint32_t i;

	for (i = 1; attachment->mq && i <= queues; i++)
		if (!has_queue(attachment, attachment->mq | i) &&
		    !bq_tc_get(ifindex, attachment->mq | i, stranger, &ignored) &&
		    !bq_is_default_qdisc(stranger))
			return true;
	return false;
}

/* --- changing --- */

/* Configuration and tables of one instance. */
struct setting {
	struct bq_blob tables;
	void *config;
};

static void free_settings(struct setting *all, size_t n)
{
	while (all && n--) {
		free(all[n].config);
		free(all[n].tables.data);
	}
	free(all);
}

static struct setting *read_settings(const struct bq_attachment *attachment, struct bq_error *error)
{
	struct setting *all = calloc(attachment->n, sizeof(*all));
	size_t i, size = attachment->kind->q->config_size;

	for (i = 0; all && i < attachment->n; i++) {
		all[i].config = malloc(size);
		if (!all[i].config || bq_range_read_tables(attachment->kind, attachment->v[i],
							   &all[i].tables, error)) {
			free_settings(all, attachment->n);
			return NULL;
		}
		memcpy(all[i].config, bq_kind_config(attachment->kind, attachment->v[i]), size);
	}
	return all;
}

/* Restore the configuration of the first N instances. A later command completes what fails here. */
static void restore_settings(const struct bq_attachment *attachment, size_t n,
			     const struct setting *before)
{
	struct bq_error ignored = { 0 };

	while (n--)
		bq_instances_change(attachment->kind, attachment->v[n], before[n].config,
				    &before[n].tables, attachment->v[n]->slots, &ignored);
}

static bool is_same_blob(const struct bq_blob *a, const struct bq_blob *b)
{
	return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

static bool is_same(const struct bqdisc_qdisc *q, const struct setting *a, const struct setting *b)
{
	return bq_options_same(q, a->config, b->config) && is_same_blob(&a->tables, &b->tables);
}

/* Return true if the result of complete() has changed, for example because a clock was adjusted. */
static bool is_stale(const struct bqdisc_qdisc *q, const struct setting *before,
		     const struct bq_dev_params *dev)
{
	uint64_t now[BQ_CONFIG_MAX / sizeof(uint64_t)];
	struct bq_error ignored = { 0 };

	if (!q->complete)
		return false;
	memcpy(now, before->config, q->config_size);
	return !q->complete(now, dev, &ignored) && memcmp(now, before->config, q->config_size);
}

static int apply_one(struct bq_kind *kind, struct bq_instance *id, const struct setting *before,
		     const struct setting *wanted, const struct bq_dev_params *dev,
		     struct bq_error *error)
{
	int err;

	/* An interrupted change of a plain kind may have written only some of the variables. */
	if (is_same(kind->q, wanted, before) && !is_stale(kind->q, before, dev) &&
	    !(kind->plain && id->readers_pending))
		return 0;
	err = bq_instances_change(kind, id, wanted->config, &wanted->tables,
				  bq_qdisc_slots(kind->q, wanted->config, dev), error);
	return err ? err : 1;
}

/*
 * Warn that options exceed the memory reserved at attach, as the excess has no effect. BEFORE holds
 * the options before the change.
 */
static void warn_of_size(const struct bq_attachment *attachment, const void *before,
			 struct bq_error *error)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	const struct bq_instance *id = attachment->v[0];
	uint32_t was = BQ_UNITS_MAX, wanted = BQ_UNITS_MAX;

	if (!bq_qdisc_has_memory(q))
		return;
	bq_qdisc_memory(q, before, id->slots, &was);
	bq_qdisc_memory(q, bq_kind_config(attachment->kind, id), id->slots, &wanted);
	if (wanted > was && wanted > id->units)
		bq_warn(error,
			"%s: the table has %u entries since attach; detach and attach again to "
			"have %u",
			q->name, id->units, wanted);
}

/* Add the memory that a change of instance N from BEFORE to WANTED allocates. */
static void add_need(const struct bq_attachment *attachment, size_t n, const struct setting *before,
		     const struct setting *wanted, const struct bq_dev_params *dev,
		     struct bq_need *need)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	uint64_t now = bq_instance_memory(q, attachment->v[n]);
	uint64_t more = bq_instances_growth(attachment->kind, attachment->v[n],
					    bq_qdisc_slots(q, wanted->config, dev));

	need->now += now;
	need->all += now + more - before->tables.size + wanted->tables.size;
	need->new_bytes += more + (is_same(q, wanted, before) ? 0 : wanted->tables.size);
}

int bq_attachment_need(const struct bq_attachment *attachment, const void *config,
		       const struct bq_blob *tables, bq_merge_fn merge,
		       const struct bq_dev_params *dev, struct bq_need *need,
		       struct bq_error *error)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	struct setting wanted = { *tables, malloc(q->config_size) };
	struct setting *before = read_settings(attachment, error);
	int err = 0;
	size_t i;

	need->q = q;
	need->queues = attachment->mq ? (uint32_t)attachment->n : 0;
	if (!wanted.config || !before)
		err = bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	for (i = 0; !err && i < attachment->n; i++) {
		memcpy(wanted.config, config, q->config_size);
		merge(attachment->kind, attachment->v[i], wanted.config);
		err = q->complete ? q->complete(wanted.config, dev, error) : 0;
		if (!err)
			add_need(attachment, i, &before[i], &wanted, dev, need);
	}
	free_settings(before, attachment->n);
	free(wanted.config);
	return err;
}

int bq_attachment_apply(const struct bq_attachment *attachment, const void *config,
			const struct bq_blob *tables, bq_merge_fn merge,
			const struct bq_dev_params *dev, struct bq_error *error)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	struct setting wanted = { *tables, malloc(q->config_size) };
	struct setting *before = read_settings(attachment, error);
	int one, ret = 0;
	size_t i;

	if (!wanted.config || !before)
		ret = bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	for (i = 0; ret >= 0 && i < attachment->n; i++) {
		memcpy(wanted.config, config, q->config_size);
		merge(attachment->kind, attachment->v[i], wanted.config);
		one = q->complete ? q->complete(wanted.config, dev, error) : 0;
		/* All share one egress program, so the first instance decides. */
		if (!one && !i)
			one = ret =
				bq_egress_attach(attachment->kind, attachment->v, attachment->n,
						 attachment->v[0]->ifindex, wanted.config, error);
		if (one >= 0)
			one = apply_one(attachment->kind, attachment->v[i], &before[i], &wanted,
					dev, error);
		if (one < 0)
			restore_settings(attachment, i, before);
		ret = one ? one : ret;
	}
	if (ret > 0)
		warn_of_size(attachment, before[0].config, error);
	if (attachment->n)
		bq_egress_release(attachment->kind, attachment->v, attachment->n);
	free_settings(before, attachment->n);
	free(wanted.config);
	return ret;
}

int bq_attachment_differs(const struct bq_attachment *attachment, const void *config,
			  const struct bq_blob *tables, bq_merge_fn merge,
			  const struct bq_dev_params *dev, void *wanted, struct bq_error *error)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	struct setting *before = read_settings(attachment, error);
	struct setting to = { *tables, wanted };
	int err = 0, differs = 0;
	size_t i;

	if (!before)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	/* Iterate backwards, so that WANTED holds the first instance's configuration at the end. */
	for (i = attachment->n; !err && i--;) {
		memcpy(wanted, config, q->config_size);
		merge(attachment->kind, attachment->v[i], wanted);
		err = q->complete ? q->complete(wanted, dev, error) : 0;
		differs |= !is_same(q, &to, &before[i]);
	}
	free_settings(before, attachment->n);
	return err ? err : differs;
}
