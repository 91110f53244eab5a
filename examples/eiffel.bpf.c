// SPDX-License-Identifier: GPL-2.0-only
/*
 * eiffel: a priority queue in constant time, after A. Saeed et al., "Eiffel: Efficient and Flexible
 * Software Packet Scheduling", NSDI 2019. A packet's rank is its mark, 0 to 4095; the lowest leaves
 * first, at a cost independent of the queue length. The program that sets the marks defines the
 * schedule. The remaining size of a flow gives shortest remaining time first; a deadline gives
 * earliest deadline first.
 */
#include <bqdisc/buckets.bpf.h>
#include <bqdisc/kit.bpf.h>

struct eiffel_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(PACKETS, "1", "100000", "10000", "most packets to hold");
	__u64 shift BQ_OPTION(COUNT, "0", "31", "0", "the rank is the mark divided by 2^shift");
};

struct eiffel_stats {
	__u64 enqueued BQ_COUNTER(PACKETS, "packets that were stored");
	__u64 drops_limit BQ_COUNTER(PACKETS, "packets refused because the limit was reached");
	__u64 drops_no_slot BQ_COUNTER(PACKETS, "packets refused because no slot was free");
};

struct BQ_QDISC("the lowest mark first", "Packets leave by rank, equal ones in order.") eiffel {
	struct bq_instance id;
	struct eiffel_config config[2], defaults;
	struct eiffel_stats stats;
	BQ_NEEDS(0, sizeof(struct bq_packet), 1, BQ_BUCKETS_BYTES);
	struct bq_packets packets;
	struct bq_buckets ranks;
};

BQ_KIT(struct eiffel)

static __always_inline int eiffel_start(struct eiffel *q, struct Qdisc *sch)
{
	bq_packets_init(&q->id, &q->packets, q->id.memory);
	bq_buckets_init(&q->ranks, bq_units_of(q));
	return 0;
}

static __always_inline void eiffel_clear(struct eiffel *q)
{
	bq_packets_purge(&q->packets);
	if (q->ranks.first)
		bq_buckets_init(&q->ranks, q->ranks.first);
}

SEC("struct_ops")
int BPF_PROG(eiffel_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct eiffel *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb), rank = skb->mark;
	bq_ref ref;

	BQ_USES_MEMORY();
	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	if (sch->q.qlen >= bq_config(q)->limit)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	skb = bq_packet_store(&q->packets, skb, &ref);
	if (skb)
		return bq_drop(sch, skb, to_free, &q->stats.drops_no_slot);
	bq_buckets_add(&q->ranks, rank >> (bq_config(q)->shift & 31), ref);
	q->stats.enqueued++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(eiffel_dequeue, struct Qdisc *sch)
{
	struct eiffel *q = bq_instance_of(sch);
	bq_ref ref;

	BQ_USES_MEMORY();
	ref = q ? bq_buckets_pop(&q->ranks) : 0;
	return ref ? bq_deliver(sch, bq_packet_take(&q->packets, ref)) : NULL;
}

BQ_KIT_OPS_MEMORY(eiffel, "eiffel");
