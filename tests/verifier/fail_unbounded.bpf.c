// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'unbounded_enqueue'
// expect: infinite loop detected
/*
 * Rule: the kernel must see that a loop ends.
 * Instead: bpf_for(), or can_loop in the condition.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(unbounded_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	while (sch->q.qlen)
		barrier();
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops unbounded = {
	.enqueue = (void *)unbounded_enqueue,
	.id = "bqt_fail",
};
