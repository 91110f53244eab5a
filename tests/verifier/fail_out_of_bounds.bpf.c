// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'out_of_bounds_enqueue'
/*
 * Rule: an index is seen to be within its array.
 * Instead: compare it right before, or mask it.
 */
#include "rules.bpf.h"

u32 counts[16];

SEC("struct_ops")
int BPF_PROG(out_of_bounds_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	counts[skb->priority]++;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops out_of_bounds = {
	.enqueue = (void *)out_of_bounds_enqueue,
	.id = "bqt_fail",
};
