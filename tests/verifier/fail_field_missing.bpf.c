// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'field_missing_enqueue'
// expect: failed to resolve CO-RE relocation
/*
 * Rule: a field is read where the kernel that runs has it, and not at all if it has none.
 * Instead: ask bpf_core_field_exists() before.
 */
#include "rules.bpf.h"

struct sk_buff___mine {
	u32 no_such_field;
} __attribute__((preserve_access_index));

SEC("struct_ops")
int BPF_PROG(field_missing_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	sch->limit = ((struct sk_buff___mine *)skb)->no_such_field;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops field_missing = {
	.enqueue = (void *)field_missing_enqueue,
	.id = "bqt_fail",
};
