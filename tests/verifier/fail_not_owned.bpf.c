// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'not_owned_dequeue'
/*
 * Rule: only its owner frees a packet. A number has no owner.
 * Instead: keep it in a place with __kptr, and take it out with bpf_kptr_xchg().
 */
#include "rules.bpf.h"

u64 saved;

SEC("struct_ops")
struct sk_buff *BPF_PROG(not_owned_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb = (struct sk_buff *)saved;

	if (skb)
		bpf_kfree_skb(skb);
	return NULL;
}

SEC(".struct_ops.link")
struct Qdisc_ops not_owned = {
	.dequeue = (void *)not_owned_dequeue,
	.id = "bqt_fail",
};
