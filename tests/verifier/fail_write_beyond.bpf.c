// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'write_beyond_enqueue'
// expect: beyond the member
/*
 * Rule: of cb 20 bytes are the qdisc's own.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(write_beyond_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct qdisc_skb_cb *cb = (struct qdisc_skb_cb *)skb->cb;

	*(u32 *)(cb->data + 18) = 1;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops write_beyond = {
	.enqueue = (void *)write_beyond_enqueue,
	.id = "bqt_fail",
};
