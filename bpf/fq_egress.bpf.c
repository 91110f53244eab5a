// SPDX-License-Identifier: GPL-2.0-only
/*
 * fq's egress program: marks packets with ECN's CE (ce_threshold), on their way into the qdisc.
 *
 * The in-tree fq marks a packet that leaves, if it leaves later than ce_threshold after its time.
 * Nobody can write to a packet that a BPF qdisc holds, so the packet that arrives is marked
 * instead, if the one of its flow that is to leave next is that late already. In a flow whose queue
 * stands, both say the same, of different packets: the receiver learns of it later by the time that
 * a packet waits. The first packets of a queue that grows, which nobody can know will be late, are
 * not marked, and the last of one that shrinks are. Only what is marked is counted; the in-tree
 * qdisc also counts late packets that cannot be.
 *
 * The flows are read without the qdisc's lock: at worst a packet is judged by another flow.
 */
#include <bqdisc/egress.bpf.h>
#include "fq/query.bpf.h"

BQ_DEFINE_INSTANCES(struct fq_instance)

/* The key of the packet's flow, as the qdisc will reckon it. */
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

/* Whether the next packet of the flow should have left longer ago than ce_threshold. */
static __always_inline bool fq_is_late(const struct fq_instance *q, u64 key, u64 now)
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
	return packet && (s64)(now - fq_due(f, packet)) > (s64)threshold;
}

/* Which queue of an mq the packet will go to is not known yet: its flow is looked for in all. */
SEC("tcx/egress")
int fq_egress(struct __sk_buff *skb)
{
	u64 now = bpf_ktime_get_ns();
	u32 i, seen = 0;

	BQ_USES_MEMORY();
	bpf_for(i, egress.index, BQ_INSTANCES) {
		struct fq_instance *q = bq_instance_at(i);

		if (!q || seen == egress.instances)
			break;
		if (!bq_egress_is_for(&q->id))
			continue;
		seen++;
		if (!fq_is_late(q, fq_key_of(skb, q), now))
			continue;
		if (bpf_skb_ecn_set_ce(skb))
			__sync_fetch_and_add(&q->stats.ce_mark, 1);
		break;
	}
	return BQ_TCX_NEXT;
}

char _license[] SEC("license") = "GPL";
