// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'two_names_enqueue'
// expect-6.17: arg#0 pointer type STRUCT sk_buff must point to scalar
// expect-7.2: release kfunc bpf_qdisc_skb_drop expects referenced PTR_TO_BTF_ID
/*
 * Rule: two pointers to a packet are two names of one reference. Giving the packet away by one of
 * them ends both.
 * Instead: after the drop use neither.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int two_names_enqueue(volatile u64 *args)
{
	struct sk_buff *one = (void *)args[0], *other = (void *)args[0];

	bpf_qdisc_skb_drop(one, (void *)args[2]);
	bpf_qdisc_skb_drop(other, (void *)args[2]);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops two_names = {
	.enqueue = (void *)two_names_enqueue,
	.id = "bqt_fail",
};
