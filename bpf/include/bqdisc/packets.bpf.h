/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets in many queues at once: each slot has a record in the instance's memory, and queues are
 * chains of records.
 *
 * bq_packet_store() moves a packet into a free slot and returns its record; bq_packet_take() moves
 * it out and frees the record. In between the record is in exactly one queue or skew heap.
 *
 * Slots added later form another part, with records of their own. bq_packets_grow() looks for them.
 * A qdisc that never calls it uses only its first slots.
 *
 * After bq_packets_init_first(), most records have no pages until bq_packets_extend() allocates
 * them, so that a queue takes memory as packets come.
 *
 * Guarantees: no other allocation; a full instance returns the packet to its caller. Cost, most of
 * it the slot's: bq_packet_store 54, bq_packet_take 50.
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

/* Add a part for the slots that ID has now, whose records are at FIRST. */
static __always_inline void bq_packets_use(const struct bq_instance *id, struct bq_packets *packets,
					   bq_ref first)
{
	struct bq_packets_part *part = bq_packets_part(packets, packets->last);

	part->first = first;
	part->fresh = 0;
	part->there = id->slots;
	part->capacity = id->slots;
	part->map = id->slots_map;
	part->base = id->slots_base;
	packets->fill = packets->last;
	packets->step = id->slots_step;
}

/* Initialise PACKETS with the slots that ID has now, whose records are at FIRST. */
static __always_inline void bq_packets_init(const struct bq_instance *id,
					    struct bq_packets *packets, bq_ref first)
{
	packets->free = 0;
	packets->last = 0;
	bq_packets_use(id, packets, first);
}

/* Allocate pages for the records of the current part before TO. Return 0 or -ENOMEM. */
static __noinline int bq_packets_populate(struct bq_instance *id, struct bq_packets *packets,
					  u32 to)
{
	struct bq_packets_part *part = bq_packets_part(packets, packets->fill);
	u32 there = part->there, size = sizeof(struct bq_packet);

	BQ_USES_MEMORY();
	if (to > part->capacity)
		to = part->capacity;
	if (!bq_populate(part->first + there * size, part->first + to * size))
		return -ENOMEM;
	part->there = to;
	id->memory_held += (to - there) * size;
	return 0;
}

/*
 * Initialise PACKETS for an instance of which user space populated the first BQ_RECORDS_FIRST
 * records. Only a sleepable program may call it. Return 0 or -ENOMEM.
 */
static __always_inline int bq_packets_init_first(struct bq_instance *id, struct bq_packets *packets,
						 bq_ref first)
{
	struct bq_packets_part *part = bq_packets_part(packets, 0);

	bq_packets_init(id, packets, first);
	if (bq_is_pool_instance(id) || part->capacity <= BQ_RECORDS_FIRST)
		return 0;
	part->there = BQ_RECORDS_FIRST;
	return bq_can_always_populate() ? 0 : bq_packets_populate(id, packets, part->capacity);
}

/* Return true if no slot was freed, and no other can be used without more memory. */
static __always_inline bool bq_packets_are_full(struct bq_packets *packets)
{
	const struct bq_packets_part *part = bq_packets_part(packets, packets->fill);

	return !packets->free && part->fresh >= part->there;
}

/*
 * Return true if the current part has slots that were never used, and allocate pages for some of
 * their records. Not for global functions: the verifier of 6.18 takes them as functions that sleep.
 */
static __always_inline bool bq_packets_extend(struct bq_instance *id, struct bq_packets *packets)
{
	const struct bq_packets_part *part = bq_packets_part(packets, packets->fill);

	if (part->there >= part->capacity)
		return false;
	if (bq_can_always_populate())
		bq_packets_populate(id, packets, part->there + BQ_RECORDS_STEP);
	return true;
}

/*
 * Switch to the next part when all slots are full: to slots that ID was given since, or that the
 * pool has for it. Their records are in id->more. User space allocates them for kinds whose
 * instances can grow, and bq_pool_stock() for pool instances.
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

/* Return the slot of a record. */
static __always_inline struct bq_slot *bq_packet_slot(struct bq_packets *packets, bq_ref ref)
{
	const struct bq_packets_part *part = bq_packets_part(packets, bq_packet_at(ref)->part);
	u32 n = (ref - part->first) / sizeof(struct bq_packet);

	return bq_slot_in(part->map, part->base + n);
}

/* Return a free record, or 0 if all are in use. */
static __always_inline bq_ref bq_packet_alloc(struct bq_packets *packets)
{
	struct bq_packets_part *part;
	bq_ref ref = packets->free;

	if (ref) {
		packets->free = bq_packet_at(ref)->next;
		return ref;
	}
	part = bq_packets_part(packets, packets->fill);
	if (part->fresh >= part->there)
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
 * Move SKB into a slot and write its record to *REF. Return NULL if stored, or SKB, which the
 * caller still owns, if no slot is free.
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

/* Move the packet out of its slot and free its record; the caller owns the packet. */
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

/* Free every packet of every queue, and every record. */
static __always_inline void bq_packets_purge(struct bq_packets *packets)
{
	u32 i;

	bpf_for(i, 0, packets->last + 1)
		bq_packets_purge_part(bq_packets_part(packets, i));
	packets->free = 0;
	packets->fill = 0;
}

/* --- FIFO queue --- */

static __always_inline void bq_queue_append(struct bq_queue __arena *queue, bq_ref ref)
{
	bq_packet_at(ref)->next = 0;
	if (queue->head)
		bq_packet_at(queue->tail)->next = ref;
	else
		queue->head = ref;
	queue->tail = ref;
}

/* Remove the first record from the queue, which must not be empty. */
static __always_inline void bq_queue_advance(struct bq_queue __arena *queue)
{
	queue->head = bq_packet_at(queue->head)->next;
}

/* --- skew heap: packets out of order, by time --- */

static __always_inline bool bq_packet_before(bq_ref a, bq_ref b)
{
	const bq_packet *p = bq_packet_at(a), *o = bq_packet_at(b);

	return p->time < o->time || (p->time == o->time && (s32)(p->order - o->order) < 0);
}

/*
 * Merge two skew heaps and return the first packet. On the way down the right edge every node swaps
 * its children, which keeps the heap balanced on average.
 */
static __always_inline bq_ref bq_skew_heap_merge(bq_ref a, bq_ref b)
{
	bq_ref root = 0, above = 0, rest;
	u32 i;

	/* The edge can be as long as the heap, and ending early would lose packets. */
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

/* Return the skew heap without its first packet. */
static __always_inline bq_ref bq_skew_heap_pop(bq_ref skew_heap)
{
	return bq_skew_heap_merge(bq_packet_at(skew_heap)->left, bq_packet_at(skew_heap)->next);
}

#endif
