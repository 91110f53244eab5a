// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'used_after_store_enqueue'
// expect: invalid mem access 'scalar'
/*
 * Rule: bpf_kptr_xchg() gives the packet to the place; the pointer is worth nothing afterwards.
 * Instead: write tstamp or cb, and read the length, before the packet is stored.
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
int BPF_PROG(used_after_store_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct sk_buff *old = bpf_kptr_xchg(&place, skb);

	if (old)
		bpf_qdisc_skb_drop(old, to_free);
	sch->qstats.backlog += qdisc_pkt_len(skb);
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops used_after_store = {
	.enqueue = (void *)used_after_store_enqueue,
	.id = "bqt_fail",
};
