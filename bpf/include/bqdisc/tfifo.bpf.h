/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue of packets ordered by the time to send, after tfifo of net/sched/sch_netem.c: most
 * packets come in the order in which they leave and are chained; only those that are to leave
 * before one that came earlier wait elsewhere. A queue that was given buckets (bq_tfifo_use()) has
 * a wheel for them when they are many: what is next there moves into the chain. All others are in a
 * heap: without buckets; while they are few; due before the next bucket or after the wheel's last;
 * or too many in one bucket for the chain.
 *
 * Guarantees: packets leave by their times, those of equal time in the order in which they came,
 * unless one of them was in the heap and one in the wheel. Cost besides packets.bpf.h's, for
 * packets in order: bq_tfifo_add 12, bq_tfifo_first 5 and bq_tfifo_remove 6, whatever their number;
 * else heap.bpf.h's, or wheel.bpf.h's and some 60 a packet.
 *
 * While a packet waits here, the lower half of its record's `arrived` belongs to heap and wheel.
 */
#ifndef BQDISC_TFIFO_BPF_H
#define BQDISC_TFIFO_BPF_H

#include <bqdisc/heap.bpf.h>
#include <bqdisc/packets.bpf.h>
#include <bqdisc/tfifo.h>
#include <bqdisc/wheel.bpf.h>

/* With fewer packets out of order the heap is as cheap, and the next bucket with any may be far. */
#define BQ_TFIFO_FEW 64
/* A packet from a bucket is not put behind more than so many of the chain, but into the heap. */
#define BQ_TFIFO_CURSOR 16

/* Forgets all packets. */
static __always_inline void bq_tfifo_clear(struct bq_tfifo *queue)
{
	queue->first = 0;
	queue->last = 0;
	queue->near = 0;
	bq_heap_clear(&queue->heap);
	bq_wheel_clear(&queue->wheel);
}

/* ENTRIES: a heap's array for as many packets as there can be. */
static __always_inline void bq_tfifo_init(struct bq_tfifo *queue, bq_ref entries)
{
	queue->heap.entries = entries;
	bq_wheel_init(&queue->wheel);
	bq_tfifo_clear(queue);
}

/* Time of the first packet that is in no bucket, or BQ_NEVER. */
static __always_inline u64 bq_tfifo_first_time(const struct bq_tfifo *queue)
{
	u64 time = bq_heap_first_time(&queue->heap);
	bq_ref first = queue->first;

	return first && bq_packet_at(first)->time < time ? bq_packet_at(first)->time : time;
}

/* --- the packets of the wheel --- */

/* Puts a packet into the chain somewhere behind BEFORE, or the first if that is 0. */
static __always_inline bool bq_tfifo_insert(struct bq_tfifo *queue, bq_ref before, bq_ref ref)
{
	bq_ref next = before ? bq_packet_at(before)->next : queue->first;
	u64 time = bq_packet_at(ref)->time;
	u32 steps;

	for (steps = 0; next && bq_packet_at(next)->time <= time; steps++) {
		if (steps == BQ_TFIFO_CURSOR)
			return false;
		before = next;
		next = bq_packet_at(next)->next;
	}
	bq_packet_at(ref)->next = next;
	if (before)
		bq_packet_at(before)->next = ref;
	else
		queue->first = ref;
	if (!next)
		queue->last = ref;
	return true;
}

/* A function, so that its steps do not count for the loop over a bucket. */
static __noinline int bq_tfifo_add_heap(struct bq_tfifo *queue, bq_ref ref)
{
	bq_heap_add(&queue->heap, ref);
	return 0;
}

/*
 * Turns the wheel to the next bucket, or past some that are empty. Not inlined: so the loop over a
 * bucket's packets has the steps of a function for itself. Where the kernel ends it early, what is
 * left comes with the next turn.
 */
static __noinline int bq_tfifo_advance(struct bq_tfifo *queue)
{
	bq_ref last = bq_wheel_advance(&queue->wheel), near = 0, next, ref;

	if (!last)
		return 0;
	next = bq_at(struct bq_heap_node, last)->place;
	do {
		ref = next;
		next = bq_at(struct bq_heap_node, ref)->place;
		if (bq_tfifo_insert(queue, queue->near, ref))
			near = ref;
		else
			bq_tfifo_add_heap(queue, ref);
		queue->wheel.count--;
		if (ref == last)
			break;
		if (!can_loop) {
			bq_wheel_return(&queue->wheel, next, last);
			break;
		}
	} while (true);
	queue->near = near;
	return 0;
}

/* Whether the wheel may have what comes before all others, or less than a bucket's time after. */
static __always_inline bool bq_tfifo_is_behind(const struct bq_tfifo *queue)
{
	const struct bq_wheel *wheel = &queue->wheel;

	return wheel->count && bq_wheel_bucket(wheel, bq_tfifo_first_time(queue)) + 2 > wheel->edge;
}

/*
 * Takes out of the wheel what comes before all others, or less than a bucket's time after that. A
 * turn passes 64 empty buckets, so this needs fewer than BQ_CAN_LOOP_UNTIMED steps.
 */
static __always_inline void bq_tfifo_next_bucket(struct bq_tfifo *queue)
{
	while (bq_tfifo_is_behind(queue) && can_loop)
		bq_tfifo_advance(queue);
}

/* Takes everything out of the wheel. */
static __always_inline void bq_tfifo_drain(struct bq_tfifo *queue)
{
	u32 i;

	/* A turn takes a packet out or passes 64 empty buckets: a loop reaches all. */
	bpf_for(i, 0, BQ_LOOP_MAX) {
		if (!queue->wheel.count)
			break;
		bq_tfifo_advance(queue);
	}
	queue->near = 0;
}

/*
 * Takes the chain out of the queue, and returns its first packet, linked by `next`: what is left is
 * in the heap. So a qdisc gives all packets new times: it puts the heap in order, and adds these.
 */
static __always_inline bq_ref bq_tfifo_unchain(struct bq_tfifo *queue)
{
	bq_ref first;

	bq_tfifo_drain(queue);
	first = queue->first;
	queue->first = 0;
	return first;
}

/* Goes over to a heap's array at ENTRIES, and N buckets at BUCKETS. */
static __always_inline void bq_tfifo_use(struct bq_tfifo *queue, bq_ref entries, bq_ref buckets,
					 u32 n)
{
	if (queue->heap.entries != entries)
		bq_heap_move(&queue->heap, entries);
	bq_tfifo_drain(queue);
	bq_wheel_use(&queue->wheel, buckets, n);
}

/* Says that most packets wait for NS at most. Others may, and cost more. */
static __always_inline void bq_tfifo_span(struct bq_tfifo *queue, u64 ns)
{
	u32 shift = bq_wheel_shift(&queue->wheel, ns);

	if (shift == queue->wheel.shift)
		return;
	bq_tfifo_drain(queue);
	queue->wheel.shift = shift;
}

/* --- all packets --- */

/* Nothing is in the wheel: nor will it be while there are few, or no buckets. */
static __always_inline void bq_tfifo_begin(struct bq_tfifo *queue)
{
	struct bq_wheel *wheel = &queue->wheel;

	queue->near = 0;
	wheel->edge = BQ_NEVER / 2;
	if (wheel->mask && queue->heap.count >= BQ_TFIFO_FEW)
		wheel->edge = bq_wheel_bucket(wheel, bq_tfifo_first_time(queue)) + 2;
}

/* Adds a packet that is to leave before one that came earlier. */
static __always_inline void bq_tfifo_add_early(struct bq_tfifo *queue, bq_ref ref)
{
	struct bq_wheel *wheel = &queue->wheel;

	if (!wheel->count)
		bq_tfifo_begin(queue);
	if (!bq_wheel_add(wheel, ref))
		bq_heap_add(&queue->heap, ref);
}

/* Adds a packet whose record says when it is to leave. */
static __always_inline void bq_tfifo_add(struct bq_tfifo *queue, bq_ref ref)
{
	if (queue->first && bq_packet_at(ref)->time < bq_packet_at(queue->last)->time) {
		bq_tfifo_add_early(queue, ref);
		return;
	}
	bq_packet_at(ref)->next = 0;
	if (queue->first)
		bq_packet_at(queue->last)->next = ref;
	else
		queue->first = ref;
	queue->last = ref;
}

/* The packet that leaves next, or 0. */
static __always_inline bq_ref bq_tfifo_first(struct bq_tfifo *queue)
{
	bq_ref first;

	bq_tfifo_next_bucket(queue);
	first = queue->first;
	if (!queue->heap.count)
		return first;
	if (first && bq_packet_at(first)->time <= bq_heap_first_time(&queue->heap))
		return first;
	return bq_heap_at(&queue->heap, 0)->item;
}

/*
 * Whether another packet than LINK, which is the first, is to leave before TIME. It may not be seen
 * if it is due later than a bucket's time after the first.
 */
static __always_inline bool bq_tfifo_has_next_before(const struct bq_tfifo *queue, bq_ref ref,
						     u64 time)
{
	bq_ref next = queue->first;
	u64 early;

	if (ref == next) {
		next = bq_packet_at(ref)->next;
		early = bq_heap_first_time(&queue->heap);
	} else {
		early = bq_heap_second_time(&queue->heap);
	}
	return early < time || (next && bq_packet_at(next)->time < time);
}

/* Takes out of the queue what bq_tfifo_first() returned. */
static __always_inline void bq_tfifo_remove(struct bq_tfifo *queue, bq_ref ref)
{
	if (ref != queue->first) {
		bq_heap_take(&queue->heap);
		return;
	}
	queue->first = bq_packet_at(ref)->next;
	if (ref == queue->near)
		queue->near = 0;
}

#endif
