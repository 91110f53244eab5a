// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'stored_twice_enqueue'
// expect: R2 type=scalar expected=
/*
 * Rule: a packet is in one place. It cannot be in a queue of its flow and in one by time at once.
 * Instead: store the packet in a slot, and let the queues hold the number of the slot.
 */
#include "rules.bpf.h"

PLACE(flow);
PLACE(timeline);

SEC("struct_ops")
int BPF_PROG(stored_twice_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct sk_buff *old = bpf_kptr_xchg(&flow, skb);

	if (old)
		bpf_qdisc_skb_drop(old, to_free);
	old = bpf_kptr_xchg(&timeline, skb);
	if (old)
		bpf_qdisc_skb_drop(old, to_free);
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops stored_twice = {
	.enqueue = (void *)stored_twice_enqueue,
	.id = "bqt_fail",
};
