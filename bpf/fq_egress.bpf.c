// SPDX-License-Identifier: GPL-2.0-only
/*
 * Egress program of fq: sets ECN's CE mark (ce_threshold) on packets before enqueue.
 *
 * The in-tree fq marks a departing packet that is later than ce_threshold. A BPF qdisc cannot write
 * to a packet it holds. This program marks the arriving packet instead, if the next packet of its
 * flow is already that late. At constant queue length both mark the same share of packets. The
 * receiver sees the mark later, by the queueing delay of one packet. The first packets of a growing
 * queue stay unmarked, and the last packets of a shrinking queue are marked. The counter holds
 * marked packets only; the in-tree qdisc also counts late packets without ECN.
 *
 * The program reads flows without the qdisc's lock. In a race it may judge a packet by another
 * flow.
 */
#include <bqdisc/egress.bpf.h>
#include "fq/query.bpf.h"

BQ_DEFINE_INSTANCES(struct fq_instance)
BQ_DEFINE_EGRESS(struct fq_instance)

/* Return the key of the packet's flow, as the qdisc computes it. */
static __always_inline u64 fq_key_of(struct __sk_buff *ctx, const struct fq_instance *q)
{
	const struct fq_config *c = &q->config[bq_bank(&q->id)];
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);
	struct sock *sk = skb->sk;
	u32 hash;
	u64 key;

	if (sk && sk_is_flow(sk))
		return bpf_probe_read_kernel(&key, sizeof(key), &skb->sk) ? 0 : key;
	if (skb->hash || !bq_hash_read(&q->hash, skb, &hash))
		hash = bpf_get_hash_recalc(ctx);
	return fq_key_of_hash(c, hash);
}

/* Return true if the flow's next packet is overdue by more than ce_threshold. */
static __always_inline bool fq_is_late(const struct fq_instance *q, u64 key)
{
	u64 threshold = q->config[bq_bank(&q->id)].ce_threshold;
	bq_ref ref, packet;
	fq_flow *f;

	if (threshold == FQ_NO_CE_THRESHOLD || !q->flows.buckets)
		return false;
	ref = bq_flows_find(&q->flows, key);
	f = fq_flow_at(ref);
	if (!ref || f->place == FQ_DETACHED)
		return false;
	packet = fq_peek(f);
	return packet && (s64)(bpf_ktime_get_ns() - fq_due(f, packet)) > (s64)threshold;
}

/* Mark the packet if its flow in Q is late, and return true then. */
static __noinline bool fq_mark(struct __sk_buff *skb, struct fq_instance *q)
{
	if (bq_expired(&q->id) || !fq_is_late(q, fq_key_of(skb, q)))
		return false;
	if (bpf_skb_ecn_set_ce(skb))
		__sync_fetch_and_add(&q->stats.ce_mark, 1);
	return true;
}

SEC("tcx/egress")
int fq_egress(struct __sk_buff *skb)
{
	BQ_USES_MEMORY();
	bq_egress_visit(skb, fq_mark);
	return BQ_TCX_NEXT;
}

char _license[] SEC("license") = "GPL";
