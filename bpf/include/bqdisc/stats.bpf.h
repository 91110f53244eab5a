/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters: plain __u64 members of the stats struct (tags.bpf.h), one for each reason to drop, and
 * histograms, which are arrays of them.
 *
 * Guarantees: `++` loses no update in enqueue and dequeue, which hold the qdisc's lock. Cost: 3 for
 * a counter, bq_histogram_add 42.
 */
#ifndef BQDISC_STATS_BPF_H
#define BQDISC_STATS_BPF_H

#include <bqdisc/qdisc.bpf.h>

/*
 * Return the bucket of VALUE in a histogram of BUCKETS, a constant. Bucket 0 is for 0, bucket n for
 * 2^(n-1) to 2^n - 1, the last for all above.
 */
static __always_inline u32 bq_bucket_of(u64 value, u32 buckets)
{
	u32 n = 0;

	if (value >> 32)
		n += 32, value >>= 32;
	if (value >> 16)
		n += 16, value >>= 16;
	if (value >> 8)
		n += 8, value >>= 8;
	if (value >> 4)
		n += 4, value >>= 4;
	if (value >> 2)
		n += 2, value >>= 2;
	n += value > 1 ? 2 : value;
	return n < buckets ? n : buckets - 1;
}

/* Count VALUE in the histogram, an array member of the stats struct. */
#define bq_histogram_add(histogram, value)                                                         \
	((histogram)[bq_bucket_of(value, sizeof(histogram) / sizeof((histogram)[0]))]++)

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
