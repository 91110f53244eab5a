// SPDX-License-Identifier: GPL-2.0-only
// expect: register incomplete: Invalid argument
/*
 * Rule: all five operations are there, or the kind is not registered. The programs load; it is the
 * kind that is refused, and the kernel does not say why.
 * Instead: write an empty .reset or .destroy where there is nothing to do. Here .reset is missing.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(incomplete_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(incomplete_dequeue, struct Qdisc *sch)
{
	return NULL;
}

SEC("struct_ops")
int BPF_PROG(incomplete_init, struct Qdisc *sch, struct nlattr *opt)
{
	return 0;
}

SEC("struct_ops")
void BPF_PROG(incomplete_destroy, struct Qdisc *sch)
{
}

SEC(".struct_ops.link")
struct Qdisc_ops incomplete = {
	.enqueue = (void *)incomplete_enqueue,
	.dequeue = (void *)incomplete_dequeue,
	.init = (void *)incomplete_init,
	.destroy = (void *)incomplete_destroy,
	.id = "bqt_incomplete",
};
