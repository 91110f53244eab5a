// SPDX-License-Identifier: GPL-2.0-only
// expect: extern (func ksym) 'bpf_skb_release': not found
/*
 * Rule: a packet is freed by bpf_qdisc_skb_drop() in enqueue and bpf_kfree_skb() elsewhere. In the
 * first versions of the series there was one function for both.
 */
#include "rules.bpf.h"

extern void bpf_skb_release(struct sk_buff *skb) __ksym;

SEC("struct_ops")
int BPF_PROG(skb_release_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	bpf_skb_release(skb);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops skb_release = {
	.enqueue = (void *)skb_release_enqueue,
	.id = "bqt_fail",
};
