// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'second_enqueue'
// expect: neither owning or non-owning ref
/*
 * Rule: a packet has one reference, and there is no way to make another.
 * Instead: move it. A second place holds the number of the slot, or a node of yours that is shared.
 */
#include "rules.bpf.h"
#include <bqdisc/nodes.bpf.h>

PLACE(place);

SEC("struct_ops")
int BPF_PROG(second_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct sk_buff *second = bpf_refcount_acquire_impl(skb, NULL), *old;

	old = bpf_kptr_xchg(&place, second);
	if (old)
		bpf_qdisc_skb_drop(old, to_free);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops second = {
	.enqueue = (void *)second_enqueue,
	.id = "bqt_fail",
};
