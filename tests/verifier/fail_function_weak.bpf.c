// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'function_weak_enqueue'
// expect: kfunc 'bqt_no_such_function' is referenced but wasn't resolved
/*
 * Rule: a function that is __weak may be missing, and is not called then.
 * Instead: call it where bpf_ksym_exists() says that it is there.
 */
#include "rules.bpf.h"

int bqt_no_such_function(struct Qdisc *sch) __ksym __weak;

SEC("struct_ops")
int BPF_PROG(function_weak_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	sch->qstats.drops += bqt_no_such_function(sch);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops function_weak = {
	.enqueue = (void *)function_weak_enqueue,
	.id = "bqt_fail",
};
