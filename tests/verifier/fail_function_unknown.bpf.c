// SPDX-License-Identifier: GPL-2.0-only
// expect: extern (func ksym) 'bqt_no_such_function': not found
/*
 * Rule: a function must exist in the running kernel.
 * Instead: __weak, and a test of bpf_ksym_exists() before the call.
 */
#include "rules.bpf.h"
#include "single.bpf.h"

int bqt_no_such_function(struct Qdisc *sch) __ksym;

SEC("struct_ops")
int BPF_PROG(function_unknown_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	sch->qstats.drops += bqt_no_such_function(sch);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(function_unknown_dequeue, struct Qdisc *sch)
{
	return NULL;
}

SEC("struct_ops")
void BPF_PROG(function_unknown_reset, struct Qdisc *sch)
{
}

SEC(".struct_ops.link")
struct Qdisc_ops function_unknown = {
	.enqueue = (void *)function_unknown_enqueue,
	.dequeue = (void *)function_unknown_dequeue,
	.init = (void *)single_init,
	.reset = (void *)function_unknown_reset,
	.destroy = (void *)single_destroy,
	.id = "bqt_fail",
};
