// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'overwritten_enqueue'
// expect: store to referenced kptr disallowed
/*
 * Rule: a place that owns a packet is never written with `=`, because what lay there would be lost.
 * Instead: bpf_kptr_xchg(), which puts one packet in and hands the other one out.
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
int BPF_PROG(overwritten_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	place = skb;
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops overwritten = {
	.enqueue = (void *)overwritten_enqueue,
	.id = "bqt_fail",
};
