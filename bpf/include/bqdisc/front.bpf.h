/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Front slot of a qdisc: holds a packet that finds the qdisc empty. It leaves before all others.
 * Such a packet needs no other queue, so the lookup of its slot in the map of maps is saved.
 *
 *   enqueue    front = bq_front_if_empty(sch); if there is one, bq_front_store()
 *   dequeue    skb = bq_front_take(sch); if there is none, the other queues
 *
 * The slots are an array, one for each instance, whose lookup is inlined. A spare queue has none.
 *
 * Guarantees: packets leave in the order in which they came if the other queues keep it. Cost: 8
 * bytes an instance.
 */
#ifndef BQDISC_FRONT_BPF_H
#define BQDISC_FRONT_BPF_H

#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/slots.bpf.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BQ_INSTANCES);
	__type(key, u32);
	__type(value, struct bq_slot);
} fronts SEC(".maps");

/* Return the front slot of instance INDEX, or NULL if it has none. */
static __always_inline struct bq_slot *bq_front_at(u32 index)
{
	return bpf_map_lookup_elem(&fronts, &index);
}

/* Return the front slot, or NULL if the qdisc has none. */
static __always_inline struct bq_slot *bq_front_of(const struct Qdisc *sch)
{
	return bq_front_at(sch->limit);
}

/* Return the front slot if a packet may use it, or NULL. */
static __always_inline struct bq_slot *bq_front_if_empty(const struct Qdisc *sch)
{
	return sch->q.qlen ? NULL : bq_front_of(sch);
}

/* Return true if the front slot holds a packet. */
static __always_inline bool bq_front_is_used(const struct Qdisc *sch)
{
	const struct bq_slot *front = bq_front_of(sch);

	return front && front->skb;
}

/* Store a packet that is counted already in FRONT, a free front slot, which then owns it. */
static __always_inline void bq_front_store(struct bq_slot *front, struct sk_buff *skb,
					   struct bpf_sk_buff_ptr *to_free)
{
	skb = bq_slot_put(front, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);
}

/* Remove and return the packet in the front slot, which the caller then owns, or NULL. */
static __always_inline struct sk_buff *bq_front_take(const struct Qdisc *sch)
{
	struct bq_slot *front = bq_front_of(sch);

	return front ? bq_slot_take(front) : NULL;
}

/* Free the packet in the front slot. For .reset and .destroy. */
static __always_inline void bq_front_purge(const struct Qdisc *sch)
{
	struct sk_buff *skb = bq_front_take(sch);

	if (skb)
		bpf_kfree_skb(skb);
}

#endif
