/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Front slot of a qdisc: holds a packet that finds the qdisc empty. It leaves before all others.
 * Such a packet needs no other queue, so the lookup of its slot in the map of maps is saved.
 *
 *   enqueue    front = bq_front_if_empty(sch); if there is one, bq_front_store()
 *   dequeue    skb = bq_front_take(bq_front_of(sch)); if there is none, the other queues
 *
 * The slots are an array, one for each instance, whose lookup is inlined. A spare queue has none.
 *
 * Sojourn times: reading the clock twice costs a tenth of what the qdisc takes for such a packet.
 * So only the first one of each jiffy (1 to 10 ms) is measured, and stands for the others of that
 * jiffy. One that waits for longer than a jiffy is measured in any case, as if it had come with the
 * first one. bq_front_sample() is called in enqueue, bq_front_count() in dequeue.
 *
 * Guarantees: packets leave in the order in which they came if the other queues keep it. Cost: 48
 * bytes an instance; bq_front_sample and bq_front_is_counted 5 each.
 */
#ifndef BQDISC_FRONT_BPF_H
#define BQDISC_FRONT_BPF_H

#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/slots.bpf.h>
#include <bqdisc/stats.bpf.h>

struct bq_front {
	struct bq_slot slot;
	u64 jiffy;   /* of the last sample's arrival */
	u64 arrived; /* its time, CLOCK_MONOTONIC ns */
	u64 counted; /* `jiffy` of the last sample that was counted */
	u64 waited;  /* how long that one waited, ns */
	u64 packets; /* that are not counted yet */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BQ_INSTANCES);
	__type(key, u32);
	__type(value, struct bq_front);
} fronts SEC(".maps");

/* Return the front slot of instance INDEX, or NULL if it has none. */
static __always_inline struct bq_front *bq_front_at(u32 index)
{
	return bpf_map_lookup_elem(&fronts, &index);
}

/* Return the front slot, or NULL if the qdisc has none. */
static __always_inline struct bq_front *bq_front_of(const struct Qdisc *sch)
{
	return bq_front_at(sch->limit);
}

/* Return the front slot if a packet may use it, or NULL. */
static __always_inline struct bq_front *bq_front_if_empty(const struct Qdisc *sch)
{
	return sch->q.qlen ? NULL : bq_front_of(sch);
}

/* Return true if the front slot holds a packet. */
static __always_inline bool bq_front_is_used(const struct Qdisc *sch)
{
	const struct bq_front *front = bq_front_of(sch);

	return front && front->slot.skb;
}

/* Store a packet that is counted already in FRONT, a free front slot, which then owns it. */
static __always_inline void bq_front_store(struct bq_front *front, struct sk_buff *skb,
					   struct bpf_sk_buff_ptr *to_free)
{
	skb = bq_slot_put(&front->slot, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);
}

/* Remove and return the packet in FRONT, which the caller then owns, or NULL. */
static __always_inline struct sk_buff *bq_front_take(struct bq_front *front)
{
	return front ? bq_slot_take(&front->slot) : NULL;
}

/* Note the arrival of a packet that will be stored in FRONT. */
static __always_inline void bq_front_sample(struct bq_front *front)
{
	u64 jiffy = bpf_jiffies64();

	front->packets++;
	if (front->jiffy == jiffy)
		return;
	front->jiffy = jiffy;
	front->arrived = bpf_ktime_get_ns();
}

/* Return true if the packet that just left FRONT needs no bq_front_count(). */
static __always_inline bool bq_front_is_counted(const struct bq_front *front)
{
	return front->counted == bpf_jiffies64();
}

/* Count that packet, and all packets before it that a previous one stood for. */
static __always_inline void bq_front_count(struct bq_front *front, u64 counts[BQ_TIMES])
{
	u64 waited = bpf_ktime_get_ns() - front->arrived;

	if (front->counted != front->jiffy) {
		bq_times_add_many(counts, front->waited, front->packets - 1);
		front->counted = front->jiffy;
		front->waited = waited;
		front->packets = 0;
	} else if (bpf_jiffies64() - front->jiffy > 1) {
		front->packets--;
	} else {
		return;
	}
	bq_times_add(counts, waited);
}

/* Remove the packet in FRONT, which is not counted. Return it, or NULL; the caller owns it. */
static __always_inline struct sk_buff *bq_front_withdraw(struct bq_front *front)
{
	if (!front)
		return NULL;
	front->counted = front->jiffy;
	front->packets = 0;
	return bq_slot_take(&front->slot);
}

/* Free the packet in the front slot. For .reset and .destroy. */
static __always_inline void bq_front_purge(const struct Qdisc *sch)
{
	struct sk_buff *skb = bq_front_withdraw(bq_front_of(sch));

	if (skb)
		bpf_kfree_skb(skb);
}

#endif
