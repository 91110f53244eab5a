/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters: plain __u64 members of the stats struct (tags.bpf.h), one for each reason to drop, and
 * histograms (histogram.h), which are arrays of them.
 *
 * bq_stamp() in enqueue and bq_waited() in dequeue measure how long a packet was in the qdisc. The
 * time is in the packet's cb, so no queue has to keep it.
 *
 * Guarantees: `++` loses no update in enqueue and dequeue, which hold the qdisc's lock. Cost: 3 for
 * a counter; bq_stamp and bq_waited mostly that of the clock.
 */
#ifndef BQDISC_STATS_BPF_H
#define BQDISC_STATS_BPF_H

#include <bqdisc/histogram.h>
#include <bqdisc/qdisc.bpf.h>

/* Remember the time of arrival in the packet, which must not be stored yet. */
static __always_inline void bq_stamp(struct sk_buff *skb)
{
	u64 *stamp = (void *)((struct qdisc_skb_cb *)skb->cb)->data;

	*stamp = bpf_ktime_get_ns();
}

/* Return the time at which bq_stamp() was called for the packet, CLOCK_MONOTONIC ns. */
static __always_inline u64 bq_stamp_of(const struct sk_buff *skb)
{
	return *(const u64 *)((const struct qdisc_skb_cb *)skb->cb)->data;
}

/* Return how long ago bq_stamp() was called for the packet, in ns. */
static __always_inline u64 bq_waited(const struct sk_buff *skb)
{
	return bpf_ktime_get_ns() - bq_stamp_of(skb);
}

/* Drop a packet in enqueue and count it in REASON, a counter. Return the value for enqueue. */
static __always_inline int bq_drop(struct Qdisc *sch, struct sk_buff *skb,
				   struct bpf_sk_buff_ptr *to_free, u64 *reason)
{
	++*reason;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

/* Update the core's counters and return the packet, for dequeue to return. */
static __always_inline struct sk_buff *bq_deliver(struct Qdisc *sch, struct sk_buff *skb)
{
	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

#endif
