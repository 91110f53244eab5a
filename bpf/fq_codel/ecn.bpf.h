/* SPDX-License-Identifier: GPL-2.0-only */
/* ECN field of packets, for the qdisc and its egress program. */
#ifndef BQDISC_FQ_CODEL_ECN_BPF_H
#define BQDISC_FQ_CODEL_ECN_BPF_H

#include <bqdisc/kernel.bpf.h>
#include <bpf/bpf_endian.h>

#define FQ_CODEL_ECN_MASK 3

/*
 * Return the byte with DSCP and ECN of an IP packet; 0, which is not ECN-capable, for others and
 * for packets with a VLAN tag inside. SKB may be a packet that a slot holds.
 */
static __always_inline u32 fq_codel_dsfield(const struct sk_buff *skb)
{
	const u8 *ip = bpf_rdonly_cast((void *)((u64)skb->head + skb->network_header), 0);

	if (skb->protocol == bpf_htons(0x0800))
		return ip[1];
	if (skb->protocol == bpf_htons(0x86dd))
		return (ip[0] & 15) << 4 | ip[1] >> 4;
	return 0;
}

static __always_inline bool fq_codel_has_ecn(const struct sk_buff *skb)
{
	return fq_codel_dsfield(skb) & FQ_CODEL_ECN_MASK;
}

#endif
