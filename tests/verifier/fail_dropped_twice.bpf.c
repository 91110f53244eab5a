// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'dropped_twice_enqueue'
// expect-6.17: arg#0 pointer type STRUCT sk_buff must point to scalar
// expect-7.2: release kfunc bpf_qdisc_skb_drop expects referenced PTR_TO_BTF_ID
/*
 * Rule: a packet is dropped once. The function that dropped it no longer owns it.
 * Instead: let one function own the drop, as qdisc_drop() does, and return right after it.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(dropped_twice_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	bpf_qdisc_skb_drop(skb, to_free);
	bpf_qdisc_skb_drop(skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops dropped_twice = {
	.enqueue = (void *)dropped_twice_enqueue,
	.id = "bqt_fail",
};
