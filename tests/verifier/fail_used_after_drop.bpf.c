// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'used_after_drop_enqueue'
// expect: invalid mem access 'scalar'
/*
 * Rule: bpf_qdisc_skb_drop() takes the packet; the pointer is worth nothing afterwards.
 * Instead: read what is needed, the length say, before giving the packet away.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(used_after_drop_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	bpf_qdisc_skb_drop(skb, to_free);
	sch->qstats.drops += skb->len;
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops used_after_drop = {
	.enqueue = (void *)used_after_drop_enqueue,
	.id = "bqt_fail",
};
