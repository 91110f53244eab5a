// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'uninitialised_enqueue'
// expect: !read_ok
/*
 * Rule: what is used was set before.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(uninitialised_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	int result;

	qdisc_drop(sch, skb, to_free);
	asm volatile("" : "=r"(result));
	return result;
}

SEC(".struct_ops.link")
struct Qdisc_ops uninitialised = {
	.enqueue = (void *)uninitialised_enqueue,
	.id = "bqt_fail",
};
