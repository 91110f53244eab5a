/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queue of packets ordered by departure time, after tfifo of net/sched/sch_netem.c. Most packets
 * arrive in departure order and are chained. A queue with buckets (bq_tfifo_use()) puts many
 * packets out of order into a wheel, which refills the chain. The heap holds the other packets out
 * of order: without buckets, or while they are few. It also holds packets due before the next
 * bucket or after the wheel's last, and packets of a bucket too full for the chain.
 *
 * Guarantees: packets leave by their times, those of equal time in the order in which they came,
 * unless one of them was in the heap and one in the wheel. Cost besides packets.bpf.h's, for
 * packets in order: bq_tfifo_add 12, bq_tfifo_first 5 and bq_tfifo_remove 6, whatever their number;
 * else heap.bpf.h's, or wheel.bpf.h's and some 60 a packet.
 */
#ifndef BQDISC_TFIFO_BPF_H
#define BQDISC_TFIFO_BPF_H

#include <bqdisc/heap.bpf.h>
#include <bqdisc/packets.bpf.h>
#include <bqdisc/tfifo.h>
#include <bqdisc/wheel.bpf.h>

/* Packets out of order below which the heap is as cheap, and the next used bucket may be far. */
#define BQ_TFIFO_FEW 64
/* Chain steps after which a packet from a bucket goes into the heap instead. */
#define BQ_TFIFO_CURSOR 16

/* Empty the queue without freeing packets. */
static __always_inline void bq_tfifo_clear(struct bq_tfifo *queue)
{
	queue->first = 0;
	queue->last = 0;
	queue->near = 0;
	bq_heap_clear(&queue->heap);
	bq_wheel_clear(&queue->wheel);
}

/* Initialise the queue. ENTRIES: a heap's array for the maximum number of packets. */
static __always_inline void bq_tfifo_init(struct bq_tfifo *queue, bq_ref entries)
{
	queue->heap.entries = entries;
	bq_wheel_init(&queue->wheel);
	bq_tfifo_clear(queue);
}

/* Return the time of the first packet outside the wheel, or BQ_NEVER. */
static __always_inline u64 bq_tfifo_first_time(const struct bq_tfifo *queue)
{
	u64 time = bq_heap_first_time(&queue->heap);
	bq_ref first = queue->first;

	return first && bq_packet_at(first)->time < time ? bq_packet_at(first)->time : time;
}

/* --- the packets of the wheel --- */

/* Insert a packet into the chain somewhere after BEFORE, or first if that is 0. */
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

/*
 * Add a packet to the heap. A separate function, because its steps would count for the loop over a
 * bucket.
 */
static __noinline int bq_tfifo_add_heap(struct bq_tfifo *queue, bq_ref ref)
{
	bq_heap_add(&queue->heap, ref);
	return 0;
}

/*
 * Advance the wheel to the next bucket, or past some empty ones. Not inlined, so that the loop over
 * a bucket's packets has its own can_loop budget. If the kernel ends it early, the next call
 * handles the rest.
 */
static __noinline int bq_tfifo_advance(struct bq_tfifo *queue)
{
	bq_ref last = bq_wheel_advance(&queue->wheel), near = 0, next, ref;

	if (!last)
		return 0;
	next = bq_packet_at(last)->node.next;
	do {
		ref = next;
		next = bq_packet_at(ref)->node.next;
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

/* Return true if the wheel may have the first packet, or one less than a bucket's time after it. */
static __always_inline bool bq_tfifo_is_behind(const struct bq_tfifo *queue)
{
	const struct bq_wheel *wheel = &queue->wheel;

	return wheel->count && bq_wheel_bucket(wheel, bq_tfifo_first_time(queue)) + 2 > wheel->edge;
}

/*
 * Remove from the wheel the first packet and those less than a bucket's time after it. One advance
 * passes 64 empty buckets, so this needs fewer than BQ_CAN_LOOP_UNTIMED steps.
 */
static __always_inline void bq_tfifo_next_bucket(struct bq_tfifo *queue)
{
	while (bq_tfifo_is_behind(queue) && can_loop)
		bq_tfifo_advance(queue);
}

/* Remove all packets from the wheel. */
static __always_inline void bq_tfifo_drain(struct bq_tfifo *queue)
{
	u32 i;

	/* One advance removes a packet or passes 64 empty buckets, so a loop reaches all. */
	bpf_for(i, 0, BQ_LOOP_MAX) {
		if (!queue->wheel.count)
			break;
		bq_tfifo_advance(queue);
	}
	queue->near = 0;
}

/*
 * Remove the chain and return its first packet, linked by `next`; other packets stay in the heap. A
 * qdisc uses this to give all packets new times: it reorders the heap and adds the chain again.
 */
static __always_inline bq_ref bq_tfifo_unchain(struct bq_tfifo *queue)
{
	bq_ref first;

	bq_tfifo_drain(queue);
	first = queue->first;
	queue->first = 0;
	return first;
}

/* Switch to a heap's array at ENTRIES, and N buckets at BUCKETS. */
static __always_inline void bq_tfifo_use(struct bq_tfifo *queue, bq_ref entries, bq_ref buckets,
					 u32 n)
{
	if (queue->heap.entries != entries)
		bq_heap_move(&queue->heap, entries);
	bq_tfifo_drain(queue);
	bq_wheel_use(&queue->wheel, buckets, n);
}

/* Set NS, the time that most packets wait at most. Others may wait longer, and cost more. */
static __always_inline void bq_tfifo_span(struct bq_tfifo *queue, u64 ns)
{
	u32 shift = bq_wheel_shift(&queue->wheel, ns);

	if (shift == queue->wheel.shift)
		return;
	bq_tfifo_drain(queue);
	queue->wheel.shift = shift;
}

/* --- all packets --- */

/* Start using an empty wheel, unless there are few packets or no buckets. */
static __always_inline void bq_tfifo_begin(struct bq_tfifo *queue)
{
	struct bq_wheel *wheel = &queue->wheel;

	queue->near = 0;
	wheel->edge = BQ_NEVER / 2;
	if (wheel->mask && queue->heap.count >= BQ_TFIFO_FEW)
		wheel->edge = bq_wheel_bucket(wheel, bq_tfifo_first_time(queue)) + 2;
}

/* Add a packet that departs before an earlier one. */
static __always_inline void bq_tfifo_add_early(struct bq_tfifo *queue, bq_ref ref)
{
	struct bq_wheel *wheel = &queue->wheel;

	if (!wheel->count)
		bq_tfifo_begin(queue);
	if (!bq_wheel_add(wheel, ref))
		bq_heap_add(&queue->heap, ref);
}

/* Add a packet whose record holds its departure time. */
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

/* Return the packet that departs next, or 0. */
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
 * Return true if a packet other than REF, the first, departs before TIME. May miss a packet due
 * more than a bucket's time after the first.
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

/* Remove the packet that bq_tfifo_first() returned. */
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
