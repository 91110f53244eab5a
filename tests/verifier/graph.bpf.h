/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocated objects, lists and trees, as the ok_ programs use them to keep packets.
 *
 * The functions with `_impl` in their names are the only ones up to 6.18, and 7.3 has them still
 * beside shorter ones; so one object serves all. The verifier fills in their last arguments.
 *
 * A list or a tree has a lock in the same value, and every call on it needs that lock held,
 * although the qdisc's own lock serialises already. Under it almost nothing else may be called.
 */
#ifndef GRAPH_BPF_H
#define GRAPH_BPF_H

#include <bqdisc/kernel.bpf.h>

/* The verifier knows these by name and size. */
#ifndef __LINUX_BPF_H__
struct bpf_spin_lock {
	u32 val;
};
#endif

struct bpf_list_head {
	u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_list_node {
	u64 __opaque[3];
} __attribute__((aligned(8)));

struct bpf_rb_root {
	u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_rb_node {
	u64 __opaque[4];
} __attribute__((aligned(8)));

/* Says which objects hang in a list or tree: struct TYPE, by its member NODE. */
#define __contains(TYPE, NODE) __attribute__((btf_decl_tag("contains:" #TYPE ":" #NODE)))

/* A new object that the caller owns, or NULL. */
extern void *bpf_obj_new_impl(u64 local_type_id, void *meta) __ksym;
/* Frees an object, and the packet that it still holds. */
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

/* These take the node over; it is gone for the caller, whatever they return. */
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				   void *meta, u64 off) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       bool (*less)(struct bpf_rb_node *a, const struct bpf_rb_node *b),
			       void *meta, u64 off) __ksym;

/* These give a node out, which the caller owns then, or NULL. */
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root,
					     struct bpf_rb_node *node) __ksym;

/* The first node, to look at while the lock is held; it stays the tree's. */
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;

#define graph_new(TYPE) ((TYPE *)bpf_obj_new_impl(bpf_core_type_id_local(TYPE), NULL))
#define graph_drop(OBJECT) bpf_obj_drop_impl(OBJECT, NULL)
#define graph_entry(NODE, TYPE, MEMBER) ((TYPE *)((void *)(NODE)-offsetof(TYPE, MEMBER)))

#endif
