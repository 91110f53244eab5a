/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spare queues: a qdisc created without options gets one if its kind has no free instance or no
 * memory. Without a queue the kernel would give the device noqueue, or refuse the mq. A spare queue
 * is FIFO and holds the packets of one of the pool's smallest areas.
 *
 * sch->limit holds the area's number, from BQ_SPARES on. No instance has such an index, so
 * bq_instance_of() returns NULL, and the operations then call these functions.
 *
 * Guarantees: packets leave in the order in which they came. Cost: nothing for a qdisc that has an
 * instance.
 */
#ifndef BQDISC_SPARE_BPF_H
#define BQDISC_SPARE_BPF_H

#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/ring.bpf.h>

#define BQ_SPARES (1u << 30)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BQ_AREA_MOST(0));
	__type(key, u32);
	__type(value, struct bq_ring_part);
} spares SEC(".maps");

static __always_inline struct bq_ring_part *bq_spare_of(const struct Qdisc *sch)
{
	u32 area = sch->limit - BQ_SPARES;

	return bpf_map_lookup_elem(&spares, &area);
}

static __always_inline int bq_spare_take(struct Qdisc *sch)
{
	struct bq_pool *p = bq_pool_get();
	u32 area = p ? bq_area_take(p, 0, false) : 0;
	struct bq_ring_part *part;

	if (!area)
		return -ENOBUFS;
	sch->limit = BQ_SPARES + area - 1;
	part = bq_spare_of(sch);
	if (part)
		*part = (struct bq_ring_part){
			.base = bq_area_base(p, area - 1),
			.size = BQ_AREA_SLOTS(0),
		};
	return 0;
}

/* Return the result of .init: ERR, or that of a spare queue if one can replace the instance. */
static __always_inline int bq_init_or_spare(struct Qdisc *sch, struct nlattr *opt, int err)
{
	u32 word;

	if (err != -ENOBUFS && err != -ENOMEM)
		return err;
	return bq_options_read(opt, &word, sizeof(word)) == -ENODATA ? bq_spare_take(sch) : err;
}

/* Store or drop the packet. A qdisc whose .init never ran has no queue. */
static __always_inline int bq_spare_enqueue(struct Qdisc *sch, struct sk_buff *skb,
					    struct bpf_sk_buff_ptr *to_free)
{
	struct bq_ring_part *part = bq_spare_of(sch);
	struct bq_slot *slot;

	if (!part || part->count >= part->size)
		goto drop;
	slot = bq_ring_slot(part, bq_ring_at(part, part->count));
	if (!slot)
		goto drop;
	qdisc_count_in(sch, qdisc_pkt_len(skb));
	part->count++;
	skb = bq_slot_put(slot, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);
	return NET_XMIT_SUCCESS;
drop:
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

static __always_inline struct sk_buff *bq_spare_pop(struct bq_ring_part *part)
{
	struct bq_slot *slot = part->count ? bq_ring_slot(part, part->head) : NULL;

	if (!slot)
		return NULL;
	part->head = bq_ring_at(part, 1);
	part->count--;
	return bq_slot_take(slot);
}

/* Remove and return the oldest packet, which the caller then owns, or NULL if empty. */
static __always_inline struct sk_buff *bq_spare_take_packet(const struct Qdisc *sch)
{
	struct bq_ring_part *part = bq_spare_of(sch);

	return part ? bq_spare_pop(part) : NULL;
}

/* Free all packets. For .reset. */
static __always_inline void bq_spare_reset(struct Qdisc *sch)
{
	struct bq_ring_part *part = bq_spare_of(sch);
	struct sk_buff *skb;
	u32 i;

	if (!part)
		return;
	bpf_for(i, 0, BQ_AREA_SLOTS(0)) {
		skb = bq_spare_pop(part);
		if (!skb)
			break;
		bpf_kfree_skb(skb);
	}
}

/* Free all packets and the queue. For .destroy. */
static __always_inline void bq_spare_destroy(struct Qdisc *sch)
{
	struct bq_pool *p = bq_pool_get();

	if (!p || !bq_spare_of(sch))
		return;
	bq_spare_reset(sch);
	bq_area_give(p, sch->limit - BQ_SPARES);
	sch->limit = 0;
}

#endif
