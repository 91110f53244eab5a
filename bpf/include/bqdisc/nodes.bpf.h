/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nodes: allocated objects that each own a packet and hang in a list (list.bpf.h) or a tree
 * (tree.bpf.h). The kernel's examples use them, and they allow queues without a fixed size. Slots
 * (ring.bpf.h, packets.bpf.h) are cheaper, because they allocate nothing for a packet.
 *
 * A node is a struct of the user object, with these members:
 *
 *   struct packet {
 *           struct bpf_list_node node;     or struct bpf_rb_node
 *           struct sk_buff __kptr *skb;    always of this name
 *           u64 due;                       any others; readable by the node's owner
 *   };
 *
 * A program owns a node that it got from bq_node_new() or removed from a list or tree, until it
 * adds or frees the node. A packet belongs to the program, or to the node that holds it. The
 * verifier enforces this.
 *
 * A node in several lists or trees has a struct bpf_refcount as a member. Each place owns a
 * reference, made by bq_node_share(). The packet still has one owner, the node: the first caller
 * takes it, and later ones get NULL.
 *
 * Guarantees: freeing a node frees its packet; the map frees the nodes that remain in a list or
 * tree. Only the kernel's memory is the limit: bq_node_new() can fail. Every kernel from 6.17 to
 * 7.3 has the functions, under different names. Cost: bq_node_new 230, bq_node_put 7,
 * bq_node_take 165.
 */
#ifndef BQDISC_NODES_BPF_H
#define BQDISC_NODES_BPF_H

#include <bqdisc/loop.bpf.h>
#include <bqdisc/qdisc.bpf.h>

/* Types that the verifier identifies by name and size. */
#ifndef __LINUX_BPF_H__
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

struct bpf_refcount {
	u32 __opaque[1];
} __attribute__((aligned(4)));
#endif

/*
 * Kernel functions. Up to 6.18 only those with `_impl` exist; newer kernels have shorter names too.
 * The verifier fills in their last arguments.
 */
extern void *bpf_obj_new_impl(u64 local_type_id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;

/* Declare the nodes of a list or tree: struct TYPE, linked by its member NODE. */
#define bq_contains(TYPE, NODE) __attribute__((btf_decl_tag("contains:" #TYPE ":" #NODE)))

/* Return a new zeroed node of struct TYPE, which the caller owns, or NULL without memory. */
#define bq_node_new(TYPE) ((TYPE *)bpf_obj_new_impl(bpf_core_type_id_local(TYPE), NULL))
/* Free a node and its packet. Not under a lock. */
#define bq_node_free(NODE) bpf_obj_drop_impl(NODE, NULL)
/* Return another reference to a node with a struct bpf_refcount, for another list or tree. */
#define bq_node_share(NODE) ((typeof(NODE))bpf_refcount_acquire_impl(NODE, NULL))
/* Return the node whose MEMBER, of a list or a tree, is at POINTER. */
#define bq_node_of(POINTER, TYPE, MEMBER) ((TYPE *)((void *)(POINTER)-offsetof(TYPE, MEMBER)))

/* Put SKB into a new node, which then owns it. In enqueue only. */
#define bq_node_put(NODE, SKB, TO_FREE)                                                            \
	do {                                                                                       \
		struct sk_buff *before = bpf_kptr_xchg(&(NODE)->skb, SKB);                         \
                                                                                                   \
		/* Impossible for a new node, but the verifier requires it. */                     \
		if (before)                                                                        \
			bpf_qdisc_skb_drop(before, TO_FREE);                                       \
	} while (0)

/* Remove the packet and free the node. The caller owns the packet; NULL: it had none. */
#define bq_node_take(NODE)                                                                         \
	({                                                                                         \
		struct sk_buff *skb_of_node = bpf_kptr_xchg(&(NODE)->skb, NULL);                   \
                                                                                                   \
		bq_node_free(NODE);                                                                \
		skb_of_node;                                                                       \
	})

/* Bound of loops over all nodes: more than fit into 512 GB with their packets. */
#define BQ_NODES_MAX (1 << 30)

#endif
