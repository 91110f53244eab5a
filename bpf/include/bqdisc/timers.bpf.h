/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers: items ordered by their expiry.
 *
 * Expiry times mostly grow, because they are now plus a delay or a packet's length at a rate. An
 * item not earlier than all others is appended to the run, a list ordered by time, at constant
 * cost. The other items go into a heap.
 *
 * Guarantees: the earliest is first; among equal times the first in is the first out. The caller
 * must not add more items than the heap's array holds. Cost in the run: bq_timers_add 23,
 * bq_timers_take 38; in the heap heap.bpf.h's.
 */
#ifndef BQDISC_TIMERS_BPF_H
#define BQDISC_TIMERS_BPF_H

#include <bqdisc/heap.bpf.h>
#include <bqdisc/timers.h>

typedef struct bq_timer __arena bq_timer;

/* bq_heap_node.place of an item in the run. */
#define BQ_IN_RUN (~0u)

static __always_inline bq_timer *bq_timer_at(bq_ref ref)
{
	return bq_at(struct bq_timer, ref);
}

static __always_inline void bq_timers_clear(struct bq_timers *timers)
{
	timers->next = BQ_NEVER;
	timers->first = 0;
	timers->last = 0;
	bq_heap_clear(&timers->heap);
}

static __always_inline void bq_run_append(struct bq_timers *timers, bq_ref ref)
{
	bq_timer *t = bq_timer_at(ref);

	t->node.place = BQ_IN_RUN;
	t->node.order = timers->heap.order++;
	t->later = 0;
	t->earlier = timers->last;
	if (timers->last)
		bq_timer_at(timers->last)->later = ref;
	else
		timers->first = ref;
	timers->last = ref;
}

static __always_inline void bq_run_remove(struct bq_timers *timers, bq_ref ref)
{
	bq_timer *t = bq_timer_at(ref);

	if (t->earlier)
		bq_timer_at(t->earlier)->later = t->later;
	else
		timers->first = t->later;
	if (t->later)
		bq_timer_at(t->later)->earlier = t->earlier;
	else
		timers->last = t->earlier;
}

/* Add the item at REF with its node's time. */
static __always_inline void bq_timers_add(struct bq_timers *timers, bq_ref ref)
{
	u64 time = bq_timer_at(ref)->node.time;

	if (time < timers->next)
		timers->next = time;
	if (!timers->last || time >= bq_timer_at(timers->last)->node.time)
		bq_run_append(timers, ref);
	else
		bq_heap_add(&timers->heap, ref);
}

/* Return the first item of run and heap, or 0. Both use the same sequence of order numbers. */
static __always_inline bq_ref bq_timers_first(const struct bq_timers *timers)
{
	const bq_timer *t = bq_timer_at(timers->first);
	const bq_entry *e = bq_heap_at(&timers->heap, 0);

	if (timers->first && !bq_entry_before(e, t->node.time, t->node.order))
		return timers->first;
	return e->time == BQ_NEVER ? 0 : e->item;
}

/* Remove the item at REF, which must be in these timers. */
static __always_inline void bq_timers_remove(struct bq_timers *timers, bq_ref ref)
{
	bq_ref first;

	if (bq_timer_at(ref)->node.place == BQ_IN_RUN)
		bq_run_remove(timers, ref);
	else
		bq_heap_remove(&timers->heap, ref);
	first = bq_timers_first(timers);
	timers->next = first ? bq_timer_at(first)->node.time : BQ_NEVER;
}

/* Remove and return the first item, or 0 if none waits. */
static __always_inline bq_ref bq_timers_take(struct bq_timers *timers)
{
	bq_ref first = bq_timers_first(timers);

	if (first)
		bq_timers_remove(timers, first);
	return first;
}

#endif
