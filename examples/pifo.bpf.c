// SPDX-License-Identifier: GPL-2.0-only
/*
 * pifo: push in, first out, after A. Sivaraman et al., "Programmable Packet Scheduling at Line
 * Rate", SIGCOMM 2016. A packet's rank is its mark, any 32-bit number; the lowest leaves first,
 * equal ranks in FIFO order. `spacing` is the minimum time between two departures. It allocates a
 * tree node for each packet. eiffel handles 4096 ranks in constant time, this example all of them.
 */
#include <bqdisc/kit.bpf.h>
#include <bqdisc/tree.bpf.h>

/* Longest sleep in ns, after which a change of `spacing` takes effect. */
#define LONGEST_SLEEP (50 * NSEC_PER_MSEC)

struct pifo_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(BYTES, "0", "4gb", "10mb", "most bytes to hold");
	__u64 spacing BQ_OPTION(TIME, "0ns", "1s", "0ns", "least time between two packets");
};

struct pifo_stats {
	__u64 enqueued BQ_COUNTER(PACKETS, "packets that were stored");
	__u64 drops_limit BQ_COUNTER(PACKETS, "packets refused because the limit was reached");
	__u64 drops_memory BQ_COUNTER(PACKETS, "packets refused because there was no memory");
};

struct BQ_QDISC("the lowest mark first, of any",
		"Packets leave by rank, equal ones in order, at most one each `spacing`.") pifo {
	struct bq_instance id;
	struct pifo_config config[2], defaults;
	struct pifo_stats stats;
	u64 last_ns; /* CLOCK_MONOTONIC: when the latest packet left */
};

struct packet {
	u64 rank;
	struct bpf_rb_node node;
	struct sk_buff __kptr *skb;
};

BQ_KIT(struct pifo)
BQ_DEFINE_TREES(ranks, packet, node, rank, 1)

static __always_inline int pifo_start(struct pifo *q, struct Qdisc *sch)
{
	q->last_ns = 0;
	return 0;
}

static __always_inline void pifo_clear(struct pifo *q)
{
	struct ranks_tree *ranks = ranks_of(&q->id, 0);

	if (ranks)
		ranks_purge(ranks);
}

SEC("struct_ops")
int BPF_PROG(pifo_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct pifo *q = bq_instance_of(sch);
	struct ranks_tree *ranks = q ? ranks_of(&q->id, 0) : NULL;
	u32 len = qdisc_pkt_len(skb);
	struct packet *p;

	if (!ranks) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	if ((u64)sch->qstats.backlog + len > bq_config(q)->limit)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	p = bq_node_new(struct packet);
	if (!p)
		return bq_drop(sch, skb, to_free, &q->stats.drops_memory);
	p->rank = skb->mark;
	bq_node_put(p, skb, to_free);
	ranks_add(ranks, p);
	q->stats.enqueued++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(pifo_dequeue, struct Qdisc *sch)
{
	struct pifo *q = bq_instance_of(sch);
	struct ranks_tree *ranks = q ? ranks_of(&q->id, 0) : NULL;
	u64 spacing, now, due, rank;
	struct packet *p;

	if (!ranks || !sch->q.qlen)
		return NULL;
	spacing = bq_config(q)->spacing;
	now = spacing ? bpf_ktime_get_ns() : 0;
	due = spacing ? q->last_ns + spacing : 0;
	if (due > now) {
		if (due > now + LONGEST_SLEEP)
			due = now + LONGEST_SLEEP;
		bpf_qdisc_watchdog_schedule(sch, due, 0);
		return NULL;
	}
	p = ranks_pop(ranks, ~0ull, &rank);
	if (!p)
		return NULL;
	q->last_ns = now;
	return bq_deliver(sch, bq_node_take(p));
}

BQ_KIT_OPS(pifo, "pifo");
