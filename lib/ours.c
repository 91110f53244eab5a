// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "ours.h"

/* --- finding --- */

/*
 * One that the kernel made by default, be it of our kind, is not attached: it has no handle. One of
 * a release with another layout cannot be read, but what was there before it is recorded.
 */
static bool find_one(const struct bq_place *place, const struct bq_tc_qdisc *was,
		     struct bq_ours *ours, struct bq_report *rep)
{
	int err;

	if (!was->handle)
		return false;
	err = bq_table_find_kind(&ours->kind, was->kind, place, was->handle, &ours->v[0], rep);
	ours->n = !err;
	return !err || (err == -EPROTO && bq_undo_has(place));
}

static void collect(const struct bq_place *place, struct bq_ours *ours)
{
	struct bq_instance *id;
	uint32_t i;

	for (i = 1; i < BQ_INSTANCES; i++) {
		id = bq_kind_instance(&ours->kind, i);
		if (id->state == BQ_LIVE && id->net_cookie == place->net_cookie &&
		    id->ifindex == place->ifindex && id->set == ours->mq)
			ours->v[ours->n++] = id;
	}
}

/* All of a set are of one kind. */
static bool find_set(const struct bq_place *place, const struct bq_tc_qdisc *was,
		     struct bq_ours *ours, struct bq_report *rep)
{
	const struct bqdisc_qdisc *q;

	ours->mq = was->handle;
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (bq_table_open(&ours->kind, q, rep))
			continue;
		collect(place, ours);
		if (ours->n)
			return true;
		bq_kind_close(&ours->kind);
	}
	return bq_undo_expects(place, was);
}

bool bq_ours_find(const struct bq_place *place, const struct bq_tc_qdisc *was, struct bq_ours *ours,
		  struct bq_report *rep)
{
	bool is_mq = place->parent == TC_H_ROOT && was->handle && !strcmp(was->kind, "mq");

	memset(ours, 0, sizeof(*ours));
	bq_kind_close(&ours->kind);
	if (is_mq ? find_set(place, was, ours, rep) : find_one(place, was, ours, rep))
		return true;
	bq_ours_close(ours);
	return false;
}

void bq_ours_close(struct bq_ours *ours)
{
	bq_kind_close(&ours->kind);
	ours->n = 0;
}

/* --- strangers --- */

static bool has_queue(const struct bq_ours *ours, uint32_t parent)
{
	size_t i;

	for (i = 0; i < ours->n; i++)
		if (ours->v[i]->parent == parent)
			return true;
	return false;
}

bool bq_ours_has_stranger(const struct bq_ours *ours, uint32_t ifindex, uint32_t queues,
			  struct bq_tc_qdisc *stranger)
{
	struct bq_report ignored = { 0 };
	uint32_t i;

	for (i = 1; ours->mq && i <= queues; i++)
		if (!has_queue(ours, ours->mq | i) &&
		    !bq_tc_get(ifindex, ours->mq | i, stranger, &ignored) &&
		    !bq_replay_is_default(stranger))
			return true;
	return false;
}

/* --- changing --- */

/* What an instance is configured as. */
struct setting {
	struct bq_blob annex;
	void *config;
};

static void free_settings(struct setting *all, size_t n)
{
	while (all && n--) {
		free(all[n].config);
		free(all[n].annex.data);
	}
	free(all);
}

static struct setting *read_settings(const struct bq_ours *ours, struct bq_report *rep)
{
	struct setting *all = calloc(ours->n, sizeof(*all));
	size_t i, size = ours->kind.q->config_size;

	for (i = 0; all && i < ours->n; i++) {
		all[i].config = malloc(size);
		if (!all[i].config ||
		    bq_kind_read_annex(&ours->kind, ours->v[i], &all[i].annex, rep)) {
			free_settings(all, ours->n);
			return NULL;
		}
		memcpy(all[i].config, bq_kind_config(&ours->kind, ours->v[i]), size);
	}
	return all;
}

/* The first N go back to what they had. What cannot be undone is left to the next run. */
static void bring_back(const struct bq_ours *ours, size_t n, const struct setting *before)
{
	struct bq_report ignored = { 0 };

	while (n--)
		bq_table_change(&ours->kind, ours->v[n], before[n].config, &before[n].annex,
				ours->v[n]->slots, &ignored);
}

static bool is_same_blob(const struct bq_blob *a, const struct bq_blob *b)
{
	return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

static bool is_same(const struct bqdisc_qdisc *q, const struct setting *a, const struct setting *b)
{
	return bq_options_same(q, a->config, b->config) && is_same_blob(&a->annex, &b->annex);
}

/* Whether what complete() finds out has changed since, such as the machine's clocks. */
static bool is_stale(const struct bqdisc_qdisc *q, const struct setting *before,
		     const struct bq_device *dev)
{
	uint64_t now[BQ_CONFIG_MAX / sizeof(uint64_t)];
	struct bq_report ignored = { 0 };

	if (!q->complete)
		return false;
	memcpy(now, before->config, q->config_size);
	return !q->complete(now, dev, &ignored) && memcmp(now, before->config, q->config_size);
}

static int bring_one(const struct bq_kind *kind, struct bq_instance *id,
		     const struct setting *before, const struct setting *wanted,
		     const struct bq_device *dev, struct bq_report *rep)
{
	int err;

	if (is_same(kind->q, wanted, before) && !is_stale(kind->q, before, dev))
		return 0;
	err = bq_table_change(kind, id, wanted->config, &wanted->annex,
			      bq_qdisc_slots(kind->q, wanted->config, dev), rep);
	return err ? err : 1;
}

/*
 * What options ask for beyond what the instances were made with is no error, but has no effect.
 * BEFORE: their options before they were changed.
 */
static void warn_of_size(const struct bq_ours *ours, const void *before, struct bq_report *rep)
{
	const struct bqdisc_qdisc *q = ours->kind.q;
	const struct bq_instance *id = ours->v[0];
	uint32_t was = 0, wanted = 0;

	if (!bq_qdisc_has_memory(q))
		return;
	bq_qdisc_memory(q, before, id->slots, &was);
	bq_qdisc_memory(q, bq_kind_config(&ours->kind, id), id->slots, &wanted);
	if (wanted > was && wanted > id->units)
		bq_warn(rep,
			"%s has a table of %u since it was attached: to have one of %u, detach it "
			"and attach it again",
			q->name, id->units, wanted);
}

int bq_ours_bring(const struct bq_ours *ours, const void *config, const struct bq_blob *annex,
		  bq_merge_fn merge, const struct bq_device *dev, struct bq_report *rep)
{
	const struct bqdisc_qdisc *q = ours->kind.q;
	struct setting wanted = { *annex, malloc(q->config_size) };
	struct setting *before = read_settings(ours, rep);
	int one, ret = 0;
	size_t i;

	if (!wanted.config || !before)
		ret = bq_fail(rep, BQDISC_FAULT_REFUSED, ENOMEM, "out of memory");
	for (i = 0; ret >= 0 && i < ours->n; i++) {
		memcpy(wanted.config, config, q->config_size);
		merge(&ours->kind, ours->v[i], wanted.config);
		one = q->complete ? q->complete(wanted.config, dev, rep) : 0;
		/* All have the same companion: what the first needs. */
		if (!one && !i)
			one = ret = bq_table_accompany(&ours->kind, ours->v, ours->n,
						       ours->v[0]->ifindex, wanted.config, rep);
		if (one >= 0)
			one = bring_one(&ours->kind, ours->v[i], &before[i], &wanted, dev, rep);
		if (one < 0)
			bring_back(ours, i, before);
		ret = one ? one : ret;
	}
	if (ret > 0)
		warn_of_size(ours, before[0].config, rep);
	if (ours->n)
		bq_table_dismiss(&ours->kind, ours->v, ours->n);
	free_settings(before, ours->n);
	free(wanted.config);
	return ret;
}

int bq_ours_differs(const struct bq_ours *ours, const void *config, const struct bq_blob *annex,
		    bq_merge_fn merge, const struct bq_device *dev, void *wanted,
		    struct bq_report *rep)
{
	const struct bqdisc_qdisc *q = ours->kind.q;
	struct setting *before = read_settings(ours, rep);
	struct setting to = { *annex, wanted };
	int err = 0, differs = 0;
	size_t i;

	if (!before)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOMEM, "out of memory");
	/* Backwards, so that the first one's stands in WANTED at the end. */
	for (i = ours->n; !err && i--;) {
		memcpy(wanted, config, q->config_size);
		merge(&ours->kind, ours->v[i], wanted);
		err = q->complete ? q->complete(wanted, dev, rep) : 0;
		differs |= !is_same(q, &to, &before[i]);
	}
	free_settings(before, ours->n);
	return err ? err : differs;
}
