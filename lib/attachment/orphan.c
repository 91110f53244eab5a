// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>

#include "util/system.h"
#include "bpf/kernel.h"
#include "attachment/orphan.h"
#include "qdisc/qdisc.h"

/* A kind that every kernel has. */
#define ALWAYS_THERE "pfifo_fast"

static bool is_known_kind(struct bq_catalog *catalog, const struct bq_tc_qdisc *qdisc, bool any)
{
	return qdisc->handle &&
	       (!strncmp(qdisc->kind, "bq_", 3) || bq_catalog_has_kind(catalog, qdisc->kind) ||
		(any && bq_kernel_has_bpf_kind(qdisc->kind)));
}

static bool has_instance(struct bq_catalog *catalog, const struct bq_attach_point *root,
			 const struct bq_tc_qdisc *qdisc)
{
	struct bq_attach_point point = { root->net_cookie, root->ifindex, qdisc->parent };
	struct bq_instance *id;
	struct bq_loaded *l;

	return !bq_instances_find_kind(catalog, qdisc->kind, &point, qdisc->handle, &l, &id, NULL);
}

int bq_orphan_each(struct bq_catalog *catalog, const struct bq_attach_point *point,
		   const struct bq_tc_qdisc *was, uint32_t queues, bool any,
		   struct bq_tc_qdisc *first, bq_orphan_fn fn, void *arg)
{
	bool is_mq = was->parent == TC_H_ROOT && was->handle && !strcmp(was->kind, "mq");
	struct bq_tc_qdisc qdisc = *was;
	uint32_t i, most = is_mq ? queues : 1;
	int n = 0;

	for (i = 1; i <= most; i++) {
		if (is_mq && bq_tc_get(was->ifindex, was->handle | i, &qdisc, NULL))
			continue;
		if (!is_known_kind(catalog, &qdisc, any) || has_instance(catalog, point, &qdisc))
			continue;
		if (!n++)
			*first = qdisc;
		if (fn)
			fn(&qdisc, arg);
	}
	return n;
}

void bq_orphan_successor(char kind[BQ_TC_KIND_MAX])
{
	char now[BQ_DEFAULT_MAX];

	if (bq_system_get_default(now, NULL) || !strncmp(now, "bq_", 3) || !bq_tc_has_kind(now))
		snprintf(now, sizeof(now), ALWAYS_THERE);
	snprintf(kind, BQ_TC_KIND_MAX, "%.15s", now);
}

int bq_orphan_remove_one(const struct bq_tc_qdisc *qdisc, struct bq_error *error)
{
	struct bq_tc_qdisc next = { .ifindex = qdisc->ifindex, .parent = qdisc->parent };
	int err;

	if (qdisc->parent == TC_H_ROOT)
		return bq_tc_delete(qdisc->ifindex, qdisc->parent, error);
	bq_orphan_successor(next.kind);
	err = bq_tc_free_handles(next.ifindex, NULL, NULL, &next.handle, 1, error);
	return err ? err : bq_tc_create(&next, 1, BQ_TC_REPLACE, NULL, error);
}

struct removal {
	struct bq_error *error;
	int err;
};

static void remove_next(const struct bq_tc_qdisc *orphan, void *arg)
{
	struct removal *removal = arg;

	if (!removal->err)
		removal->err = bq_orphan_remove_one(orphan, removal->error);
}

int bq_orphan_remove(struct bq_catalog *catalog, const struct bq_attach_point *point,
		     const struct bq_tc_qdisc *was, uint32_t queues, struct bq_error *error)
{
	struct removal removal = { .error = error };
	struct bq_tc_qdisc first;

	bq_orphan_each(catalog, point, was, queues, true, &first, remove_next, &removal);
	return removal.err ? removal.err : 1;
}
