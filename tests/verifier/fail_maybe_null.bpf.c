// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'maybe_null_enqueue'
// expect: invalid mem access 'map_value_or_null'
/*
 * Rule: what a lookup gives may be NULL, even under a key that is always there.
 * Instead: test it first.
 */
#include "rules.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");

SEC("struct_ops")
int BPF_PROG(maybe_null_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	u32 key = 0;
	u64 *count = bpf_map_lookup_elem(&counts, &key);

	(*count)++;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops maybe_null = {
	.enqueue = (void *)maybe_null_enqueue,
	.id = "bqt_fail",
};
