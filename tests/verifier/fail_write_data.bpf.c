// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'write_data_enqueue'
// expect: cannot write into
/*
 * Rule: a qdisc reads packets and does not change them.
 * Instead: a tcx program on egress, before the packet comes here.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(write_data_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct bpf_dynptr view;
	u8 *ttl;

	bpf_dynptr_from_skb(skb, 0, &view);
	ttl = bpf_dynptr_slice(&view, 22, NULL, 1);
	if (ttl)
		*ttl = 1;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops write_data = {
	.enqueue = (void *)write_data_enqueue,
	.id = "bqt_fail",
};
