/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segments into which a device divides a packet (GSO): bq_segments_read() reads their lengths.
 *
 * Guarantees: the lengths add up to that of the packet for the core. Cost: about 30.
 */
#ifndef BQDISC_SEGMENTS_BPF_H
#define BQDISC_SEGMENTS_BPF_H

#include <bqdisc/qdisc.bpf.h>

/* All segments are equal but the last one. Lengths are bytes with all headers. */
struct bq_segments {
	u32 n;
	u32 len;
	u32 last_len;
};

/* Read the segments of SKB. The core adds the headers of all but the first to its length. */
static __always_inline void bq_segments_read(struct bq_segments *s, const struct sk_buff *skb)
{
	const struct skb_shared_info *info = bpf_rdonly_cast(skb->head + skb->end, 0);
	u32 len = qdisc_pkt_len(skb), n = info->gso_segs, full;

	*s = (struct bq_segments){ .n = 1, .len = len, .last_len = len };
	if (!info->gso_size || n < 2 || len < skb->len)
		return;
	full = (len - skb->len) / (n - 1) + info->gso_size;
	if ((u64)full * (n - 1) >= len)
		return;
	s->n = n;
	s->len = full;
	s->last_len = len - full * (n - 1);
}

#endif
