/* SPDX-License-Identifier: GPL-2.0-only */
/* Access to classes, and lists of them. */
#ifndef BQDISC_HFQ_CLASS_BPF_H
#define BQDISC_HFQ_CLASS_BPF_H

#include <bqdisc/fair.bpf.h>
#include <bqdisc/heap.bpf.h>
#include "hfq/tree.h"

typedef struct hfq_class __arena hfq_class;
typedef struct hfq_list __arena hfq_list;

static __always_inline hfq_class *hfq_class_at(bq_ref ref)
{
	return bq_at(struct hfq_class, ref);
}

static __always_inline bq_ref hfq_class_nth(const struct hfq_instance *q, u32 slot)
{
	return q->classes + slot * (u32)sizeof(struct hfq_class);
}

static __always_inline hfq_class *hfq_root(const struct hfq_instance *q)
{
	return hfq_class_at(q->classes);
}

static __always_inline bool hfq_is_leaf(const hfq_class *c)
{
	return !c->level;
}

/* --- the row of a level and prio: classes that may send within their rate --- */

/* Return the row of bit N of hfq_instance.ready. */
static __always_inline hfq_list *hfq_row(const struct hfq_instance *q, u32 n)
{
	return bq_nth(struct hfq_list, q->rows, n);
}

static __always_inline void hfq_row_append(hfq_list *row, bq_ref ref, u32 prio)
{
	hfq_class_at(ref)->next_rowed[prio] = 0;
	if (row->first)
		hfq_class_at(row->last)->next_rowed[prio] = ref;
	else
		row->first = ref;
	row->last = ref;
}

/* Remove the first class from the row, which must not be empty. Return it. */
static __always_inline bq_ref hfq_row_pop(hfq_list *row, u32 prio)
{
	bq_ref ref = row->first;

	row->first = hfq_class_at(ref)->next_rowed[prio];
	return ref;
}

/* --- the feed of a class at a prio: its children that may borrow --- */

static __always_inline void hfq_feed_append(hfq_list *feed, bq_ref ref, u32 prio)
{
	hfq_class_at(ref)->next_fed[prio] = 0;
	if (feed->first)
		hfq_class_at(feed->last)->next_fed[prio] = ref;
	else
		feed->first = ref;
	feed->last = ref;
}

/* Remove the first class from the feed, which must not be empty. Return it. */
static __always_inline bq_ref hfq_feed_pop(hfq_list *feed, u32 prio)
{
	bq_ref ref = feed->first;

	feed->first = hfq_class_at(ref)->next_fed[prio];
	return ref;
}

#endif
