// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'exchanged_unseen_enqueue'
// expect: Unreleased reference
/*
 * Rule: what bpf_kptr_xchg() returns belongs to the caller, even where the author knows that the
 * place is empty.
 * Instead: test the result, and drop it if there is one.
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
int BPF_PROG(exchanged_unseen_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	bpf_kptr_xchg(&place, skb);
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops exchanged_unseen = {
	.enqueue = (void *)exchanged_unseen_enqueue,
	.id = "bqt_fail",
};
