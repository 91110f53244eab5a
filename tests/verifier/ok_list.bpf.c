// SPDX-License-Identifier: GPL-2.0-only
// needs: bpf_obj_new_impl
/*
 * Rule: a packet may be stored in an object of one's own. The packet belongs to the object, the
 * object to the list; every step moves one of them, and dropping an object frees what it holds.
 *
 * First in, first out, one allocated object a packet. An allocation can fail, and costs: a ring of
 * slots (ok_slots) is the cheaper way, this one is without a fixed size.
 */
#include "rules.bpf.h"
#include <bqdisc/list.bpf.h>
#include "single.bpf.h"

#define LIMIT 1000

struct packet {
	struct bpf_list_node node;
	struct sk_buff __kptr *skb;
};

/* One section is one value: the lock guards the list in it. */
struct bpf_spin_lock lock SEC(".bss.queue") __hidden;
struct bpf_list_head queue bq_contains(packet, node) SEC(".bss.queue") __hidden;

SEC("struct_ops")
int BPF_PROG(list_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	u32 len = qdisc_pkt_len(skb);
	struct packet *p;

	if (sch->q.qlen >= LIMIT)
		goto drop;
	p = bq_node_new(struct packet);
	if (!p)
		goto drop;
	skb = bpf_kptr_xchg(&p->skb, skb);
	if (skb) /* never, for the object is new; but this program would have to drop it */
		bpf_qdisc_skb_drop(skb, to_free);
	bpf_spin_lock(&lock);
	bpf_list_push_back_impl(&queue, &p->node, NULL, 0);
	bpf_spin_unlock(&lock);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
drop:
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

static __always_inline struct packet *take_oldest(void)
{
	struct bpf_list_node *node;

	bpf_spin_lock(&lock);
	node = bpf_list_pop_front(&queue);
	bpf_spin_unlock(&lock);
	return node ? bq_node_of(node, struct packet, node) : NULL;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(list_dequeue, struct Qdisc *sch)
{
	struct packet *p = take_oldest();
	struct sk_buff *skb;

	if (!p)
		return NULL;
	skb = bpf_kptr_xchg(&p->skb, NULL);
	bq_node_free(p);
	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

SEC("struct_ops")
void BPF_PROG(list_reset, struct Qdisc *sch)
{
	struct packet *p;
	int i;

	if (!single_is_mine(sch))
		return;
	bpf_for(i, 0, LIMIT) {
		p = take_oldest();
		if (!p)
			break;
		bq_node_free(p);
	}
}

SEC(".struct_ops.link")
struct Qdisc_ops ok_list = {
	.enqueue = (void *)list_enqueue,
	.dequeue = (void *)list_dequeue,
	.init = (void *)single_init,
	.reset = (void *)list_reset,
	.destroy = (void *)single_destroy,
	.id = "bqt_list",
};
