/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several FIFO queues in one instance, for bands and classes; all share its slots. A single queue
 * is cheaper as a ring (ring.bpf.h).
 *
 * The instance has one struct bq_packets and any number of struct bq_fifo; a zeroed struct is an
 * empty queue. It declares BQ_NEEDS(0, sizeof(struct bq_packet), 0, 0) and calls bq_packets_init().
 *
 * Guarantees: packets of a queue leave in the order in which they came; no allocation. Cost:
 * bq_fifo_push 70, bq_fifo_pop 61.
 */
#ifndef BQDISC_FIFO_BPF_H
#define BQDISC_FIFO_BPF_H

#include <bqdisc/fifo.h>
#include <bqdisc/packets.bpf.h>

/* Append SKB. Return NULL if stored, or SKB, which the caller still owns, if no slot is free. */
static __always_inline struct sk_buff *bq_fifo_push(struct bq_packets *packets,
						    struct bq_fifo *fifo, struct sk_buff *skb)
{
	bq_ref ref;

	skb = bq_packet_store(packets, skb, &ref);
	if (skb)
		return skb;
	bq_packet_at(ref)->next = 0;
	if (fifo->head)
		bq_packet_at(fifo->tail)->next = ref;
	else
		fifo->head = ref;
	fifo->tail = ref;
	fifo->packets++;
	return NULL;
}

/* Remove and return the oldest packet, which the caller then owns, or NULL if empty. */
static __always_inline struct sk_buff *bq_fifo_pop(struct bq_packets *packets, struct bq_fifo *fifo)
{
	bq_ref ref = fifo->head;

	if (!ref)
		return NULL;
	fifo->head = bq_packet_at(ref)->next;
	fifo->packets--;
	return bq_packet_take(packets, ref);
}

#endif
