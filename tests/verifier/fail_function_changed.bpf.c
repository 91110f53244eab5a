// SPDX-License-Identifier: GPL-2.0-only
// needs: bpf_rbtree_first
// expect: extern (func ksym) 'bpf_rbtree_first'
/*
 * Rule: a function of the kernel's is declared as the kernel has it.
 * Instead: include the header of the kit that declares it.
 */
#include "rules.bpf.h"

extern int bpf_rbtree_first(int root) __ksym;

SEC("struct_ops")
int BPF_PROG(function_changed_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	sch->qstats.overlimits += bpf_rbtree_first(1);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops function_changed = {
	.enqueue = (void *)function_changed_enqueue,
	.id = "bqt_fail",
};
