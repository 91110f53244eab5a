// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'helper_enqueue'
// expect: cannot use helper bpf_skb_store_bytes
/*
 * Rule: a qdisc does not change packets, and has none of the helpers that do.
 * Instead: a tcx program on egress, which sees the packet first.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(helper_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	char ttl = 1;

	bpf_skb_store_bytes((void *)skb, 22, &ttl, sizeof(ttl), 0);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops helper = {
	.enqueue = (void *)helper_enqueue,
	.id = "bqt_fail",
};
