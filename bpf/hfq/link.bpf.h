/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that a packet takes on the link, as cake_overhead() of sch_cake.c of Linux 7.3. */
#ifndef BQDISC_HFQ_LINK_BPF_H
#define BQDISC_HFQ_LINK_BPF_H

#include <bqdisc/segments.bpf.h>
#include "hfq.h"

/* Return the bytes on the link of LEN bytes, of which HEADER come before the network header. */
static __always_inline u32 hfq_framed(const struct hfq_config *c, u32 len, u32 header)
{
	if (c->set_mask >> HFQ_OVERHEAD & 1)
		len += c->overhead - header;
	if (len < c->mpu)
		len = c->mpu;
	if (c->linklayer == HFQ_ATM)
		return (len + 47) / 48 * 53;
	return c->linklayer == HFQ_PTM ? len + (len + 63) / 64 : len;
}

/* Return the bytes on the link of all segments of the packet. */
static __noinline u32 hfq_link_len(const struct hfq_config *c, const struct sk_buff *skb)
{
	u32 header = skb->network_header - (u32)(skb->data - skb->head);
	struct bq_segments s;

	bq_segments_read(&s, skb);
	return (s.n - 1) * hfq_framed(c, s.len, header) + hfq_framed(c, s.last_len, header);
}

/* Return the bytes that the rates count for the packet, of LEN bytes. */
static __always_inline u32 hfq_cost_of(const struct hfq_config *c, const struct sk_buff *skb,
				       u32 len)
{
	return c->set_mask & HFQ_LINK_OPTIONS ? hfq_link_len(c, skb) : len;
}

#endif
