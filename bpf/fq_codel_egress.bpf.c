// SPDX-License-Identifier: GPL-2.0-only
/*
 * Egress program of fq_codel: sets ECN's CE mark on packets before enqueue.
 *
 * The in-tree fq_codel marks the packet at the head of a flow. A BPF qdisc cannot write to a packet
 * it holds. When CoDel decides to mark, the qdisc therefore notes a mark for the flow and sends the
 * packet unmarked. This program sets the mark on the flow's next packet that arrives and uses ECN.
 * There are as many marks as in-tree, but the receiver sees each later, by the queueing delay.
 * Marks of a flow that becomes idle are forgotten.
 *
 * For ce_threshold the program marks a packet if the next packet of its flow has waited for longer.
 * At constant queue length both qdiscs mark the same share of packets.
 *
 * The program reads flows without the qdisc's lock. In a race it may judge a packet by another
 * flow.
 */
#include <bqdisc/egress.bpf.h>
#include <bqdisc/packets.bpf.h>
#include "fq_codel/ecn.bpf.h"
#include "fq_codel/query.bpf.h"

BQ_DEFINE_INSTANCES(struct fq_codel_instance)
BQ_DEFINE_EGRESS(struct fq_codel_instance)

/* Return the packet's flow, as the qdisc computes it. */
static __always_inline bq_ref fq_codel_find(struct __sk_buff *ctx,
					    const struct fq_codel_instance *q, u32 flows)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);
	u32 hash = 0, n = fq_codel_class_of(q, skb->priority, flows);

	if (!n && (skb->hash || !bq_hash_read(&q->hash, skb, &hash)))
		hash = bpf_get_hash_recalc(ctx);
	return fq_codel_flow_of(q, n, hash, flows);
}

/* Set a mark that CoDel has decided for the flow, if there is one. */
static __always_inline void fq_codel_mark_due(struct __sk_buff *ctx, struct fq_codel_instance *q,
					      bq_fair_flow *f)
{
	if (!f->marks)
		return;
	/* Another CPU may have used it. */
	if ((s32)__sync_fetch_and_sub(&f->marks, 1) <= 0 || !bpf_skb_ecn_set_ce(ctx)) {
		__sync_fetch_and_add(&f->marks, 1);
		return;
	}
	__sync_fetch_and_sub(&q->marks, 1);
	__sync_fetch_and_add(&q->stats.ecn_mark, 1);
}

/* Set a mark if the flow's next packet has waited for longer than ce_threshold. */
static __always_inline void fq_codel_mark_late(struct __sk_buff *ctx, struct fq_codel_instance *q,
					       const struct fq_codel_config *c, bq_fair_flow *f,
					       u64 now)
{
	bq_ref head = f->queue.head;
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	if (!head || (s64)(now - bq_packet_at(head)->arrived) <= (s64)c->ce_threshold)
		return;
	if (c->ce_mask && (fq_codel_dsfield(skb) & c->ce_mask) != c->ce_selector)
		return;
	if (bpf_skb_ecn_set_ce(ctx))
		__sync_fetch_and_add(&q->stats.ce_mark, 1);
}

/* Mark the packet as its flow in Q requires. Return true if that has packets. */
static __noinline bool fq_codel_mark(struct __sk_buff *ctx, struct fq_codel_instance *q)
{
	const struct fq_codel_config *c = &q->config[bq_bank(&q->id)];
	bool threshold = c->ce_threshold != FQ_CODEL_NO_CE_THRESHOLD;
	bq_fair_flow *f;

	if ((!q->marks && !threshold) || !q->flows || bq_expired(&q->id))
		return false;
	f = bq_fair_at(fq_codel_find(ctx, q, fq_codel_flows(q, c)));
	if (!f->listed)
		return false;
	fq_codel_mark_due(ctx, q, f);
	if (threshold)
		fq_codel_mark_late(ctx, q, c, f, bpf_ktime_get_ns());
	return true;
}

SEC("tcx/egress")
int fq_codel_egress(struct __sk_buff *ctx)
{
	BQ_USES_MEMORY();
	bq_egress_visit(ctx, fq_codel_mark);
	return BQ_TCX_NEXT;
}

char _license[] SEC("license") = "GPL";
