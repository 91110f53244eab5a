// SPDX-License-Identifier: GPL-2.0-only
// expect-6.17: (loads)
// expect-7.3: prog 'written_after_take_dequeue'
// expect-7.3: only read is supported
/*
 * Rule: a packet that was taken out of its place can only be read. Kernels before 7.3 let it pass.
 * Instead: write tstamp and cb in enqueue, before the packet is stored; keep what changes later
 * beside the place.
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
struct sk_buff *BPF_PROG(written_after_take_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb = bpf_kptr_xchg(&place, NULL);

	if (skb)
		skb->tstamp = 0;
	return skb;
}

SEC(".struct_ops.link")
struct Qdisc_ops written_after_take = {
	.dequeue = (void *)written_after_take_dequeue,
	.id = "bqt_fail",
};
