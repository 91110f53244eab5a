/* SPDX-License-Identifier: GPL-2.0-only */
/* Fair queueing in a leaf: new flows before old ones, DRR with a quantum, and CoDel in each. */
#ifndef BQDISC_HFQ_LEAF_BPF_H
#define BQDISC_HFQ_LEAF_BPF_H

#include <bqdisc/codel.bpf.h>
#include <bqdisc/drops.bpf.h>
#include "hfq/flow.bpf.h"

/* Most packets dropped at once beyond the limit. */
#define HFQ_DROP_BATCH 64u

/* Drop a packet that CoDel has chosen. */
static __noinline void hfq_drop_late(struct hfq_instance *q, struct Qdisc *sch, bq_ref leaf,
				     struct sk_buff *skb)
{
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	sch->qstats.drops++;
	hfq_class_at(leaf)->stats.drops++;
	q->stats.drop_codel++;
	bq_drop_note_in(q, skb, &q->stats.drop_codel);
	bpf_kfree_skb(skb);
}

static __always_inline struct bq_codel_params hfq_codel_params(const struct hfq_instance *q)
{
	const struct hfq_config *c = &q->config[q->synced & 1];

	return (struct bq_codel_params){ bq_codel_time(c->target), bq_codel_time(c->interval),
					 q->mtu };
}

/* Drop the first packets of a flow as CoDel chooses. Global, so that it is checked once. */
__noinline int hfq_drop_chosen(struct hfq_instance *q, struct Qdisc *sch __arg_trusted, bq_ref leaf,
			       bq_ref flow, u64 now)
{
	struct bq_codel_turn turn = bq_codel_begin(now);
	hfq_class *class = hfq_class_at(leaf);
	bq_fair_flow *f = bq_fair_at(flow);
	struct bq_codel_params params;
	struct sk_buff *skb;
	u64 arrived, rest;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	params = hfq_codel_params(q);
	while (f->queue.head && can_loop) {
		arrived = bq_packet_at(f->queue.head)->arrived;
		rest = class->stats.backlog_bytes - bq_fair_len(bq_packet_at(f->queue.head));
		if (!bq_codel_signals(&f->codel, &params, &turn, arrived, rest))
			return 0;
		skb = hfq_take(q, class, flow);
		if (!skb)
			continue;
		f->drops++;
		hfq_drop_late(q, sch, leaf, skb);
	}
	bq_codel_empty(&f->codel, &turn);
	return 0;
}

/* Remove and return the packet that the flow sends next, or NULL if it has none. */
static __always_inline struct sk_buff *hfq_send(struct hfq_instance *q, struct Qdisc *sch,
						bq_ref leaf, bq_ref flow, u64 now)
{
	hfq_class *class = hfq_class_at(leaf);
	bq_fair_flow *f = bq_fair_at(flow);
	u32 len;

	if (!class->fifo && !bq_expired(&q->id))
		hfq_drop_chosen(q, sch, leaf, flow, now);
	if (!f->queue.head)
		return NULL;
	len = bq_fair_len(bq_packet_at(f->queue.head));
	bq_times_add(q->stats.sojourn, now - bq_packet_at(f->queue.head)->arrived);
	f->deficit -= (s32)len;
	f->packets++;
	f->bytes += len;
	return hfq_take(q, class, flow);
}

/* Remove and return the next packet of the leaf, or NULL if CoDel has dropped all. */
static __always_inline struct sk_buff *hfq_dequeue_leaf(struct hfq_instance *q,
							const struct hfq_config *c,
							struct Qdisc *sch, bq_ref leaf, u64 now)
{
	hfq_class *class = hfq_class_at(leaf);
	struct sk_buff *skb;
	bq_ref flow;
	bool fresh;

	do {
		fresh = class->fresh.first;
		flow = fresh ? class->fresh.first : class->old.first;
		if (!flow)
			return NULL;
		skb = NULL;
		if (bq_fair_at(flow)->deficit <= 0)
			bq_fair_at(flow)->deficit += (s32)c->quantum;
		else
			skb = hfq_send(q, sch, leaf, flow, now);
		if (skb)
			return skb;
		hfq_flows_pop(fresh ? &class->fresh : &class->old);
		/* A new flow passes through the old ones, so that it cannot stay new. */
		if (bq_fair_at(flow)->queue.head || (fresh && class->old.first))
			hfq_flows_append(&class->old, flow);
		else
			bq_fair_at(flow)->listed = 0;
	} while (can_loop);
	return NULL;
}

/* --- the largest backlog --- */

/* Return the leaf with the largest backlog in bytes. */
__noinline bq_ref hfq_fattest_leaf(struct hfq_instance *q)
{
	u64 most = 0;
	bq_ref ref, fat = 0;
	u32 i;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	bpf_for(i, 1, q->id.units) {
		ref = hfq_class_nth(q, i);
		if (hfq_class_at(ref)->stats.backlog_bytes > most) {
			most = hfq_class_at(ref)->stats.backlog_bytes;
			fat = ref;
		}
	}
	return fat;
}

/* Return the flow with the larger backlog: FAT, or one of the list from REF on. */
static __always_inline bq_ref hfq_fatter(bq_ref fat, bq_ref ref)
{
	for (; ref && can_loop; ref = bq_fair_at(ref)->next)
		if (!fat || bq_fair_at(ref)->backlog > bq_fair_at(fat)->backlog)
			fat = ref;
	return fat;
}

/*
 * Drop packets of the flow with the largest backlog in the leaf with the largest: up to
 * HFQ_DROP_BATCH, and up to half of its backlog. Return the flow.
 */
static __noinline bq_ref hfq_drop_fat(struct hfq_instance *q, struct Qdisc *sch,
				      struct bpf_sk_buff_ptr *to_free)
{
	bq_ref flow, leaf = hfq_fattest_leaf(q);
	hfq_class *class = hfq_class_at(leaf);
	u32 len, half, dropped = 0;
	struct sk_buff *skb;
	bq_fair_flow *f;

	flow = leaf ? hfq_fatter(hfq_fatter(0, class->fresh.first), class->old.first) : 0;
	if (!flow)
		return 0;
	f = bq_fair_at(flow);
	half = f->backlog / 2;
	while (f->queue.head && dropped < HFQ_DROP_BATCH && can_loop) {
		skb = hfq_take(q, class, flow);
		if (!skb)
			break;
		len = qdisc_pkt_len(skb);
		qdisc_count_out(sch, len);
		dropped++;
		bq_drop_noted(q, sch, skb, to_free, &q->stats.drop_overlimit);
		if (f->backlog <= half)
			break;
	}
	f->drops += dropped;
	f->codel.count += dropped;
	class->stats.drops += dropped;
	return flow;
}

#endif
