/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trees of nodes (nodes.bpf.h): any number of packets, ordered by a time or another number.
 *
 *   BQ_DEFINE_TREES(waiting, packet, node, due, 1)   each instance has one tree of struct packet,
 *                                                    by their member `node` and the u64 `due`
 *
 *   struct waiting_tree *tree = waiting_of(&q->id, n)   tree N of this instance, from 0
 *   waiting_add(tree, p)                gives the node to the tree; p->due must have been set
 *   p = waiting_pop(tree, by, &next)    takes out the first, if its `due` is at most BY; if not,
 *                                       NULL, and `next` is what the first one has; 0: empty
 *   waiting_purge(tree)                 frees all nodes and their packets
 *
 * To peek, use bpf_rbtree_first(), _root(), _left() and _right(), as with lists (list.bpf.h): under
 * tree->lock, valid until its release. bpf_rbtree_remove() removes a node that one of them found.
 * For a shared node that came from another place, it returns a second reference.
 *
 * Guarantees: nodes leave by their number, equal numbers in FIFO order; no tree is another
 * instance's. Memory: 24 bytes a tree for each of the 1024 instances that a kind can have. Cost
 * besides nodes.bpf.h's, with 1000 nodes of random numbers: tree_add 323, tree_pop 108.
 */
#ifndef BQDISC_TREE_BPF_H
#define BQDISC_TREE_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/nodes.bpf.h>

extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       bool (*less)(struct bpf_rb_node *a, const struct bpf_rb_node *b),
			       void *meta, u64 off) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root,
					     struct bpf_rb_node *node) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_root(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_left(struct bpf_rb_root *root,
					   struct bpf_rb_node *node) __ksym;
extern struct bpf_rb_node *bpf_rbtree_right(struct bpf_rb_root *root,
					    struct bpf_rb_node *node) __ksym;

#define BQ_DEFINE_TREES(NAME, TYPE, NODE, KEY, TREES)                                              \
	struct NAME##_tree {                                                                       \
		struct bpf_spin_lock lock;                                                         \
		struct bpf_rb_root root bq_contains(TYPE, NODE);                                   \
	};                                                                                         \
                                                                                                   \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, BQ_INSTANCES *(TREES));                                        \
		__type(key, u32);                                                                  \
		__type(value, struct NAME##_tree);                                                 \
	} NAME SEC(".maps");                                                                       \
                                                                                                   \
	static __always_inline struct NAME##_tree *NAME##_of(const struct bq_instance *id, u32 n)  \
	{                                                                                          \
		u32 key = bq_index_of(id) * (TREES) + n;                                           \
                                                                                                   \
		return n < (TREES) ? bpf_map_lookup_elem(&NAME, &key) : NULL;                      \
	}                                                                                          \
                                                                                                   \
	/* Compare two nodes, as a callback of the kernel, which cannot be inlined. */             \
	static bool NAME##_is_before(struct bpf_rb_node *a, const struct bpf_rb_node *b)           \
	{                                                                                          \
		return bq_node_of(a, struct TYPE, NODE)->KEY <                                     \
		       bq_node_of(b, struct TYPE, NODE)->KEY;                                      \
	}                                                                                          \
                                                                                                   \
	static __always_inline void NAME##_add(struct NAME##_tree *tree, struct TYPE *node)        \
	{                                                                                          \
		bpf_spin_lock(&tree->lock);                                                        \
		bpf_rbtree_add_impl(&tree->root, &node->NODE, NAME##_is_before, NULL, 0);          \
		bpf_spin_unlock(&tree->lock);                                                      \
	}                                                                                          \
                                                                                                   \
	static __always_inline struct TYPE *NAME##_pop(struct NAME##_tree *tree, u64 by,           \
						       u64 *next)                                  \
	{                                                                                          \
		struct bpf_rb_node *node;                                                          \
                                                                                                   \
		*next = 0;                                                                         \
		bpf_spin_lock(&tree->lock);                                                        \
		node = bpf_rbtree_first(&tree->root);                                              \
		if (node) {                                                                        \
			*next = bq_node_of(node, struct TYPE, NODE)->KEY;                          \
			node = *next <= by ? bpf_rbtree_remove(&tree->root, node) : NULL;          \
		}                                                                                  \
		bpf_spin_unlock(&tree->lock);                                                      \
		return node ? bq_node_of(node, struct TYPE, NODE) : NULL;                          \
	}                                                                                          \
                                                                                                   \
	static __always_inline __attribute__((unused)) void NAME##_purge(struct NAME##_tree *tree) \
	{                                                                                          \
		struct TYPE *node;                                                                 \
		u64 next;                                                                          \
                                                                                                   \
		bq_repeat(BQ_NODES_MAX) {                                                          \
			node = NAME##_pop(tree, ~0ull, &next);                                     \
			if (!node)                                                                 \
				break;                                                             \
			bq_node_free(node);                                                        \
		}                                                                                  \
	}

#endif
