/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts on the qdisc's side: reading what an egress program wrote (egress.bpf.h).
 *
 * Guarantees: data that another program or the sender left in the packet is no verdict, because it
 * lacks the instance's key. Cost: bq_verdict_read 12.
 */
#ifndef BQDISC_VERDICT_BPF_H
#define BQDISC_VERDICT_BPF_H

#include <bqdisc/egress.h>
#include <bqdisc/instance.bpf.h>

/* Return the verdict of ID's egress program on the packet, in enqueue. NULL: it wrote none. */
static __always_inline const struct bq_verdict *bq_verdict_read(const struct bq_instance *id,
								const struct sk_buff *skb)
{
	const struct bq_verdict *word = (void *)((const struct qdisc_skb_cb *)skb->cb)->data;
	u64 key = *(const volatile u64 *)&id->egress;

	return key && word->key[0] == (u32)key && word->key[1] == (u32)(key >> 32) ? word : NULL;
}

#endif
