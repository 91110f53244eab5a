/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nodes: allocated objects that each own a packet and hang in a list (list.bpf.h) or a tree
 * (tree.bpf.h). So the kernel's own examples queue, and it is the way to queues without a fixed
 * size. Slots are cheaper (ring.bpf.h, packets.bpf.h): nothing is allocated for a packet there.
 *
 * A node is a struct of yours, with such members among them:
 *
 *   struct packet {
 *           struct bpf_list_node node;     or struct bpf_rb_node
 *           struct sk_buff __kptr *skb;    always of this name
 *           u64 due;                       whatever else; readable while you own the node
 *   };
 *
 * A node is owned by whoever got it from bq_node_new() or took it out of a list or tree, until it
 * is put into one or freed; a packet by whoever has it, or by the node it was put into. The
 * verifier holds every program to that.
 *
 * A node that is to hang in several places at once has a struct bpf_refcount as a member, and each
 * place owns a reference of its own, made by bq_node_share(). The packet has one owner still: the
 * node. Who comes first takes it, and finds NULL otherwise.
 *
 * Guarantees: a node that is freed frees its packet; what still hangs in a list or tree is freed
 * with the map. No limit but the kernel's memory: bq_node_new() can fail. The functions are those
 * that every kernel from 6.17 to 7.3 has, under whatever name.
 * Cost: bq_node_new 230, bq_node_put 7, bq_node_take 165.
 */
#ifndef BQDISC_NODES_BPF_H
#define BQDISC_NODES_BPF_H

#include <bqdisc/loop.bpf.h>
#include <bqdisc/qdisc.bpf.h>

/* The verifier knows these by name and size. */
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
 * The kernel's functions. Up to 6.18 those with `_impl` are the only ones; newer kernels have
 * shorter ones beside them. Their last arguments are filled in by the verifier.
 */
extern void *bpf_obj_new_impl(u64 local_type_id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;

/* Says of a list or tree which nodes hang in it: struct TYPE, by its member NODE. */
#define bq_contains(TYPE, NODE) __attribute__((btf_decl_tag("contains:" #TYPE ":" #NODE)))

/* A new node of struct TYPE, all zeros, which the caller owns; NULL: there is no memory. */
#define bq_node_new(TYPE) ((TYPE *)bpf_obj_new_impl(bpf_core_type_id_local(TYPE), NULL))
/* Frees a node, and the packet that is in it. Not under a lock. */
#define bq_node_free(NODE) bpf_obj_drop_impl(NODE, NULL)
/* One more reference to a node with a struct bpf_refcount, for one more place that it hangs in. */
#define bq_node_share(NODE) ((typeof(NODE))bpf_refcount_acquire_impl(NODE, NULL))
/* The node of which MEMBER, a list's or a tree's, is at POINTER. */
#define bq_node_of(POINTER, TYPE, MEMBER) ((TYPE *)((void *)(POINTER)-offsetof(TYPE, MEMBER)))

/* In enqueue. Puts SKB into a node that is new: the node owns it from now on. */
#define bq_node_put(NODE, SKB, TO_FREE)                                                            \
	do {                                                                                       \
		struct sk_buff *before = bpf_kptr_xchg(&(NODE)->skb, SKB);                         \
                                                                                                   \
		/* Never, for the node is new; but the verifier cannot know. */                    \
		if (before)                                                                        \
			bpf_qdisc_skb_drop(before, TO_FREE);                                       \
	} while (0)

/* Takes the packet out and frees the node. The caller owns the packet; NULL: there was none. */
#define bq_node_take(NODE)                                                                         \
	({                                                                                         \
		struct sk_buff *skb_of_node = bpf_kptr_xchg(&(NODE)->skb, NULL);                   \
                                                                                                   \
		bq_node_free(NODE);                                                                \
		skb_of_node;                                                                       \
	})

/* More nodes than fit into 512 GB with their packets: the bound of loops over all that hang. */
#define BQ_NODES_MAX (1 << 30)

#endif
