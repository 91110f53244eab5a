// SPDX-License-Identifier: GPL-2.0-only
// expect: register name_taken: File exists
/*
 * Rule: the name of a kind is there once in the machine, the kernel's own kinds included.
 * Instead: another .id.
 */
#include "rules.bpf.h"
#include "single.bpf.h"

SEC("struct_ops")
int BPF_PROG(name_taken_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(name_taken_dequeue, struct Qdisc *sch)
{
	return NULL;
}

SEC("struct_ops")
void BPF_PROG(name_taken_reset, struct Qdisc *sch)
{
}

SEC(".struct_ops.link")
struct Qdisc_ops name_taken = {
	.enqueue = (void *)name_taken_enqueue,
	.dequeue = (void *)name_taken_dequeue,
	.init = (void *)single_init,
	.reset = (void *)name_taken_reset,
	.destroy = (void *)single_destroy,
	.id = "pfifo",
};
