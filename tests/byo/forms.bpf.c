// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything that nodes, lists and trees can do, in one qdisc. Each packet's node hangs in two
 * places at once: in a list, in the order of arrival, and in a tree, by its mark. It leaves in the
 * order of arrival, or with `newest` in the other one; when more than `limit` are held, that with
 * the highest mark is dropped, wherever it is.
 *
 * Where the kernel cannot take a node out of the middle of a list (before 7.2), an empty one stays
 * there and is passed over.
 */
#include <bqdisc/kit.bpf.h>
#include <bqdisc/list.bpf.h>
#include <bqdisc/tree.bpf.h>

#define LIMIT_MAX 1000

struct forms_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(PACKETS, "1", "1000", "1000", "most packets to hold");
	__u64 newest BQ_OPTION(FLAG, "0", "1", "0", "the newest leaves first");
	__u64 second BQ_OPTION(FLAG, "0", "1", "0", "a packet goes behind the first in the list");
};

struct forms_stats {
	__u64 held BQ_COUNTER(COUNT, "packets held now");
	__u64 drops_worst BQ_COUNTER(PACKETS, "packets dropped for their mark");
	__u64 drops_memory BQ_COUNTER(PACKETS, "packets refused because there was no memory");
	__u64 passed_over BQ_COUNTER(COUNT, "empty nodes found in the list");
	__u64 front_mark BQ_COUNTER(COUNT, "mark of the oldest after the last enqueue");
	__u64 back_mark BQ_COUNTER(COUNT, "mark of the newest");
	__u64 lowest_mark BQ_COUNTER(COUNT, "the lowest mark, found from the root by going left");
	__u64 wrong BQ_COUNTER(COUNT, "times that two ways to look disagreed");
};

struct BQ_QDISC("a qdisc for tests", "All forms of nodes.") forms {
	struct bq_instance id;
	struct forms_config config[2], defaults;
	struct forms_stats stats;
};

struct packet {
	u64 mark;
	struct bpf_list_node in_list;
	struct bpf_rb_node in_tree;
	struct bpf_refcount refs;
	struct sk_buff __kptr *skb;
};

BQ_KIT(struct forms)
BQ_DEFINE_LISTS(arrivals, packet, in_list, 1)
BQ_DEFINE_TREES(marks, packet, in_tree, mark, 1)

static __always_inline int forms_start(struct forms *q, struct Qdisc *sch)
{
	q->stats.held = 0;
	return 0;
}

static __always_inline void forms_clear(struct forms *q)
{
	struct arrivals_list *list = arrivals_of(&q->id, 0);
	struct marks_tree *tree = marks_of(&q->id, 0);

	if (!list || !tree)
		return;
	marks_purge(tree);
	arrivals_purge(list);
	q->stats.held = 0;
}

/* Query the list and the tree without removing an item. */
static __always_inline void look(struct forms *q, struct arrivals_list *list,
				 struct marks_tree *tree)
{
	struct bpf_list_node *front, *back;
	struct bpf_rb_node *node, *left;
	u64 first = 0, lowest = 0;
	bool lies = false;

	bpf_spin_lock(&list->lock);
	front = bpf_list_front(&list->head);
	back = bpf_list_back(&list->head);
	if (front)
		q->stats.front_mark = bq_node_of(front, struct packet, in_list)->mark;
	if (back)
		q->stats.back_mark = bq_node_of(back, struct packet, in_list)->mark;
	if (front && back && bpf_ksym_exists(bpf_list_del))
		lies = bpf_list_empty(&list->head) || !bpf_list_is_first(&list->head, front) ||
		       !bpf_list_is_last(&list->head, back);
	bpf_spin_unlock(&list->lock);

	bpf_spin_lock(&tree->lock);
	node = bpf_rbtree_first(&tree->root);
	if (node)
		first = bq_node_of(node, struct packet, in_tree)->mark;
	node = bpf_rbtree_root(&tree->root);
	while (node && can_loop) {
		lowest = bq_node_of(node, struct packet, in_tree)->mark;
		left = bpf_rbtree_left(&tree->root, node);
		node = left;
	}
	bpf_spin_unlock(&tree->lock);
	q->stats.lowest_mark = lowest;
	if (lies || first != lowest)
		q->stats.wrong++;
}

/* Remove the item with the highest mark from the tree; return the tree's reference. */
static __always_inline struct packet *take_worst(struct marks_tree *tree)
{
	struct bpf_rb_node *node, *right;

	bpf_spin_lock(&tree->lock);
	node = bpf_rbtree_root(&tree->root);
	while (node && can_loop) {
		right = bpf_rbtree_right(&tree->root, node);
		if (!right)
			break;
		node = right;
	}
	node = node ? bpf_rbtree_remove(&tree->root, node) : NULL;
	bpf_spin_unlock(&tree->lock);
	return node ? bq_node_of(node, struct packet, in_tree) : NULL;
}

/* Remove the shared P from the middle of the list, if the kernel supports it. */
static __always_inline void unlist(struct arrivals_list *list, struct packet *p)
{
	struct bpf_list_node *node;

	if (!bpf_ksym_exists(bpf_list_del))
		return;
	bpf_spin_lock(&list->lock);
	node = bpf_list_del(&list->head, &p->in_list);
	bpf_spin_unlock(&list->lock);
	if (node)
		bq_node_free(bq_node_of(node, struct packet, in_list));
}

static __always_inline void list_second(struct arrivals_list *list, struct packet *p)
{
	struct bpf_list_node *front;

	bpf_spin_lock(&list->lock);
	front = bpf_list_front(&list->head);
	if (front)
		bpf_list_add(&list->head, &p->in_list, front);
	else
		bpf_list_push_front_impl(&list->head, &p->in_list, NULL, 0);
	bpf_spin_unlock(&list->lock);
}

static __always_inline void drop_worst(struct forms *q, struct Qdisc *sch,
				       struct arrivals_list *list, struct marks_tree *tree,
				       struct bpf_sk_buff_ptr *to_free)
{
	struct packet *p = take_worst(tree);
	struct sk_buff *skb;

	if (!p)
		return;
	unlist(list, p);
	skb = bq_node_take(p);
	if (!skb)
		return;
	q->stats.held--;
	q->stats.drops_worst++;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	qdisc_drop(sch, skb, to_free);
}

SEC("struct_ops")
int BPF_PROG(forms_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct forms *q = bq_instance_of(sch);
	struct arrivals_list *list = q ? arrivals_of(&q->id, 0) : NULL;
	struct marks_tree *tree = q ? marks_of(&q->id, 0) : NULL;
	u32 len = qdisc_pkt_len(skb);
	struct packet *p, *twin;

	if (!list || !tree) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	p = bq_node_new(struct packet);
	if (!p)
		return bq_drop(sch, skb, to_free, &q->stats.drops_memory);
	p->mark = skb->mark;
	bq_node_put(p, skb, to_free);
	twin = bq_node_share(p);
	marks_add(tree, twin);
	if (bq_config(q)->second && bpf_ksym_exists(bpf_list_add))
		list_second(list, p);
	else
		arrivals_push_back(list, p);
	q->stats.held++;
	qdisc_count_in(sch, len);
	look(q, list, tree);
	if (q->stats.held > bq_config(q)->limit)
		drop_worst(q, sch, list, tree, to_free);
	return NET_XMIT_SUCCESS;
}

/* Remove the item from the tree as well, and drop both references. */
static __always_inline struct sk_buff *take(struct marks_tree *tree, struct packet *p)
{
	struct bpf_rb_node *node;

	bpf_spin_lock(&tree->lock);
	node = bpf_rbtree_remove(&tree->root, &p->in_tree);
	bpf_spin_unlock(&tree->lock);
	if (node)
		bq_node_free(bq_node_of(node, struct packet, in_tree));
	return bq_node_take(p);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(forms_dequeue, struct Qdisc *sch)
{
	struct forms *q = bq_instance_of(sch);
	struct arrivals_list *list = q ? arrivals_of(&q->id, 0) : NULL;
	struct marks_tree *tree = q ? marks_of(&q->id, 0) : NULL;
	struct sk_buff *skb;
	struct packet *p;

	if (!list || !tree)
		return NULL;
	bq_repeat(BQ_NODES_MAX) {
		p = bq_config(q)->newest ? arrivals_pop_back(list) : arrivals_pop_front(list);
		if (!p)
			return NULL;
		skb = take(tree, p);
		if (skb) {
			q->stats.held--;
			return bq_deliver(sch, skb);
		}
		q->stats.passed_over++;
	}
	return NULL;
}

BQ_KIT_OPS(forms, "forms");
