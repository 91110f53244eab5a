// SPDX-License-Identifier: GPL-2.0-only
/*
 * drr: deficit round robin by mark. Packets with one mark are a class; classes with packets send
 * `quantum` bytes in turn. SO_MARK, `iptables -j MARK` or a program at a cgroup's egress sets the
 * mark, e.g. one mark a cgroup. Marks that are equal modulo 1024 share a class.
 */
#include <bqdisc/kit.bpf.h>
#include <bqdisc/drr.bpf.h>

#define CLASSES 1024

struct drr_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(PACKETS, "1", "100000", "10000", "most packets to hold");
	__u64 quantum BQ_OPTION(BYTES, "64", "1mb", "1514", "bytes that a class sends in its turn");
};

struct drr_stats {
	__u64 enqueued BQ_COUNTER(PACKETS, "packets that were stored");
	__u64 drops_limit BQ_COUNTER(PACKETS, "packets refused because the limit was reached");
	__u64 drops_no_slot BQ_COUNTER(PACKETS, "packets refused because no slot was free");
};

struct BQ_QDISC("deficit round robin by mark", "Each mark has its share of the device.") drr {
	struct bq_instance id;
	struct drr_config config[2], defaults;
	struct drr_stats stats;
	BQ_NEEDS(0, sizeof(struct bq_packet), CLASSES, sizeof(struct bq_drr_class));
	struct bq_packets packets;
	struct bq_drr drr;
};

BQ_KIT(struct drr)

static __always_inline void drr_forget_classes(struct drr *q)
{
	bq_ref first = bq_units_of(q);
	u32 i;

	q->drr.first = 0;
	for (i = 0; i < q->id.units && can_loop; i++) {
		bq_nth(struct bq_drr_class, first, i)->queue.head = 0;
		bq_nth(struct bq_drr_class, first, i)->in_round = 0;
	}
}

static __always_inline int drr_start(struct drr *q, struct Qdisc *sch)
{
	bq_packets_init(&q->id, &q->packets, q->id.memory);
	drr_forget_classes(q);
	return 0;
}

static __always_inline void drr_clear(struct drr *q)
{
	bq_packets_purge(&q->packets);
	drr_forget_classes(q);
}

/* Return the packet's class. The number of units is a power of two, in the pool as well. */
static __always_inline bq_ref drr_class_of(const struct drr *q, const struct sk_buff *skb)
{
	return bq_ref_of(
		bq_nth(struct bq_drr_class, bq_units_of(q), skb->mark & (q->id.units - 1)));
}

SEC("struct_ops")
int BPF_PROG(drr_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct drr *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb);
	bq_ref class, ref;

	BQ_USES_MEMORY();
	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	if (sch->q.qlen >= bq_config(q)->limit)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	class = drr_class_of(q, skb);
	skb = bq_packet_store(&q->packets, skb, &ref);
	if (skb)
		return bq_drop(sch, skb, to_free, &q->stats.drops_no_slot);
	bq_queue_append(&bq_drr_class_at(class)->queue, ref);
	bq_drr_join(&q->drr, class, bq_config(q)->quantum);
	q->stats.enqueued++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(drr_dequeue, struct Qdisc *sch)
{
	struct drr *q = bq_instance_of(sch);
	struct sk_buff *skb;
	bq_ref class, ref;

	BQ_USES_MEMORY();
	class = q ? bq_drr_next(&q->drr) : 0;
	if (!class)
		return NULL;
	ref = bq_drr_class_at(class)->queue.head;
	bq_queue_advance(&bq_drr_class_at(class)->queue);
	skb = bq_packet_take(&q->packets, ref);
	if (!skb)
		return NULL;
	bq_drr_charge(&q->drr, class, qdisc_pkt_len(skb));
	return bq_deliver(sch, skb);
}

BQ_KIT_OPS_MEMORY(drr, "drr");
