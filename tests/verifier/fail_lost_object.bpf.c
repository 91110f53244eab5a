// SPDX-License-Identifier: GPL-2.0-only
// needs: bpf_obj_new_impl
// expect: prog 'lost_object_enqueue'
// expect: Unreleased reference
/*
 * Rule: an allocated object is owned as a packet is: freed, hung into a list, or put into a place.
 * Instead: bq_node_free() on every path that does not give it away.
 */
#include "rules.bpf.h"
#include <bqdisc/nodes.bpf.h>

struct packet {
	struct sk_buff __kptr *skb;
	u64 time;
};

SEC("struct_ops")
int BPF_PROG(lost_object_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct packet *p = bq_node_new(struct packet);

	if (p)
		p->time = bpf_ktime_get_ns();
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops lost_object = {
	.enqueue = (void *)lost_object_enqueue,
	.id = "bqt_fail",
};
