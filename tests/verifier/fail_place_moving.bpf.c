// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'place_moving_enqueue'
// expect: has to be at the constant offset
/*
 * Rule: an owning pointer is at an offset in its value that is known when the program is loaded.
 * Instead: one pointer a value, and the index as the key of the map: as slots do.
 */
#include "rules.bpf.h"

struct places {
	struct sk_buff __kptr *skb[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct places);
} places SEC(".maps");

SEC("struct_ops")
int BPF_PROG(place_moving_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	u32 key = 0, n = sch->q.qlen;
	struct places *p = bpf_map_lookup_elem(&places, &key);

	if (p) {
		skb = bpf_kptr_xchg(&p->skb[n & 3], skb);
		if (!skb)
			return NET_XMIT_SUCCESS;
	}
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops place_moving = {
	.enqueue = (void *)place_moving_enqueue,
	.id = "bqt_fail",
};
