/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FIFO queue over all slots of an instance.
 *
 * Guarantees: packets leave in the order in which they came. The qdisc's lock is the only lock.
 * Cost: bq_ring_push 67, bq_ring_pop 71, whatever the number of packets.
 */
#ifndef BQDISC_RING_BPF_H
#define BQDISC_RING_BPF_H

#include <bqdisc/loop.bpf.h>
#include <bqdisc/order.bpf.h>
#include <bqdisc/ring.h>
#include <bqdisc/slots.bpf.h>

static __always_inline struct bq_ring_part *bq_ring_part(struct bq_ring *ring, u32 n)
{
	return &ring->parts[n & (BQ_SLOTS_STEPS - 1)];
}

/* Return slot N of a part, or NULL if its map is gone. */
static __always_inline struct bq_slot *bq_ring_slot(const struct bq_ring_part *part, u32 n)
{
	return bq_slot_in(part->map, part->base + n);
}

/* Return the slot N after the head. It wraps by comparison, so any size is allowed. */
static __always_inline u32 bq_ring_at(const struct bq_ring_part *part, u32 n)
{
	u32 at = part->head + n;

	return at >= part->size ? at - part->size : at;
}

/*
 * Use the instance's newest slots from now on. Acquire: user space has written the other fields
 * before the step.
 */
static __always_inline void bq_ring_follow(struct bq_instance *id, struct bq_ring *ring)
{
	ring->fill = bq_load_acquire(&id->slots_step);
	*bq_ring_part(ring, ring->fill) = (struct bq_ring_part){
		.map = id->slots_map,
		.base = id->slots_base,
		.size = id->slots,
	};
}

/* Initialise an empty queue over all slots of the instance. */
static __always_inline void bq_ring_init(struct bq_instance *id, struct bq_ring *ring)
{
	__builtin_memset(ring, 0, sizeof(*ring));
	bq_ring_follow(id, ring);
	ring->drain = ring->fill;
}

/* Return the part with the oldest packet, or the part being filled if the ring is empty. */
static __always_inline struct bq_ring_part *bq_ring_oldest(struct bq_ring *ring)
{
	struct bq_ring_part *part = bq_ring_part(ring, ring->drain);
	u32 i;

#pragma nounroll
	for (i = 0; i < BQ_SLOTS_STEPS && !part->count && ring->drain != ring->fill; i++)
		part = bq_ring_part(ring, ++ring->drain);
	return part;
}

/* Add slots of the pool if the part being filled is full. Return the part to fill. */
static __always_inline struct bq_ring_part *bq_ring_grow(struct bq_instance *id,
							 struct bq_ring *ring)
{
	bq_pool_grow(id);
	if (ring->fill != *(volatile u32 *)&id->slots_step)
		bq_ring_follow(id, ring);
	return bq_ring_part(ring, ring->fill);
}

/* Append SKB. Return NULL if stored, or SKB, which the caller still owns, if the ring is full. */
static __always_inline struct sk_buff *bq_ring_push(struct bq_instance *id, struct bq_ring *ring,
						    struct sk_buff *skb)
{
	struct bq_ring_part *part;
	struct bq_slot *slot;

	if (ring->fill != id->slots_step)
		bq_ring_follow(id, ring);
	part = bq_ring_part(ring, ring->fill);
	if (part->count >= part->size) {
		part = bq_ring_grow(id, ring);
		if (part->count >= part->size)
			return skb;
	}
	slot = bq_ring_slot(part, bq_ring_at(part, part->count));
	if (!slot)
		return skb;
	part->count++;
	return bq_slot_put(slot, skb);
}

/* Return the slot of the oldest packet, or NULL if empty. */
static __always_inline struct bq_slot *bq_ring_first(struct bq_ring *ring)
{
	struct bq_ring_part *part = bq_ring_oldest(ring);

	return part->count ? bq_ring_slot(part, part->head) : NULL;
}

/* Remove and return the packet of SLOT, that of the oldest packet; the caller then owns it. */
static __always_inline struct sk_buff *bq_ring_take(struct bq_ring *ring, struct bq_slot *slot)
{
	struct bq_ring_part *part = bq_ring_part(ring, ring->drain);

	part->head = bq_ring_at(part, 1);
	part->count--;
	return bq_slot_take(slot);
}

/* Remove and return the oldest packet, which the caller then owns, or NULL if empty. */
static __always_inline struct sk_buff *bq_ring_pop(struct bq_ring *ring)
{
	struct bq_slot *slot = bq_ring_first(ring);

	return slot ? bq_ring_take(ring, slot) : NULL;
}

/* Free every packet of the ring. For .reset: the core zeroes qlen and backlog afterwards. */
static __always_inline void bq_ring_purge(struct bq_ring *ring)
{
	struct sk_buff *skb;

	bq_repeat(BQ_SLOTS_STEPS *BQ_SLOTS_MAX) {
		skb = bq_ring_pop(ring);
		if (!skb)
			break;
		bpf_kfree_skb(skb);
	}
}

#endif
