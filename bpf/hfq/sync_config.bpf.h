/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Application of a changed configuration by the next enqueue or dequeue. A class that stays keeps
 * its packets, its counters, and its times unless its rates changed. The packets of a class that is
 * gone, or is no leaf any more, move to the default class, without being counted as sent or dropped
 * by either.
 */
#ifndef BQDISC_HFQ_SYNC_CONFIG_BPF_H
#define BQDISC_HFQ_SYNC_CONFIG_BPF_H

#include "hfq/enqueue.bpf.h"

typedef struct hfq_tree __arena hfq_tree;
typedef struct hfq_node __arena hfq_node;

static __always_inline hfq_tree *hfq_tree_of(const struct hfq_instance *q, u32 generation)
{
	return bq_at(struct hfq_tree, q->id.memory + (u32)HFQ_TREE_AT(q->id.units, generation & 1));
}

/*
 * Move all packets of the class to the root's own flow. Volatile: clang would make a memset of the
 * stores, and lose the address space.
 */
__noinline int hfq_evict(struct hfq_instance *q, bq_ref ref)
{
	volatile hfq_class *c = hfq_class_at(ref);
	bq_ref flow;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	c->stats.backlog_packets = 0;
	c->stats.backlog_bytes = 0;
	while ((flow = hfq_pop_flow(hfq_class_at(ref))) && can_loop) {
		hfq_splice(bq_fair_at(flow), &hfq_root(q)->own.fair);
		bq_fair_at(flow)->listed = 0;
	}
	return 0;
}

/* Zero a class. can_loop keeps the compiler from emitting memset(). */
static __always_inline void hfq_zero(bq_ref ref, u32 bytes)
{
	u32 i;

	for (i = 0; i < bytes / sizeof(u64) && can_loop; i++)
		*bq_nth(u64, ref, i) = 0;
}

/* Return NOW less what a class may save at RATE. */
static __always_inline u64 hfq_earliest(const struct hfq_rate __arena *rate, u64 now)
{
	return now > rate->depth ? now - rate->depth : 0;
}

/* Set a rate, and the time T of a class with it. No packet has to wait for the old rate. */
static __always_inline u64 hfq_set_rate(struct hfq_rate __arena *rate,
					const struct hfq_rate __arena *to, u64 t, u64 now, u64 none)
{
	bool same = rate->mult == to->mult && rate->shift == to->shift && rate->depth == to->depth;

	rate->depth = to->depth;
	rate->mult = to->mult;
	rate->shift = to->shift;
	if (!to->mult)
		return none;
	return same ? t : hfq_earliest(to, now);
}

/* Bring the class in line with its node. */
__noinline int hfq_sync_class(struct hfq_instance *q, bq_ref ref, bq_ref node_ref, u64 now)
{
	volatile hfq_class *c = hfq_class_at(ref);
	hfq_node *node = bq_at(struct hfq_node, node_ref);
	u32 i;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	if (c->serial != node->serial || node->level)
		hfq_evict(q, ref);
	if (c->serial != node->serial)
		hfq_zero(ref, offsetof(struct hfq_class, own));
	c->serial = node->serial;
	c->parent = node->parent;
	c->level = node->level;
	c->prio = node->prio;
	c->fifo = node->fifo;
	c->weight = node->weight * q->config[q->synced & 1].quantum;
	c->rate_at = hfq_set_rate(&hfq_class_at(ref)->rate, &node->rate, c->rate_at, now,
				  node->parent ? BQ_NEVER : 0);
	c->ceil_at = hfq_set_rate(&hfq_class_at(ref)->ceil, &node->ceil, c->ceil_at, now, 0);
	c->waits = 0;
	c->active = 0;
	c->fed = 0;
	c->rowed = 0;
	for (i = 0; i < HFQ_PRIOS; i++)
		c->feeds[i].first = 0;
	return 0;
}

/* Give the packets of classes that are gone to the default class. */
static __always_inline void hfq_adopt(const struct hfq_instance *q, const struct hfq_config *c)
{
	bq_fair_flow *evicted = &hfq_root(q)->own.fair;
	hfq_class *rest = hfq_class_at(q->rest);

	if (!evicted->queue.head)
		return;
	rest->stats.backlog_packets += evicted->qlen;
	rest->stats.backlog_bytes += evicted->backlog;
	hfq_splice(evicted, &rest->own.fair);
	hfq_enlist(q->rest, bq_ref_of(&rest->own), c->quantum);
}

/* Offer the leaf if it has packets. */
__noinline int hfq_offer_again(struct hfq_instance *q, bq_ref ref, u64 now)
{
	hfq_class *c = hfq_class_at(ref);

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	if (c->serial && hfq_is_leaf(c) && c->stats.backlog_packets)
		hfq_offer(q, ref, c->prio, now);
	return 0;
}

/* Apply the configuration of GENERATION. Global, so that the verifier checks it once. */
__noinline int hfq_sync(struct hfq_instance *q, u32 generation)
{
	bq_ref nodes;
	hfq_tree *tree;
	u64 now;
	u32 i;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	now = bpf_ktime_get_ns();
	hfq_queue_front(q, now);
	tree = hfq_tree_of(q, generation);
	nodes = bq_ref_of(tree + 1);
	q->synced = generation;
	q->ready = 0;
	q->rest = tree->rest;
	q->matches = nodes + q->id.units * (u32)sizeof(struct hfq_node);
	q->matches_end = q->matches + tree->matches * (u32)sizeof(struct hfq_match);
	bq_heap_clear(&q->waiting);
	hfq_zero(q->rows, HFQ_ROWS * sizeof(struct hfq_list));
	bpf_for(i, 0, q->id.units)
		hfq_sync_class(q, hfq_class_nth(q, i), nodes + i * (u32)sizeof(struct hfq_node),
			       now);
	hfq_adopt(q, &q->config[generation & 1]);
	/* It may still be in the slot, and its class gone. */
	q->front = q->rest;
	bpf_for(i, 1, q->id.units)
		hfq_offer_again(q, hfq_class_nth(q, i), now);
	return 0;
}

/* Return the configuration in force, after applying it. */
static __always_inline const struct hfq_config *hfq_sync_config(struct hfq_instance *q)
{
	u32 generation = *(volatile u32 *)&q->id.generation;

	if (q->synced != generation)
		hfq_sync(q, generation);
	return &q->config[generation & 1];
}

#endif
