// SPDX-License-Identifier: GPL-2.0-only
/*
 * tbf: a rate with a burst, after net/sched/sch_tbf.c of Linux 7.3 with its bfifo inside. Packets
 * leave in the order in which they came, when the buckets have their tokens (tbf/bucket.bpf.h).
 *
 * Differences from the in-tree qdisc:
 * - A BPF qdisc cannot segment a packet. One that is longer than the burst, but whose segments are
 *   not, waits for the tokens of all of them, and leaves when the last one would have left. It is
 *   stored if its first segment fits below the limit, where the in-tree qdisc stores some segments
 *   and drops the others.
 * - A packet that was stored before a change made the burst too small for it leaves when it has
 *   its tokens; from the in-tree qdisc it never does.
 * - A packet that a busy device returned counts against the limit.
 * - A change may take TBF_LONGEST_SLEEP to have an effect, if no packet comes.
 * - The number of slots is bounded: a packet is dropped if no slot is free.
 * - There is no class, and no other qdisc inside.
 */
#include <bqdisc/drops.bpf.h>
#include <bqdisc/front.bpf.h>
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/ring.bpf.h>
#include "tbf/bucket.bpf.h"
#include "tbf/tbf_attrs.bpf.h"

/* Longest sleep in ns. A map write does not wake the qdisc, and the documented limit is 50 ms. */
#define TBF_LONGEST_SLEEP (40 * NSEC_PER_MSEC)

BQ_DEFINE_INSTANCES(struct tbf_instance)
BQ_DEFINE_INIT(struct tbf_instance)

/* --- enqueue --- */

/* Store a packet of LEN bytes that found the queue empty. */
static __always_inline void tbf_store_front(struct tbf_instance *q, struct Qdisc *sch,
					    struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
					    struct bq_front *front, u32 len)
{
	bq_lengths_add(q->stats.queue_length, 0);
	bq_front_sample(front);
	sch->q.qlen = 1;
	sch->qstats.backlog = len;
	bq_front_store(front, skb, to_free);
}

/* Store or drop the packet of LEN bytes; the caller no longer owns it. */
static __always_inline int tbf_store(struct tbf_instance *q, struct Qdisc *sch, struct sk_buff *skb,
				     struct bpf_sk_buff_ptr *to_free, u32 len)
{
	struct bq_front *front = bq_front_if_empty(sch);

	if (front) {
		tbf_store_front(q, sch, skb, to_free, front, len);
		return NET_XMIT_SUCCESS;
	}
	bq_lengths_add(q->stats.queue_length, sch->q.qlen);
	bq_stamp(skb);
	skb = bq_ring_push(&q->id, &q->ring, skb);
	if (skb)
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_no_slot);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

/* Drop the packet for REASON, a counter, or store it because the qdisc has expired. */
static __noinline int tbf_refuse(struct tbf_instance *q, struct Qdisc *sch, struct sk_buff *skb,
				 struct bpf_sk_buff_ptr *to_free, u64 *reason)
{
	if (bq_expired(&q->id))
		return tbf_store(q, sch, skb, to_free, qdisc_pkt_len(skb));
	bq_lengths_add(q->stats.queue_length, sch->q.qlen);
	return bq_drop_noted(q, sch, skb, to_free, reason);
}

/* Return the bytes of the packet's longest segment. */
static __noinline u32 tbf_segment_len(const struct sk_buff *skb)
{
	struct bq_segments s;

	bq_segments_read(&s, skb);
	return s.len;
}

SEC("struct_ops")
int BPF_PROG(tbf_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct tbf_instance *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb), need = len;

	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	tbf_sync_config(q);
	if (len > q->longest) {
		need = tbf_segment_len(skb);
		if (need > q->longest)
			return tbf_refuse(q, sch, skb, to_free, &q->stats.drops_too_long);
	}
	if ((u64)sch->qstats.backlog + need > q->limit)
		return tbf_refuse(q, sch, skb, to_free, &q->stats.drops_limit);
	return tbf_store(q, sch, skb, to_free, len);
}

/* --- dequeue --- */

/*
 * Sleep until the first packet is due at TIME, but not past the configuration check interval.
 * Return true if the qdisc has expired, and the packet may leave.
 */
static __noinline bool tbf_sleep(struct tbf_instance *q, struct Qdisc *sch, u64 time, u64 now)
{
	if (bq_expired(&q->id))
		return true;
	/* Count as in-tree, where no timer ends early. */
	if (time != q->due || now < q->wake)
		sch->qstats.overlimits++;
	q->due = time;
	if (time > now + TBF_LONGEST_SLEEP)
		time = now + TBF_LONGEST_SLEEP;
	q->wake = bq_wake_by(&q->id, time);
	bpf_qdisc_watchdog_schedule(sch, q->wake, 0);
	return false;
}

/* Return true if SKB, the first packet, of LEN bytes, may leave at NOW. Else sleep. */
static __always_inline bool tbf_may_leave(struct tbf_instance *q, struct Qdisc *sch,
					  const struct sk_buff *skb, u32 len, u64 now)
{
	u64 due = tbf_pay(q, skb, len, now);

	return !due || tbf_sleep(q, sch, due, now);
}

/* Count a packet of LEN bytes that leaves. */
static __always_inline struct sk_buff *tbf_deliver(struct Qdisc *sch, struct sk_buff *skb, u32 len)
{
	qdisc_count_out(sch, len);
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

/* Remove and return FIRST, the packet of the front slot, if it may leave; else NULL. */
static __always_inline struct sk_buff *tbf_pop_front(struct tbf_instance *q, struct Qdisc *sch,
						     struct bq_front *front,
						     const struct sk_buff *first, u64 now)
{
	u32 len = qdisc_pkt_len(first);
	struct sk_buff *skb;

	if (!tbf_may_leave(q, sch, first, len, now))
		return NULL;
	skb = bq_front_take(front);
	if (!skb)
		return NULL;
	if (!bq_front_is_counted(front))
		bq_front_count(front, q->stats.sojourn);
	return tbf_deliver(sch, skb, len);
}

/* Remove and return the oldest packet of the ring if it may leave, or NULL. */
static __always_inline struct sk_buff *tbf_pop_ring(struct tbf_instance *q, struct Qdisc *sch,
						    u64 now)
{
	struct bq_slot *slot = bq_ring_first(&q->ring);
	const struct sk_buff *first = slot ? slot->skb : NULL;
	struct sk_buff *skb;
	u32 len;

	if (!first)
		return NULL;
	len = qdisc_pkt_len(first);
	if (!tbf_may_leave(q, sch, first, len, now))
		return NULL;
	skb = bq_ring_take(&q->ring, slot);
	if (!skb)
		return NULL;
	bq_times_add(q->stats.sojourn, now - bq_stamp_of(skb));
	return tbf_deliver(sch, skb, len);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(tbf_dequeue, struct Qdisc *sch)
{
	const struct sk_buff *first;
	struct tbf_instance *q;
	struct bq_front *front;
	u64 now;

	if (!sch->q.qlen)
		return NULL;
	/* Without an instance no packet is stored. */
	q = bq_instance_at(sch->limit);
	if (!q)
		return NULL;
	tbf_sync_config(q);
	now = bpf_ktime_get_ns();
	front = bq_front_of(sch);
	first = front ? front->slot.skb : NULL;
	if (first)
		return tbf_pop_front(q, sch, front, first, now);
	return tbf_pop_ring(q, sch, now);
}

/* --- life --- */

/* Fill the buckets of an empty queue. */
static __always_inline void tbf_begin(struct tbf_instance *q)
{
	tbf_sync(q, q->id.generation);
	q->due = 0;
	q->wake = 0;
}

static __always_inline int tbf_start(struct tbf_instance *q, struct Qdisc *sch)
{
	struct tbf_config *c = &q->config[0];

	/* The in-tree qdisc has no default rate either. */
	if (!c->set_mask)
		return -EINVAL;
	if (c->peak.bytes_per_s && c->peak.bytes_per_s <= c->rate.bytes_per_s)
		return -EINVAL;
	if (!c->rate.burst || (c->peak.bytes_per_s && !c->peak.burst))
		return -EINVAL;
	c->latency = tbf_latency(c);
	bq_ring_init(&q->id, &q->ring);
	tbf_begin(q);
	return 0;
}

SEC("struct_ops")
int BPF_PROG(tbf_init, struct Qdisc *sch, struct nlattr *opt)
{
	return bq_init(sch, opt, tbf_read_intree, tbf_start);
}

static __always_inline void tbf_clear(struct tbf_instance *q, const struct Qdisc *sch)
{
	bq_front_purge(sch);
	bq_ring_purge(&q->ring);
}

SEC("struct_ops")
void BPF_PROG(tbf_reset, struct Qdisc *sch)
{
	struct tbf_instance *q = bq_instance_of(sch);

	if (!q)
		return;
	tbf_clear(q, sch);
	tbf_begin(q);
}

/* Clear here too: the core may skip .reset, and packets left in slots would pin the device. */
SEC("struct_ops")
void BPF_PROG(tbf_destroy, struct Qdisc *sch)
{
	struct tbf_instance *q = bq_instance_of(sch);

	if (!q)
		return;
	tbf_clear(q, sch);
	bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops tbf = {
	.enqueue = (void *)tbf_enqueue,
	.dequeue = (void *)tbf_dequeue,
	.init = (void *)tbf_init,
	.reset = (void *)tbf_reset,
	.destroy = (void *)tbf_destroy,
	.id = "bq_tbf",
};

char _license[] SEC("license") = "GPL";
