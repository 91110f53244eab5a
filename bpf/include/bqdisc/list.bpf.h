/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists of nodes (nodes.bpf.h): queues of any length, open at both ends.
 *
 *   BQ_DEFINE_LISTS(queues, packet, node, 3)   each instance has three lists of struct packet,
 *                                              which hang in them by their member `node`
 *
 *   struct queues_list *list = queues_of(&q->id, n)    list N of this instance, from 0
 *   queues_push_back(list, p), queues_push_front(list, p)    gives the node to the list
 *   p = queues_pop_front(list), queues_pop_back(list)        and takes it out; NULL: it is empty
 *   queues_purge(list)                                       frees all nodes and their packets
 *
 * To peek under the list's lock, at a node that is valid until the lock is released:
 *
 *   bpf_spin_lock(&list->lock);
 *   node = bpf_list_front(&list->head);        or bpf_list_back(); NULL: it is empty
 *   if (node)
 *           due = bq_node_of(node, struct packet, node)->due;
 *   bpf_spin_unlock(&list->lock);
 *
 * Under the lock the verifier allows only such calls. It requires the lock although the qdisc's own
 * lock already excludes other programs.
 *
 * Guarantees: nodes leave in the order that the chosen ends imply; no list is another instance's.
 * Memory: 24 bytes a list for each of the 1024 instances that a kind can have. Cost besides
 * nodes.bpf.h's: list_push_back 105, list_pop_front 89.
 */
#ifndef BQDISC_LIST_BPF_H
#define BQDISC_LIST_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/nodes.bpf.h>

extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				    void *meta, u64 off) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				   void *meta, u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_front(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_back(struct bpf_list_head *head) __ksym;

/*
 * Insert and remove in the middle of a list, under its lock, from 7.2 on. Test bpf_ksym_exists()
 * first. NODE and PREV are peeked or shared nodes; bpf_list_del() returns the list's reference.
 */
extern int bpf_list_add(struct bpf_list_head *head, struct bpf_list_node *new,
			struct bpf_list_node *prev) __ksym __weak;
extern struct bpf_list_node *bpf_list_del(struct bpf_list_head *head,
					  struct bpf_list_node *node) __ksym __weak;
extern bool bpf_list_is_first(struct bpf_list_head *head, struct bpf_list_node *node) __ksym __weak;
extern bool bpf_list_is_last(struct bpf_list_head *head, struct bpf_list_node *node) __ksym __weak;
extern bool bpf_list_empty(struct bpf_list_head *head) __ksym __weak;

#define BQ_DEFINE_LISTS(NAME, TYPE, NODE, LISTS)                                                   \
	struct NAME##_list {                                                                       \
		struct bpf_spin_lock lock;                                                         \
		struct bpf_list_head head bq_contains(TYPE, NODE);                                 \
	};                                                                                         \
                                                                                                   \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, BQ_INSTANCES *(LISTS));                                        \
		__type(key, u32);                                                                  \
		__type(value, struct NAME##_list);                                                 \
	} NAME SEC(".maps");                                                                       \
                                                                                                   \
	static __always_inline struct NAME##_list *NAME##_of(const struct bq_instance *id, u32 n)  \
	{                                                                                          \
		u32 key = bq_index_of(id) * (LISTS) + n;                                           \
                                                                                                   \
		return n < (LISTS) ? bpf_map_lookup_elem(&NAME, &key) : NULL;                      \
	}                                                                                          \
                                                                                                   \
	BQ_LIST_PUSH(NAME, push_front, TYPE, NODE)                                                 \
	BQ_LIST_PUSH(NAME, push_back, TYPE, NODE)                                                  \
	BQ_LIST_POP(NAME, pop_front, TYPE, NODE)                                                   \
	BQ_LIST_POP(NAME, pop_back, TYPE, NODE)                                                    \
                                                                                                   \
	static __always_inline __attribute__((unused)) void NAME##_purge(struct NAME##_list *list) \
	{                                                                                          \
		struct TYPE *node;                                                                 \
                                                                                                   \
		bq_repeat(BQ_NODES_MAX) {                                                          \
			node = NAME##_pop_front(list);                                             \
			if (!node)                                                                 \
				break;                                                             \
			bq_node_free(node);                                                        \
		}                                                                                  \
	}

#define BQ_LIST_PUSH(NAME, HOW, TYPE, NODE)                                                        \
	static __always_inline __attribute__((unused)) void NAME##_##HOW(struct NAME##_list *list, \
									 struct TYPE *node)        \
	{                                                                                          \
		bpf_spin_lock(&list->lock);                                                        \
		bpf_list_##HOW##_impl(&list->head, &node->NODE, NULL, 0);                          \
		bpf_spin_unlock(&list->lock);                                                      \
	}

#define BQ_LIST_POP(NAME, HOW, TYPE, NODE)                                                         \
	static __always_inline                                                                     \
		__attribute__((unused)) struct TYPE *NAME##_##HOW(struct NAME##_list *list)        \
	{                                                                                          \
		struct bpf_list_node *node;                                                        \
                                                                                                   \
		bpf_spin_lock(&list->lock);                                                        \
		node = bpf_list_##HOW(&list->head);                                                \
		bpf_spin_unlock(&list->lock);                                                      \
		return node ? bq_node_of(node, struct TYPE, NODE) : NULL;                          \
	}

#endif
