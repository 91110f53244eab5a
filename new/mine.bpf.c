// SPDX-License-Identifier: GPL-2.0-only
/*
 * mine: one FIFO queue. Replace the algorithm in enqueue and dequeue.
 *
 *   make && sudo bqdisc attach eth0 mine.bpf.o limit 100
 */
#include <bqdisc/kit.bpf.h>
#include <bqdisc/ring.bpf.h>

/* Options of the qdisc. Each is a __u64: unit, minimum, maximum, default, help. */
struct mine_config {
	__u64 set_mask; /* bit n: the nth option was named */
	__u64 limit BQ_OPTION(PACKETS, "1", "100000", "1000", "most packets to hold");
};

/* Counters that `bqdisc stats` shows beside the core's, one for each reason to drop. */
struct mine_stats {
	__u64 enqueued BQ_COUNTER(PACKETS, "packets that were stored");
	__u64 drops_limit BQ_COUNTER(PACKETS, "packets refused because the limit was reached");
};

/* State of an instance, one for each device the qdisc is attached to. */
struct BQ_QDISC("first in, first out", "One queue with a limit in packets.")
	BQ_COUNTERPART("pfifo limit 1000") mine {
	struct bq_instance id;
	struct mine_config config[2], defaults;
	struct mine_stats stats;
	struct bq_ring queue; /* private state begins here */
};

BQ_KIT(struct mine)

/* Initialise an instance. Return 0, or a negative errno to refuse it. */
static __always_inline int mine_start(struct mine *q, struct Qdisc *sch)
{
	bq_ring_init(&q->id, &q->queue);
	return 0;
}

/* Free every packet. */
static __always_inline void mine_clear(struct mine *q)
{
	bq_ring_purge(&q->queue);
}

/* Store or drop SKB on every path, because enqueue owns it. */
SEC("struct_ops")
int BPF_PROG(mine_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct mine *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb);

	if (!q || sch->q.qlen >= bq_config(q)->limit)
		goto drop;
	skb = bq_ring_push(&q->id, &q->queue, skb);
	if (skb) /* no slot is free: enqueue still owns it */
		goto drop;
	q->stats.enqueued++;
	qdisc_count_in(sch, len); /* the core must know the backlog */
	return NET_XMIT_SUCCESS;
drop:
	if (q)
		q->stats.drops_limit++;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

/* Return the packet to send next, which the core then owns, or NULL. */
SEC("struct_ops")
struct sk_buff *BPF_PROG(mine_dequeue, struct Qdisc *sch)
{
	struct mine *q = bq_instance_of(sch);
	struct sk_buff *skb = q ? bq_ring_pop(&q->queue) : NULL;

	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

BQ_KIT_OPS(mine, "mine");
