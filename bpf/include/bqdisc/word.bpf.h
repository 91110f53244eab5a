/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The qdisc's end of what a companion says (companion.bpf.h).
 *
 * Guarantees: what another program or the sender left in the packet is taken for no word, as it has
 * not the instance's key. Cost: bq_word_of 12.
 */
#ifndef BQDISC_WORD_BPF_H
#define BQDISC_WORD_BPF_H

#include <bqdisc/companion.h>
#include <bqdisc/instance.bpf.h>

/* What the companion of ID said of the packet, in enqueue; NULL: nothing, or it never came by. */
static __always_inline const struct bq_word *bq_word_of(const struct bq_instance *id,
							const struct sk_buff *skb)
{
	const struct bq_word *word = (void *)((const struct qdisc_skb_cb *)skb->cb)->data;
	u64 key = *(const volatile u64 *)&id->companion;

	return key && word->key[0] == (u32)key && word->key[1] == (u32)(key >> 32) ? word : NULL;
}

#endif
