// SPDX-License-Identifier: GPL-2.0-only
// expect: register name_long: Invalid argument
/*
 * Rule: the name of a kind has at most 15 characters; letters, digits, '_' and '.'.
 * Instead: a shorter .id. The kernel does not say what it dislikes.
 */
#include "rules.bpf.h"
#include "single.bpf.h"

SEC("struct_ops")
int BPF_PROG(name_long_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(name_long_dequeue, struct Qdisc *sch)
{
	return NULL;
}

SEC("struct_ops")
void BPF_PROG(name_long_reset, struct Qdisc *sch)
{
}

SEC(".struct_ops.link")
struct Qdisc_ops name_long = {
	.enqueue = (void *)name_long_enqueue,
	.dequeue = (void *)name_long_dequeue,
	.init = (void *)single_init,
	.reset = (void *)name_long_reset,
	.destroy = (void *)single_destroy,
	.id = "bqt_sixteen_long",
};
