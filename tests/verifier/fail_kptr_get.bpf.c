// SPDX-License-Identifier: GPL-2.0-only
// expect: extern (func ksym) 'bpf_task_kptr_get': not found
/*
 * Rule: a pointer in a place may be read there while RCU protects it. Up to 6.3 a function took a
 * reference out of a place without emptying it; that kind is gone.
 * Instead: bpf_rcu_read_lock(), read in place, and acquire what is to be kept.
 */
#include "rules.bpf.h"

struct task_struct;
struct task_struct *bpf_task_kptr_get(struct task_struct **place) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;

struct task_struct __kptr *owner SEC(".bss.places") __hidden;

SEC("struct_ops")
int BPF_PROG(kptr_get_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct task_struct *task = bpf_task_kptr_get(&owner);

	if (task)
		bpf_task_release(task);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops kptr_get = {
	.enqueue = (void *)kptr_get_enqueue,
	.id = "bqt_fail",
};
