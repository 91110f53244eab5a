// SPDX-License-Identifier: GPL-2.0-only
// needs: bpf_obj_new_impl
/*
 * Rule: the first object of a tree may be read while the lock is held, without removing it; it
 * is owned by the one who removes it.
 *
 * Every packet waits 1 ms: the tree is ordered by the time at which it is due, and the watchdog
 * wakes the qdisc at the first of them. The key is read before the packet is stored, for nothing of
 * a stored packet can be written any more.
 */
#include "rules.bpf.h"
#include <bqdisc/tree.bpf.h>
#include "single.bpf.h"

#define LIMIT 1000
#define DELAY_NS 1000000

struct packet {
	u64 due_ns; /* CLOCK_MONOTONIC */
	struct bpf_rb_node node;
	struct sk_buff __kptr *skb;
};

/* One section is one value: the lock guards the tree in it. */
struct bpf_spin_lock lock SEC(".bss.queue") __hidden;
struct bpf_rb_root queue bq_contains(packet, node) SEC(".bss.queue") __hidden;

static bool is_due_before(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return bq_node_of(a, struct packet, node)->due_ns <
	       bq_node_of(b, struct packet, node)->due_ns;
}

SEC("struct_ops")
int BPF_PROG(rbtree_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	u32 len = qdisc_pkt_len(skb);
	struct packet *p;

	if (sch->q.qlen >= LIMIT)
		goto drop;
	p = bq_node_new(struct packet);
	if (!p)
		goto drop;
	p->due_ns = bpf_ktime_get_ns() + DELAY_NS;
	skb = bpf_kptr_xchg(&p->skb, skb);
	if (skb) /* never, for the object is new; but this program would have to drop it */
		bpf_qdisc_skb_drop(skb, to_free);
	bpf_spin_lock(&lock);
	bpf_rbtree_add_impl(&queue, &p->node, is_due_before, NULL, 0);
	bpf_spin_unlock(&lock);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
drop:
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

/* Takes the first packet if it is due by NOW. If not, NULL, and *DUE_NS is when it will be. */
static __always_inline struct packet *take_due(u64 now, u64 *due_ns)
{
	struct bpf_rb_node *node;

	*due_ns = 0;
	bpf_spin_lock(&lock);
	node = bpf_rbtree_first(&queue);
	if (node) {
		*due_ns = bq_node_of(node, struct packet, node)->due_ns;
		node = *due_ns <= now ? bpf_rbtree_remove(&queue, node) : NULL;
	}
	bpf_spin_unlock(&lock);
	return node ? bq_node_of(node, struct packet, node) : NULL;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(rbtree_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb;
	struct packet *p;
	u64 due_ns;

	p = take_due(bpf_ktime_get_ns(), &due_ns);
	if (!p) {
		if (due_ns)
			bpf_qdisc_watchdog_schedule(sch, due_ns, 0);
		return NULL;
	}
	skb = bpf_kptr_xchg(&p->skb, NULL);
	bq_node_free(p);
	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

SEC("struct_ops")
void BPF_PROG(rbtree_reset, struct Qdisc *sch)
{
	struct packet *p;
	u64 due_ns;
	int i;

	if (!single_is_mine(sch))
		return;
	bpf_for(i, 0, LIMIT) {
		p = take_due(~0ULL, &due_ns);
		if (!p)
			break;
		bq_node_free(p);
	}
}

SEC(".struct_ops.link")
struct Qdisc_ops ok_rbtree = {
	.enqueue = (void *)rbtree_enqueue,
	.dequeue = (void *)rbtree_dequeue,
	.init = (void *)single_init,
	.reset = (void *)rbtree_reset,
	.destroy = (void *)single_destroy,
	.id = "bqt_rbtree",
};
