/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A first-in, first-out queue over all slots of an instance.
 *
 * Guarantees: packets leave in the order in which they came. The qdisc's lock is the only lock.
 * Cost: one slot lookup and one exchange for a push and for a pop.
 */
#ifndef BQDISC_RING_BPF_H
#define BQDISC_RING_BPF_H

#include <bqdisc/ring.h>
#include <bqdisc/slots.bpf.h>

/* Slot that lies N behind the head. The ring wraps by comparing: its size is any number. */
static __always_inline u32 bq_ring_at(const struct bq_instance *id, const struct bq_ring *ring,
				      u32 n)
{
	u32 at = ring->head + n;

	return at >= id->slots ? at - id->slots : at;
}

/* Appends SKB. Returns what the caller still owns: NULL when stored, SKB when the ring is full. */
static __always_inline struct sk_buff *bq_ring_push(const struct bq_instance *id,
						    struct bq_ring *ring, struct sk_buff *skb)
{
	struct bq_slot *slot;

	if (ring->count >= id->slots)
		return skb;
	slot = bq_slot(id, bq_ring_at(id, ring, ring->count));
	if (!slot)
		return skb;
	ring->count++;
	return bq_slot_put(slot, skb);
}

/* Takes the oldest packet out: the caller owns it. NULL when there is none. */
static __always_inline struct sk_buff *bq_ring_pop(const struct bq_instance *id,
						   struct bq_ring *ring)
{
	struct bq_slot *slot;

	if (!ring->count)
		return NULL;
	slot = bq_slot(id, ring->head);
	if (!slot)
		return NULL;
	ring->head = bq_ring_at(id, ring, 1);
	ring->count--;
	return bq_slot_take(slot);
}

/* Frees every packet of the ring. For .reset: the core itself zeroes qlen and backlog afterwards. */
static __always_inline void bq_ring_purge(const struct bq_instance *id, struct bq_ring *ring)
{
	struct sk_buff *skb;
	u32 i, n = ring->count;

	bpf_for(i, 0, n) {
		skb = bq_ring_pop(id, ring);
		if (skb)
			bpf_kfree_skb(skb);
	}
	ring->head = 0;
	ring->count = 0;
}

#endif
