// SPDX-License-Identifier: GPL-2.0-only
/*
 * pfifo, bfifo, pfifo_head_drop: one FIFO queue with a limit in packets or bytes.
 *
 * The three differ only in enqueue at the limit. Default limits, return codes and counters follow
 * net/sched/sch_fifo.c of Linux 7.3. One difference: the queue has a bounded number of slots, sized
 * by user space from the limit. A drop without a free slot has its own counter. As in-tree, a
 * lowered limit refuses new packets only. An expired instance is limited by its slots alone.
 *
 * Not implemented: priorities (pfifo_fast), offload.
 */
#include <bqdisc/drops.bpf.h>
#include <bqdisc/front.bpf.h>
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/ring.bpf.h>
#include <bqdisc/spare.bpf.h>
#include "fifo.h"

#define TC_FIFO_QOPT_SIZE 4 /* struct tc_fifo_qopt { __u32 limit; }: the in-tree TCA_OPTIONS */

BQ_DEFINE_INSTANCES(struct fifo_instance)
BQ_DEFINE_INIT(struct fifo_instance)

static __always_inline u32 fifo_limit(const struct fifo_instance *q)
{
	return q->config[bq_bank(&q->id)].limit;
}

static __always_inline void fifo_raise_peaks(struct fifo_stats *st, u32 packets, u32 bytes)
{
	if (st->peak_backlog_packets < packets)
		st->peak_backlog_packets = packets;
	if (st->peak_backlog_bytes < bytes)
		st->peak_backlog_bytes = bytes;
}

/* Count a stored packet of LEN bytes. */
static __always_inline void fifo_count_in(struct fifo_stats *st, struct Qdisc *sch, u32 len)
{
	u32 packets = sch->q.qlen + 1, bytes = sch->qstats.backlog + len;

	sch->q.qlen = packets;
	sch->qstats.backlog = bytes;
	st->enqueued++;
	fifo_raise_peaks(st, packets, bytes);
}

/* Store a packet that found the queue empty. */
static __always_inline void fifo_store_front(struct fifo_instance *q, struct Qdisc *sch,
					     struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
					     struct bq_front *front)
{
	struct fifo_stats *st = &q->stats;
	u32 len = qdisc_pkt_len(skb);

	bq_lengths_add(st->queue_length, 0);
	bq_front_sample(front);
	sch->q.qlen = 1;
	sch->qstats.backlog = len;
	st->enqueued++;
	/* The highest backlog in packets is 0 only while that in bytes is. */
	if (st->peak_backlog_bytes < len)
		fifo_raise_peaks(st, 1, len);
	bq_front_store(front, skb, to_free);
}

/*
 * Store or drop the packet, which found SEEN packets in the queue; the caller no longer owns it.
 */
static __always_inline int fifo_store(struct fifo_instance *q, struct Qdisc *sch,
				      struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
				      u32 seen)
{
	struct bq_front *front = seen ? NULL : bq_front_of(sch);
	u32 len = qdisc_pkt_len(skb);

	if (front) {
		fifo_store_front(q, sch, skb, to_free, front);
		return NET_XMIT_SUCCESS;
	}
	bq_lengths_add(q->stats.queue_length, seen);
	bq_stamp(skb);
	skb = bq_ring_push(&q->id, &q->ring, skb);
	if (skb)
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_no_slot);
	fifo_count_in(&q->stats, sch, len);
	return NET_XMIT_SUCCESS;
}

/* Drop a packet that found the queue full. */
static __always_inline int fifo_refuse(struct fifo_instance *q, struct Qdisc *sch,
				       struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
				       u32 seen)
{
	bq_lengths_add(q->stats.queue_length, seen);
	return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_limit);
}

SEC("struct_ops")
int BPF_PROG(pfifo_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct fifo_instance *q = bq_instance_of(sch);
	u32 seen = sch->q.qlen;

	if (!q)
		return bq_spare_enqueue(sch, skb, to_free);
	if (seen >= fifo_limit(q) && !bq_expired(&q->id))
		return fifo_refuse(q, sch, skb, to_free, seen);
	return fifo_store(q, sch, skb, to_free, seen);
}

SEC("struct_ops")
int BPF_PROG(bfifo_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct fifo_instance *q = bq_instance_of(sch);
	u32 seen = sch->q.qlen;

	if (!q)
		return bq_spare_enqueue(sch, skb, to_free);
	if ((u64)sch->qstats.backlog + qdisc_pkt_len(skb) > fifo_limit(q) && !bq_expired(&q->id))
		return fifo_refuse(q, sch, skb, to_free, seen);
	return fifo_store(q, sch, skb, to_free, seen);
}

/* Drop the oldest packet to make room. Return false if the queue is empty. */
static __always_inline bool fifo_drop_oldest(struct fifo_instance *q, struct Qdisc *sch,
					     struct bpf_sk_buff_ptr *to_free)
{
	struct sk_buff *oldest = bq_front_withdraw(bq_front_of(sch));

	if (!oldest)
		oldest = bq_ring_pop(&q->ring);
	if (!oldest)
		return false;
	qdisc_count_out(sch, qdisc_pkt_len(oldest));
	bq_drop_noted(q, sch, oldest, to_free, &q->stats.drops_oldest);
	return true;
}

SEC("struct_ops")
int BPF_PROG(pfifo_head_drop_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct fifo_instance *q = bq_instance_of(sch);
	u32 seen = sch->q.qlen;
	int rc;

	if (!q)
		return bq_spare_enqueue(sch, skb, to_free);
	if (seen < fifo_limit(q) || bq_expired(&q->id))
		return fifo_store(q, sch, skb, to_free, seen);
	if (!fifo_limit(q) || !fifo_drop_oldest(q, sch, to_free))
		return fifo_refuse(q, sch, skb, to_free, seen);
	rc = fifo_store(q, sch, skb, to_free, seen);
	return rc == NET_XMIT_SUCCESS ? NET_XMIT_CN : rc;
}

/* Count how long the packet that just left FRONT waited. */
static __always_inline void fifo_count_front(const struct Qdisc *sch, struct bq_front *front)
{
	struct fifo_instance *q = bq_instance_of(sch);

	if (q)
		bq_front_count(front, q->stats.sojourn);
}

/* Remove and return the oldest packet that is not in the front slot, or NULL. */
static __always_inline struct sk_buff *fifo_pop(struct Qdisc *sch)
{
	struct fifo_instance *q = bq_instance_of(sch);
	struct sk_buff *skb;

	if (!q)
		return bq_spare_take_packet(sch);
	skb = bq_ring_pop(&q->ring);
	if (skb)
		bq_times_add(q->stats.sojourn, bq_waited(skb));
	return skb;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(fifo_dequeue, struct Qdisc *sch)
{
	struct bq_front *front;
	struct sk_buff *skb;

	if (!sch->q.qlen)
		return NULL;
	front = bq_front_of(sch);
	skb = bq_front_take(front);
	if (!skb)
		skb = fifo_pop(sch);
	else if (!bq_front_is_counted(front))
		fifo_count_front(sch, front);
	return bq_deliver(sch, skb);
}

static __always_inline int fifo_read_intree(struct fifo_instance *q, struct nlattr *opt, u32 len)
{
	if (len < TC_FIFO_QOPT_SIZE)
		return -EINVAL;
	q->config[0].set_mask = FIFO_SET_LIMIT;
	bq_options_read(opt, &q->config[0].limit, TC_FIFO_QOPT_SIZE);
	return 0;
}

static __always_inline int fifo_start(struct fifo_instance *q, u32 default_limit)
{
	q->defaults.limit = default_limit;
	if (!(q->config[0].set_mask & FIFO_SET_LIMIT))
		q->config[0] = q->defaults;
	bq_ring_init(&q->id, &q->ring);
	return 0;
}

/* Apply the default limit: txqueuelen packets, or the bytes of as many full packets. */
static __always_inline int pfifo_start(struct fifo_instance *q, struct Qdisc *sch)
{
	return fifo_start(q, sch->dev_queue->dev->tx_queue_len);
}

static __always_inline int bfifo_start(struct fifo_instance *q, struct Qdisc *sch)
{
	const struct net_device *dev = sch->dev_queue->dev;

	return fifo_start(q, dev->tx_queue_len * (dev->mtu + dev->hard_header_len));
}

SEC("struct_ops")
int BPF_PROG(pfifo_init, struct Qdisc *sch, struct nlattr *opt)
{
	int err = bq_init(sch, opt, fifo_read_intree, pfifo_start);

	return bq_init_or_spare(sch, opt, err);
}

SEC("struct_ops")
int BPF_PROG(bfifo_init, struct Qdisc *sch, struct nlattr *opt)
{
	int err = bq_init(sch, opt, fifo_read_intree, bfifo_start);

	return bq_init_or_spare(sch, opt, err);
}

SEC("struct_ops")
void BPF_PROG(fifo_reset, struct Qdisc *sch)
{
	struct fifo_instance *q = bq_instance_of(sch);

	bq_front_purge(sch);
	if (q)
		bq_ring_purge(&q->ring);
	else
		bq_spare_reset(sch);
}

/* Clear here too: the core may skip .reset, and packets left in slots would pin the device. */
SEC("struct_ops")
void BPF_PROG(fifo_destroy, struct Qdisc *sch)
{
	struct fifo_instance *q = bq_instance_of(sch);

	if (!q) {
		bq_spare_destroy(sch);
		return;
	}
	bq_front_purge(sch);
	bq_ring_purge(&q->ring);
	bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops pfifo = {
	.enqueue = (void *)pfifo_enqueue,
	.dequeue = (void *)fifo_dequeue,
	.init = (void *)pfifo_init,
	.reset = (void *)fifo_reset,
	.destroy = (void *)fifo_destroy,
	.id = "bq_pfifo",
};

SEC(".struct_ops.link")
struct Qdisc_ops bfifo = {
	.enqueue = (void *)bfifo_enqueue,
	.dequeue = (void *)fifo_dequeue,
	.init = (void *)bfifo_init,
	.reset = (void *)fifo_reset,
	.destroy = (void *)fifo_destroy,
	.id = "bq_bfifo",
};

SEC(".struct_ops.link")
struct Qdisc_ops pfifo_head_drop = {
	.enqueue = (void *)pfifo_head_drop_enqueue,
	.dequeue = (void *)fifo_dequeue,
	.init = (void *)pfifo_init,
	.reset = (void *)fifo_reset,
	.destroy = (void *)fifo_destroy,
	.id = "bq_pfifo_hdrop",
};

char _license[] SEC("license") = "GPL";
