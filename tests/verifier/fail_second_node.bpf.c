// SPDX-License-Identifier: GPL-2.0-only
// needs: bpf_refcount_acquire_impl
// expect: prog 'second_node_enqueue'
// expect: doesn't point to a type with bpf_refcount field
/*
 * Rule: an object is shared only if it counts its references.
 * Instead: give it a struct bpf_refcount as a member.
 */
#include "rules.bpf.h"
#include <bqdisc/nodes.bpf.h>

struct packet {
	struct bpf_list_node node;
	struct sk_buff __kptr *skb;
};

SEC("struct_ops")
int BPF_PROG(second_node_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct packet *p = bq_node_new(struct packet), *second;

	if (p) {
		second = bpf_refcount_acquire_impl(p, NULL);
		bq_node_free(second);
		bq_node_free(p);
	}
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops second_node = {
	.enqueue = (void *)second_node_enqueue,
	.id = "bqt_fail",
};
