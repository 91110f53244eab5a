// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'unreleased_enqueue'
// expect: Unreleased reference
/*
 * Rule: enqueue owns the packet, so on every path it either stores or drops it.
 * Instead: bpf_qdisc_skb_drop() before `return NET_XMIT_DROP`; the code returned frees nothing.
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
int BPF_PROG(unreleased_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	if (sch->q.qlen >= 1)
		return NET_XMIT_DROP;
	skb = bpf_kptr_xchg(&place, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops unreleased = {
	.enqueue = (void *)unreleased_enqueue,
	.id = "bqt_fail",
};
