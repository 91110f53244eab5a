// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'freed_look_dequeue'
/*
 * Rule: only its owner frees a packet. A pointer read from a place is borrowed.
 * Instead: take it out with bpf_kptr_xchg(&place, NULL).
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
struct sk_buff *BPF_PROG(freed_look_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb = place;

	if (skb)
		bpf_kfree_skb(skb);
	return NULL;
}

SEC(".struct_ops.link")
struct Qdisc_ops freed_look = {
	.dequeue = (void *)freed_look_dequeue,
	.id = "bqt_fail",
};
