// SPDX-License-Identifier: GPL-2.0-only
// expect: combined stack size of
/*
 * Rule: all functions of a program that call each other have 512 bytes of stack together.
 * Instead: keep large data in maps.
 */
#include "rules.bpf.h"

static __noinline u32 sum(const u32 *from, u32 n)
{
	volatile u32 copy[80];
	u32 i, all = 0;

	for (i = 0; i < 80; i++)
		copy[i] = from[i & 7] + n;
	for (i = 0; i < 80; i++)
		all += copy[i];
	return all;
}

SEC("struct_ops")
int BPF_PROG(stack_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	volatile u32 words[80];
	u32 i;

	for (i = 0; i < 80; i++)
		words[i] = skb->len + i;
	sch->qstats.overlimits += sum((const u32 *)words, skb->mark);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops stack = {
	.enqueue = (void *)stack_enqueue,
	.id = "bqt_fail",
};
