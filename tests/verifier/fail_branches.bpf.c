// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'branches_enqueue'
// expect: Unreleased reference
/*
 * Rule: enqueue owns the packet on every path, however the path winds.
 * Instead: drop it also where an urgent packet finds the place taken.
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
int BPF_PROG(branches_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	u32 len = qdisc_pkt_len(skb);

	if (len > 9000) {
		bpf_qdisc_skb_drop(skb, to_free);
		return NET_XMIT_DROP;
	}
	if (skb->priority == 7) {
		if (sch->q.qlen)
			return NET_XMIT_CN;
	}
	skb = bpf_kptr_xchg(&place, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops branches = {
	.enqueue = (void *)branches_enqueue,
	.id = "bqt_fail",
};
