// SPDX-License-Identifier: GPL-2.0-only
/*
 * elastic: FIFO with a limit in bytes only, so the number of packets depends on their size. With
 * `lifo` the newest packet leaves first. Under overload this keeps some packets fresh, where a FIFO
 * makes all of them old. The example of queues without a fixed size: it allocates a node for each
 * packet.
 */
#include <bqdisc/kit.bpf.h>
#include <bqdisc/list.bpf.h>

struct elastic_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(BYTES, "0", "4gb", "10mb", "most bytes to hold");
	__u64 lifo BQ_OPTION(FLAG, "0", "1", "0", "the newest leaves first");
};

struct elastic_stats {
	__u64 enqueued BQ_COUNTER(PACKETS, "packets that were stored");
	__u64 drops_limit BQ_COUNTER(PACKETS, "packets refused because the limit was reached");
	__u64 drops_memory BQ_COUNTER(PACKETS, "packets refused because there was no memory");
};

struct BQ_QDISC("first in, first out, of any length",
		"One queue with a limit in bytes, whose packets are held in a list.")
	BQ_COUNTERPART("bfifo limit 10000000") elastic {
	struct bq_instance id;
	struct elastic_config config[2], defaults;
	struct elastic_stats stats;
};

struct packet {
	struct bpf_list_node node;
	struct sk_buff __kptr *skb;
};

BQ_KIT(struct elastic)
BQ_DEFINE_LISTS(queues, packet, node, 1)

static __always_inline int elastic_start(struct elastic *q, struct Qdisc *sch)
{
	return 0;
}

static __always_inline void elastic_clear(struct elastic *q)
{
	struct queues_list *queue = queues_of(&q->id, 0);

	if (queue)
		queues_purge(queue);
}

SEC("struct_ops")
int BPF_PROG(elastic_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct elastic *q = bq_instance_of(sch);
	struct queues_list *queue = q ? queues_of(&q->id, 0) : NULL;
	u32 len = qdisc_pkt_len(skb);
	struct packet *p;

	if (!queue) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	if ((u64)sch->qstats.backlog + len > bq_config(q)->limit)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	p = bq_node_new(struct packet);
	if (!p)
		return bq_drop(sch, skb, to_free, &q->stats.drops_memory);
	bq_node_put(p, skb, to_free);
	if (bq_config(q)->lifo)
		queues_push_front(queue, p);
	else
		queues_push_back(queue, p);
	q->stats.enqueued++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(elastic_dequeue, struct Qdisc *sch)
{
	struct elastic *q = bq_instance_of(sch);
	struct queues_list *queue = q ? queues_of(&q->id, 0) : NULL;
	struct packet *p = queue ? queues_pop_front(queue) : NULL;

	return p ? bq_deliver(sch, bq_node_take(p)) : NULL;
}

BQ_KIT_OPS(elastic, "elastic");
