/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of flows: found by a key of 64 bits, kept in lists by links. The flows are an array in
 * the instance's memory; each begins with struct bq_flow and is as large as the qdisc makes it.
 *
 * Guarantees: no allocation; a table without a free flow says so. Cost: bq_flows_find 21 among 256
 * flows in 1024 buckets.
 */
#ifndef BQDISC_FLOWS_BPF_H
#define BQDISC_FLOWS_BPF_H

#include <bqdisc/flows.h>
#include <bqdisc/memory.bpf.h>

typedef struct bq_flow __arena bq_flow;

static __always_inline bq_flow *bq_flow_at(bq_link link)
{
	return bq_at(struct bq_flow, link);
}

/* The bucket of KEY: a multiplication spreads sockets' addresses, which end in zeros. */
static __always_inline bq_link __arena *bq_flows_bucket(const struct bq_flows *flows, u64 key)
{
	return bq_nth(bq_link, flows->buckets,
		      (u32)((key * 0x9e3779b97f4a7c15ull) >> 40) & flows->mask);
}

/* The flow of KEY, or 0. */
static __always_inline bq_link bq_flows_find(const struct bq_flows *flows, u64 key)
{
	bq_link link = *bq_flows_bucket(flows, key);

	while (link && bq_flow_at(link)->key != key && can_loop)
		link = bq_flow_at(link)->chain;
	return link;
}

/* A flow of SIZE bytes that is not in the table, or 0 when all are in use. */
static __always_inline bq_link bq_flows_alloc(struct bq_flows *flows, u32 size)
{
	bq_link link = flows->free;

	if (link) {
		flows->free = bq_flow_at(link)->chain;
		return link;
	}
	if (flows->fresh >= flows->capacity)
		return 0;
	return flows->first + flows->fresh++ * size;
}

static __always_inline void bq_flows_insert(const struct bq_flows *flows, bq_link link, u64 key)
{
	bq_link __arena *bucket = bq_flows_bucket(flows, key);

	bq_flow_at(link)->key = key;
	bq_flow_at(link)->chain = *bucket;
	*bucket = link;
}

/* Takes a flow out of the table; it is free from now on. It is in no list and waits for nothing. */
static __always_inline void bq_flows_remove(struct bq_flows *flows, bq_link link)
{
	bq_link __arena *from = bq_flows_bucket(flows, bq_flow_at(link)->key);

	while (*from && *from != link && can_loop)
		from = &bq_flow_at(*from)->chain;
	if (*from == link)
		*from = bq_flow_at(link)->chain;
	bq_flow_at(link)->chain = flows->free;
	flows->free = link;
}

/* Forgets all flows. */
static __always_inline void bq_flows_clear(struct bq_flows *flows)
{
	u32 i, n = flows->mask + 1;

	if (!flows->buckets)
		return;
	for (i = 0; i < n && can_loop; i++)
		*bq_nth(bq_link, flows->buckets, i) = 0;
	flows->fresh = 0;
	flows->free = 0;
	flows->hand = 0;
}

static __always_inline void bq_flow_list_append(struct bq_flow_list *list, bq_link link)
{
	bq_flow_at(link)->wake.later = 0;
	if (list->first)
		bq_flow_at(list->last)->wake.later = link;
	else
		list->first = link;
	list->last = link;
}

/* Takes the first flow out of the list, which is not empty. */
static __always_inline void bq_flow_list_advance(struct bq_flow_list *list)
{
	list->first = bq_flow_at(list->first)->wake.later;
}

#endif
