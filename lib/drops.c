// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The last drop of an instance for each reason. Takes no lock. */
#include <string.h>

#include "drops.h"
#include "instance.h"
#include "qdisc/flows.h"
#include "qdisc/value.h"

#define REASONS_MAX 16

bool bqdisc_qdisc__notes_drops(const struct bqdisc_qdisc *q)
{
	return q->n_drops;
}

bool bq_drop_read(const struct bqdisc_qdisc *q, const struct bq_drop *from,
		  struct bqdisc_drop *drop)
{
	size_t offset = from->reason - q->stats_offset;
	const struct bq_counter *row;

	for (row = q->counters; row < q->counters + q->n_counters; row++) {
		if (offset < row->offset ||
		    offset >= row->offset + bq_counter_count(row) * sizeof(uint64_t))
			continue;
		*drop = (struct bqdisc_drop){
			.reason = row->key,
			.count = bq_counter_count(row),
			.n = (offset - row->offset) / sizeof(uint64_t),
			.time_ns = from->time_ns,
			.bytes = from->len,
		};
		bq_flow_key_copy(&from->flow, &drop->key);
		return true;
	}
	return false;
}

/* Copy a record that a program may be writing. */
static void copy(const struct bq_drop *from, struct bq_drop *to)
{
	struct bq_drop again;

	do {
		memcpy(to, from, sizeof(*to));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		memcpy(&again, from, sizeof(again));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (memcmp(to, &again, sizeof(again)) != 0);
}

/* Keep DROP if it is the latest for its reason among the N of LAST. Return their new number. */
static size_t keep_latest(struct bq_drop *last, size_t n, const struct bq_drop *drop)
{
	size_t i;

	for (i = 0; i < n && last[i].reason != drop->reason; i++)
		;
	if (i == REASONS_MAX || !drop->time_ns)
		return n;
	if (i == n || last[i].time_ns < drop->time_ns)
		last[i] = *drop;
	return i == n ? n + 1 : n;
}

/* Return the records of an instance. */
static const struct bq_drop *records_of(const struct bq_instance_info *info)
{
	return (const void *)((const char *)info->id + info->kind->q->drops_offset);
}

void bqdisc_instance__each_last_drop(const struct bqdisc_instance *inst, bqdisc_drop_fn fn,
				     void *arg)
{
	const struct bqdisc_qdisc *q = inst->v[0]->kind->q;
	struct bq_drop last[REASONS_MAX], one;
	struct bqdisc_drop drop;
	size_t i, queue, n = 0;

	for (queue = 0; queue < inst->n; queue++)
		for (i = 0; i < q->n_drops; i++) {
			copy(&records_of(inst->v[queue])[i], &one);
			n = keep_latest(last, n, &one);
		}
	for (i = 0; i < n; i++)
		if (bq_drop_read(q, &last[i], &drop))
			fn(&drop, arg);
}
