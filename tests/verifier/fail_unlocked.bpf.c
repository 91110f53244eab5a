// SPDX-License-Identifier: GPL-2.0-only
// needs: bpf_obj_new_impl
// expect: prog 'unlocked_enqueue'
// expect: must be held for bpf_list_head
/*
 * Rule: a list or tree is accessed while holding the lock in the same value, even where the
 * qdisc's own lock excludes all others.
 * Instead: bpf_spin_lock() and bpf_spin_unlock() around the call, as in ok_list; or slots, which
 * need no lock.
 */
#include "rules.bpf.h"
#include <bqdisc/list.bpf.h>

struct packet {
	struct bpf_list_node node;
	struct sk_buff __kptr *skb;
};

struct bpf_spin_lock lock SEC(".bss.queue") __hidden;
struct bpf_list_head queue bq_contains(packet, node) SEC(".bss.queue") __hidden;

SEC("struct_ops")
int BPF_PROG(unlocked_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct packet *p = bq_node_new(struct packet);

	if (!p) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	skb = bpf_kptr_xchg(&p->skb, skb);
	if (skb)
		bpf_qdisc_skb_drop(skb, to_free);
	bpf_list_push_back_impl(&queue, &p->node, NULL, 0);
	return NET_XMIT_SUCCESS;
}

SEC(".struct_ops.link")
struct Qdisc_ops unlocked = {
	.enqueue = (void *)unlocked_enqueue,
	.id = "bqt_fail",
};
