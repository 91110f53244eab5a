/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue of packets ordered by the time to send, after tfifo of net/sched/sch_netem.c: most
 * packets come in the order in which they leave and are chained; only those that are to leave
 * before one that came earlier wait in a heap.
 *
 * Guarantees: packets leave by their times, those of equal time in the order in which they came.
 * Cost besides packets.bpf.h's, for packets in order: bq_tfifo_add 12, bq_tfifo_first 5 and
 * bq_tfifo_remove 6, whatever their number; else heap.bpf.h's.
 *
 * While a packet waits here, the lower half of its record's `arrived` belongs to the heap.
 */
#ifndef BQDISC_TFIFO_BPF_H
#define BQDISC_TFIFO_BPF_H

#include <bqdisc/heap.bpf.h>
#include <bqdisc/packets.bpf.h>
#include <bqdisc/tfifo.h>

static __always_inline void bq_tfifo_init(struct bq_tfifo *queue, bq_link entries)
{
	queue->first = 0;
	queue->last = 0;
	queue->early.entries = entries;
	bq_heap_clear(&queue->early);
}

/* Adds a packet whose record says when it is to leave. */
static __always_inline void bq_tfifo_add(struct bq_tfifo *queue, bq_link link)
{
	if (queue->first && bq_packet_at(link)->time < bq_packet_at(queue->last)->time) {
		bq_heap_add(&queue->early, link);
		return;
	}
	bq_packet_at(link)->next = 0;
	if (queue->first)
		bq_packet_at(queue->last)->next = link;
	else
		queue->first = link;
	queue->last = link;
}

/* The packet that leaves next, or 0. */
static __always_inline bq_link bq_tfifo_first(const struct bq_tfifo *queue)
{
	bq_link first = queue->first;

	if (!queue->early.count)
		return first;
	if (first && bq_packet_at(first)->time <= bq_heap_first_time(&queue->early))
		return first;
	return bq_heap_at(&queue->early, 0)->item;
}

/* Whether another packet than LINK, which is the first, is to leave before TIME. */
static __always_inline bool bq_tfifo_goes_on(const struct bq_tfifo *queue, bq_link link, u64 time)
{
	bq_link next = queue->first;
	u64 early;

	if (link == next) {
		next = bq_packet_at(link)->next;
		early = bq_heap_first_time(&queue->early);
	} else {
		early = bq_heap_second_time(&queue->early);
	}
	return early < time || (next && bq_packet_at(next)->time < time);
}

/* Takes out of the queue what bq_tfifo_first() returned. */
static __always_inline void bq_tfifo_remove(struct bq_tfifo *queue, bq_link link)
{
	if (link == queue->first)
		queue->first = bq_packet_at(link)->next;
	else
		bq_heap_take(&queue->early);
}

#endif
