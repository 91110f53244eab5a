/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets that wait in many queues at once: each slot has a record in the instance's memory, and
 * queues are chains of records.
 *
 * bq_packet_store() moves a packet into a free slot and returns its record; bq_packet_take() moves
 * it out and frees the record. In between the record is in exactly one queue or pile.
 *
 * More slots that an instance is given later are another part, with records of their own:
 * bq_packets_grow() looks for them. A qdisc that never calls it keeps to those it began with.
 *
 * Guarantees: no allocation; a full instance is reported, nothing is lost. Cost, most of it the
 * slot's: bq_packet_store 54, bq_packet_take 50.
 */
#ifndef BQDISC_PACKETS_BPF_H
#define BQDISC_PACKETS_BPF_H

#include <bqdisc/memory.bpf.h>
#include <bqdisc/packets.h>
#include <bqdisc/slots.bpf.h>

typedef struct bq_packet __arena bq_packet;

static __always_inline bq_packet *bq_packet_at(bq_ref ref)
{
	return bq_at(struct bq_packet, ref);
}

static __always_inline struct bq_packets_part *bq_packets_part(struct bq_packets *packets, u32 n)
{
	return &packets->parts[n & (BQ_SLOTS_STEPS - 1)];
}

/* The newest part is of the slots that ID has now, whose records lie at FIRST. */
static __always_inline void bq_packets_use(const struct bq_instance *id, struct bq_packets *packets,
					   bq_ref first)
{
	struct bq_packets_part *part = bq_packets_part(packets, packets->last);

	part->first = first;
	part->fresh = 0;
	part->capacity = id->slots;
	part->map = id->slots_map;
	part->base = id->slots_base;
	packets->fill = packets->last;
	packets->step = id->slots_step;
}

/* Packets wait in the slots that ID has now, whose records lie at FIRST. */
static __always_inline void bq_packets_init(const struct bq_instance *id,
					    struct bq_packets *packets, bq_ref first)
{
	packets->free = 0;
	packets->last = 0;
	bq_packets_use(id, packets, first);
}

/* Whether every slot of the part that is filled holds a packet, and no other slot was freed. */
static __always_inline bool bq_packets_are_full(struct bq_packets *packets)
{
	const struct bq_packets_part *part = bq_packets_part(packets, packets->fill);

	return !packets->free && part->fresh >= part->capacity;
}

/*
 * When they are full: goes over to the next part, or to the slots that ID was given since, or that
 * the pool has for it. Their records are in id->more; user space sees to it for kinds whose
 * instances can grow, and bq_pool_stock() for those of the pool.
 */
static __always_inline void bq_packets_grow(struct bq_instance *id, struct bq_packets *packets)
{
	u32 step;

	if (packets->fill < packets->last) {
		packets->fill++;
		return;
	}
	if (packets->step == *(volatile u32 *)&id->slots_step)
		bq_pool_grow(id);
	step = *(volatile u32 *)&id->slots_step;
	if (packets->step != step) {
		packets->last++;
		bq_packets_use(id, packets, id->more[step & (BQ_SLOTS_STEPS - 1)].ref);
	}
}

/* The slot of a record. */
static __always_inline struct bq_slot *bq_packet_slot(struct bq_packets *packets, bq_ref ref)
{
	const struct bq_packets_part *part = bq_packets_part(packets, bq_packet_at(ref)->part);
	u32 n = (ref - part->first) / sizeof(struct bq_packet);

	return bq_slot_in(part->map, part->base + n);
}

/* A free record, or 0 when they are full. */
static __always_inline bq_ref bq_packet_alloc(struct bq_packets *packets)
{
	struct bq_packets_part *part;
	bq_ref ref = packets->free;

	if (ref) {
		packets->free = bq_packet_at(ref)->next;
		return ref;
	}
	part = bq_packets_part(packets, packets->fill);
	if (part->fresh >= part->capacity)
		return 0;
	ref = part->first + part->fresh++ * (u32)sizeof(struct bq_packet);
	bq_packet_at(ref)->part = packets->fill;
	return ref;
}

static __always_inline void bq_packet_free(struct bq_packets *packets, bq_ref ref)
{
	bq_packet_at(ref)->next = packets->free;
	packets->free = ref;
}

/*
 * Moves SKB into a slot and writes its record's link to *LINK. Returns what the caller still owns:
 * NULL when stored, SKB when there is no slot.
 */
static __always_inline struct sk_buff *bq_packet_store(struct bq_packets *packets,
						       struct sk_buff *skb, bq_ref *ref)
{
	struct bq_slot *slot;

	*ref = bq_packet_alloc(packets);
	if (!*ref)
		return skb;
	slot = bq_packet_slot(packets, *ref);
	if (!slot)
		return skb;
	return bq_slot_put(slot, skb);
}

/* Moves the packet out of its slot: the caller owns it. Its record is free from now on. */
static __always_inline struct sk_buff *bq_packet_take(struct bq_packets *packets, bq_ref ref)
{
	struct bq_slot *slot = bq_packet_slot(packets, ref);

	bq_packet_free(packets, ref);
	return slot ? bq_slot_take(slot) : NULL;
}

static __always_inline void bq_packets_purge_part(struct bq_packets_part *part)
{
	struct sk_buff *skb;
	struct bq_slot *slot;

	bq_repeat(BQ_SLOTS_MAX) {
		if (!part->fresh)
			break;
		slot = bq_slot_in(part->map, part->base + --part->fresh);
		skb = slot ? bq_slot_take(slot) : NULL;
		if (skb)
			bpf_kfree_skb(skb);
	}
}

/* Frees every packet, in whatever queue it is, and every record. */
static __always_inline void bq_packets_purge(struct bq_packets *packets)
{
	u32 i;

	bpf_for(i, 0, packets->last + 1)
		bq_packets_purge_part(bq_packets_part(packets, i));
	packets->free = 0;
	packets->fill = 0;
}

/* --- a queue: first in, first out --- */

static __always_inline void bq_queue_append(struct bq_queue __arena *queue, bq_ref ref)
{
	bq_packet_at(ref)->next = 0;
	if (queue->head)
		bq_packet_at(queue->tail)->next = ref;
	else
		queue->head = ref;
	queue->tail = ref;
}

/* Takes the first record out of the queue, which is not empty. */
static __always_inline void bq_queue_advance(struct bq_queue __arena *queue)
{
	queue->head = bq_packet_at(queue->head)->next;
}

/* --- a pile: ordered by time, for the packets that come out of order --- */

static __always_inline bool bq_packet_before(bq_ref a, bq_ref b)
{
	const bq_packet *p = bq_packet_at(a), *o = bq_packet_at(b);

	return p->time < o->time || (p->time == o->time && (s32)(p->order - o->order) < 0);
}

/*
 * Makes one pile of two and returns its first packet. A pile is a skew heap: on the way down the
 * right edge every node swaps its children, which keeps it balanced on average over its life.
 */
static __always_inline bq_ref bq_skew_heap_merge(bq_ref a, bq_ref b)
{
	bq_ref root = 0, above = 0, rest;
	u32 i;

	/* The edge can be as long as the pile, and an end on the way would lose packets. */
	bpf_for(i, 0, BQ_LOOP_MAX) {
		if (!a || !b)
			break;
		if (bq_packet_before(b, a)) {
			rest = a;
			a = b;
			b = rest;
		}
		if (above)
			bq_packet_at(above)->left = a;
		else
			root = a;
		rest = bq_packet_at(a)->next;
		bq_packet_at(a)->next = bq_packet_at(a)->left;
		above = a;
		a = rest;
	}
	if (above)
		bq_packet_at(above)->left = a ? a : b;
	return root ? root : a ? a : b;
}

static __always_inline bq_ref bq_skew_heap_add(bq_ref skew_heap, bq_ref ref)
{
	bq_packet_at(ref)->next = 0;
	bq_packet_at(ref)->left = 0;
	return bq_skew_heap_merge(skew_heap, ref);
}

/* The pile without its first packet. */
static __always_inline bq_ref bq_skew_heap_pop(bq_ref skew_heap)
{
	return bq_skew_heap_merge(bq_packet_at(skew_heap)->left, bq_packet_at(skew_heap)->next);
}

#endif
