/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Table of flows with 64-bit keys, which are linked in lists. The flows are an array in the
 * instance's memory. Each begins with struct bq_flow and has a size chosen by the qdisc.
 *
 * Guarantees: no allocation; bq_flows_alloc() reports a full table. A table whose memory grows
 * (grow.bpf.h) adds buckets one by one. Cost: bq_flows_find 36 among 256 flows in 1024 buckets.
 */
#ifndef BQDISC_FLOWS_BPF_H
#define BQDISC_FLOWS_BPF_H

#include <bqdisc/flows.h>
#include <bqdisc/memory.bpf.h>

typedef struct bq_flow __arena bq_flow;

static __always_inline bq_flow *bq_flow_at(bq_ref ref)
{
	return bq_at(struct bq_flow, ref);
}

/* Hash KEY by multiplication, which spreads socket addresses, whose low bits are zero. */
static __always_inline u32 bq_flows_hash(u64 key)
{
	return (key * 0x9e3779b97f4a7c15ull) >> 40;
}

/*
 * Return the bucket of KEY. Egress programs read the table without the lock, and may see mask and
 * count of different times, in any order. They may miss a flow, but never read past the table: a
 * count that is too small leads to a bucket up to mask / 2, which exists once mask has this value.
 */
static __always_inline bq_ref __arena *bq_flows_bucket(const struct bq_flows *flows, u64 key)
{
	u32 mask = *(const volatile u32 *)&flows->mask;
	u32 n = bq_flows_hash(key) & mask;

	if (n >= flows->count)
		n &= mask / 2;
	return bq_nth(bq_ref, flows->buckets, n);
}

/* Return the flow of KEY, or 0. */
static __always_inline bq_ref bq_flows_find(const struct bq_flows *flows, u64 key)
{
	bq_ref ref = *bq_flows_bucket(flows, key);

	while (ref && bq_flow_at(ref)->key != key && can_loop)
		ref = bq_flow_at(ref)->chain;
	return ref;
}

/* Return a flow of SIZE bytes that is not in the table, or 0 if all are in use. */
static __always_inline bq_ref bq_flows_alloc(struct bq_flows *flows, u32 size)
{
	bq_ref ref = flows->free;

	if (ref) {
		flows->free = bq_flow_at(ref)->chain;
		return ref;
	}
	if (flows->fresh >= flows->capacity)
		return 0;
	return flows->first + flows->fresh++ * size;
}

static __always_inline void bq_flows_insert(const struct bq_flows *flows, bq_ref ref, u64 key)
{
	bq_ref __arena *bucket = bq_flows_bucket(flows, key);

	bq_flow_at(ref)->key = key;
	bq_flow_at(ref)->chain = *bucket;
	*bucket = ref;
}

/*
 * Append a bucket, and move to it the flows of one other bucket that hash to it (W. Litwin, "Linear
 * hashing", VLDB 1980). The caller must provide the memory.
 */
static __always_inline void bq_flows_add_bucket(struct bq_flows *flows)
{
	u32 to = flows->count;
	bq_ref __arena *from;
	bq_ref ref, moved = 0;

	if (to > flows->mask)
		flows->mask = flows->mask * 2 + 1;
	from = bq_nth(bq_ref, flows->buckets, to & flows->mask / 2);
	while ((ref = *from) && can_loop) {
		if ((bq_flows_hash(bq_flow_at(ref)->key) & flows->mask) != to) {
			from = &bq_flow_at(ref)->chain;
			continue;
		}
		*from = bq_flow_at(ref)->chain;
		bq_flow_at(ref)->chain = moved;
		moved = ref;
	}
	*bq_nth(bq_ref, flows->buckets, to) = moved;
	flows->count = to + 1;
}

/* Remove a flow from the table and free it. It must be in no list and must not wait. */
static __always_inline void bq_flows_remove(struct bq_flows *flows, bq_ref ref)
{
	bq_ref __arena *from = bq_flows_bucket(flows, bq_flow_at(ref)->key);

	while (*from && *from != ref && can_loop)
		from = &bq_flow_at(*from)->chain;
	/* The flow was not found in a chain too long for can_loop: it stays in use. */
	if (*from != ref)
		return;
	*from = bq_flow_at(ref)->chain;
	bq_flow_at(ref)->chain = flows->free;
	flows->free = ref;
}

/* Remove all flows. */
static __always_inline void bq_flows_clear(struct bq_flows *flows)
{
	u32 i;

	if (!flows->buckets)
		return;
	bpf_for(i, 0, flows->count)
		*bq_nth(bq_ref, flows->buckets, i) = 0;
	flows->fresh = 0;
	flows->free = 0;
	flows->hand = 0;
}

static __always_inline void bq_flow_list_append(struct bq_flow_list *list, bq_ref ref)
{
	bq_flow_at(ref)->wake.later = 0;
	if (list->first)
		bq_flow_at(list->last)->wake.later = ref;
	else
		list->first = ref;
	list->last = ref;
}

/* Remove the first flow from the list, which must not be empty. */
static __always_inline void bq_flow_list_advance(struct bq_flow_list *list)
{
	list->first = bq_flow_at(list->first)->wake.later;
}

#endif
