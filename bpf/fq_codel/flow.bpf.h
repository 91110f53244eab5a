/* SPDX-License-Identifier: GPL-2.0-only */
/* Flows of fq_codel: their lists, their packets, and the flow with the largest backlog. */
#ifndef BQDISC_FQ_CODEL_FLOW_BPF_H
#define BQDISC_FQ_CODEL_FLOW_BPF_H

#include <bqdisc/fair.bpf.h>
#include "fq_codel/query.bpf.h"

/* --- lists; LEN is the gauge of the list's length --- */

static __always_inline void fq_codel_append(struct bq_fair_list *list, u64 *len, bq_ref ref)
{
	bq_fair_at(ref)->next = 0;
	if (list->first)
		bq_fair_at(list->last)->next = ref;
	else
		list->first = ref;
	list->last = ref;
	++*len;
}

/* Remove the first flow from the list, which must not be empty. */
static __always_inline void fq_codel_advance(struct bq_fair_list *list, u64 *len)
{
	list->first = bq_fair_at(list->first)->next;
	--*len;
}

/* Remove the first flow of the new flows, if FRESH, or of the old ones. Return it. */
static __always_inline bq_ref fq_codel_pop_flow(struct fq_codel_instance *q, bool fresh)
{
	bq_ref ref = fresh ? q->fresh.first : q->old.first;

	if (fresh)
		fq_codel_advance(&q->fresh, &q->stats.new_flows_len);
	else
		fq_codel_advance(&q->old, &q->stats.old_flows_len);
	return ref;
}

/* Move the first flow of a list to the end of the old flows. */
static __always_inline void fq_codel_rotate(struct fq_codel_instance *q, bool fresh)
{
	fq_codel_append(&q->old, &q->stats.old_flows_len, fq_codel_pop_flow(q, fresh));
}

/* Forget the marks of a flow without packets, which no packet would carry soon. */
static __noinline void fq_codel_forget_marks(struct fq_codel_instance *q, bq_ref ref)
{
	u32 marks = __sync_lock_test_and_set(&bq_fair_at(ref)->marks, 0);

	__sync_fetch_and_sub(&q->marks, marks);
}

/* Remove the first flow from its list. */
static __always_inline void fq_codel_retire(struct fq_codel_instance *q, bool fresh)
{
	bq_ref ref = fq_codel_pop_flow(q, fresh);

	bq_fair_at(ref)->listed = 0;
	if (bq_fair_at(ref)->marks)
		fq_codel_forget_marks(q, ref);
}

/* Append a flow to the list of new flows, unless it is in a list. */
static __always_inline void fq_codel_enlist(struct fq_codel_instance *q, bq_ref ref, u32 quantum)
{
	bq_fair_flow *f = bq_fair_at(ref);

	if (f->listed)
		return;
	f->listed = 1;
	f->deficit = quantum;
	q->stats.new_flow_count++;
	fq_codel_append(&q->fresh, &q->stats.new_flows_len, ref);
}

/* --- packets --- */

/* Append a stored packet to its flow, and count it. */
static __always_inline void fq_codel_put(struct fq_codel_instance *q, struct Qdisc *sch,
					 bq_fair_flow *f, bq_ref ref)
{
	const bq_packet *p = bq_packet_at(ref);

	bq_fair_put(f, ref);
	q->stats.memory_used += bq_fair_memory(p);
	qdisc_count_in(sch, bq_fair_len(p));
}

/* Remove the first packet of the flow, which has one. The caller owns it, and counts it in SCH. */
static __always_inline struct sk_buff *fq_codel_take(struct fq_codel_instance *q, bq_fair_flow *f)
{
	q->stats.memory_used -= bq_fair_memory(bq_packet_at(f->queue.head));
	return bq_fair_take(&q->packets, f);
}

/* --- the largest backlog --- */

struct fq_codel_fat {
	bq_ref ref; /* 0: no flow has packets */
	u32 backlog;
};

/* Look at the flows of a list. Of flows with the same backlog choose the first in memory. */
static __always_inline void fq_codel_search(struct fq_codel_fat *fat, bq_ref ref)
{
	u32 backlog;

	while (ref && can_loop) {
		backlog = bq_fair_at(ref)->backlog;
		if (backlog > fat->backlog || (backlog == fat->backlog && ref < fat->ref))
			*fat = (struct fq_codel_fat){ ref, backlog };
		ref = bq_fair_at(ref)->next;
	}
}

/*
 * Find the flow with the largest backlog. Every flow with packets is in a list, so the lists are
 * searched, and not all flows as in-tree: most of them are idle.
 */
static __always_inline struct fq_codel_fat fq_codel_find_fat(const struct fq_codel_instance *q)
{
	struct fq_codel_fat fat = {};

	fq_codel_search(&fat, q->fresh.first);
	fq_codel_search(&fat, q->old.first);
	return fat;
}

#endif
