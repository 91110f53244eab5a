// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'untrusted_dequeue'
/*
 * Rule: a pointer read from a place may become invalid at any time, so no function accepts it.
 * Instead: take it out with bpf_kptr_xchg(), use it, and put it back.
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
struct sk_buff *BPF_PROG(untrusted_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb = place;

	if (skb)
		sch->qstats.overlimits += bpf_skb_get_hash(skb);
	return NULL;
}

SEC(".struct_ops.link")
struct Qdisc_ops untrusted = {
	.dequeue = (void *)untrusted_dequeue,
	.id = "bqt_fail",
};
