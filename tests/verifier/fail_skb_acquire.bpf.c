// SPDX-License-Identifier: GPL-2.0-only
// expect: extern (func ksym) 'bpf_skb_acquire': not found
/*
 * Rule: enqueue owns its packet from the start. In the first versions of the series it did not, and
 * took a reference by a function that the kernel never got.
 * Instead: store the argument itself.
 */
#include "rules.bpf.h"

struct sk_buff *bpf_skb_acquire(struct sk_buff *skb) __ksym;

PLACE(place);

SEC("struct_ops")
int BPF_PROG(skb_acquire_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct sk_buff *old = bpf_kptr_xchg(&place, bpf_skb_acquire(skb));

	if (old)
		bpf_qdisc_skb_drop(old, to_free);
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops skb_acquire = {
	.enqueue = (void *)skb_acquire_enqueue,
	.id = "bqt_fail",
};
