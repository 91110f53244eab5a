/* SPDX-License-Identifier: GPL-2.0-only */
/* Classification and storage of packets. */
#ifndef BQDISC_HFQ_ENQUEUE_BPF_H
#define BQDISC_HFQ_ENQUEUE_BPF_H

#include <bqdisc/front.bpf.h>
#include <bqdisc/match.bpf.h>
#include "hfq/leaf.bpf.h"
#include "hfq/schedule.bpf.h"

/*
 * Set *LEAF to the leaf whose match is the first to hold. Global, so that the verifier checks it
 * once: parsing headers has many states.
 */
__noinline int hfq_classify(struct hfq_instance *q, struct sk_buff *skb __arg_trusted)
{
	struct bq_headers h;
	bq_ref at;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	if (q->matches == q->matches_end)
		return q->rest;
	bq_headers_read(skb, skb, &h);
	for (at = q->matches; at != q->matches_end && can_loop; at += sizeof(struct hfq_match))
		if (bq_match_holds(&bq_at(struct hfq_match, at)->match, &h))
			return bq_at(struct hfq_match, at)->class;
	return q->rest;
}

/* Store a packet in the leaf; FIRST: before the others of its flow. Return NULL, or SKB if full. */
static __always_inline struct sk_buff *hfq_store_in(struct hfq_instance *q,
						    const struct hfq_config *c, bq_ref leaf,
						    struct sk_buff *skb, bool first, u64 now)
{
	bq_ref packet, flow = hfq_flow_of(q, leaf, skb);
	hfq_class *class = hfq_class_at(leaf);
	bool idle = !class->stats.backlog_packets;
	u32 len = qdisc_pkt_len(skb);

	skb = bq_packet_store(&q->packets, skb, &packet);
	if (skb)
		return skb;
	bq_packet_at(packet)->arrived = now;
	bq_packet_at(packet)->left = len;
	if (first)
		hfq_put_first(class, flow, packet);
	else
		hfq_put(class, flow, packet);
	hfq_enlist(leaf, flow, c->quantum);
	if (idle)
		hfq_offer(q, leaf, class->prio, now);
	return NULL;
}

/* Move the packet of the front slot, if any, to its leaf. It stays there if no slot is free. */
__noinline int hfq_queue_front(struct hfq_instance *q, u64 now)
{
	struct bq_front *front;
	struct sk_buff *skb;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	front = bq_front_at(q->id.index);
	if (!front || bq_packets_are_full(&q->packets))
		return 0;
	skb = bq_front_withdraw(front);
	if (skb)
		skb = hfq_store_in(q, &q->config[bq_bank(&q->id)], q->front, skb, true, now);
	if (skb)
		bpf_kfree_skb(skb);
	return 0;
}

/* Store or drop the packet; the caller no longer owns it. */
static __always_inline int hfq_store(struct hfq_instance *q, const struct hfq_config *c,
				     struct Qdisc *sch, bq_ref leaf, struct sk_buff *skb,
				     struct bpf_sk_buff_ptr *to_free)
{
	u64 before = q->stats.drop_overlimit;
	u32 len = qdisc_pkt_len(skb);

	if (bq_packets_are_full(&q->packets) && !bq_packets_extend(&q->id, &q->packets))
		bq_packets_grow(&q->id, &q->packets);
	skb = hfq_store_in(q, c, leaf, skb, false, bpf_ktime_get_ns());
	if (skb) {
		hfq_class_at(leaf)->stats.drops++;
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_no_slot);
	}
	qdisc_count_in(sch, len);
	if (sch->q.qlen <= c->limit || bq_expired(&q->id))
		return NET_XMIT_SUCCESS;
	hfq_drop_fat(q, sch, to_free);
	return q->stats.drop_overlimit == before ? NET_XMIT_SUCCESS : NET_XMIT_CN;
}

#endif
