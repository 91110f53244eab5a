/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index of the instances on the BPF side: which are in use, and which is at a place. User space
 * finds an instance by it without reading the others.
 *
 * Guarantees: an instance that exists is found; programs of several namespaces update it at once.
 * Cost: nothing a packet.
 */
#ifndef BQDISC_TABLE_BPF_H
#define BQDISC_TABLE_BPF_H

#include <bqdisc/kernel.bpf.h>
#include <bqdisc/order.bpf.h>
#include <bqdisc/instance.h>

#ifndef BPF_ANY
#define BPF_ANY 0
#endif

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BQ_INSTANCES / 64);
	__type(key, u32);
	__type(value, struct bq_usage);
} usage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BQ_INSTANCES);
	__type(key, struct bq_attach_point);
	__type(value, u32);
} places SEC(".maps");

static __always_inline struct bq_usage *bq_usage_of(u32 index)
{
	u32 word = index / 64;

	return bpf_map_lookup_elem(&usage, &word);
}

static __always_inline bool bq_usage_is_used(u32 index)
{
	const struct bq_usage *word = bq_usage_of(index);

	return word && *(volatile u64 *)&word->used >> (index & 63) & 1;
}

static __always_inline void bq_usage_set_used(u32 index)
{
	struct bq_usage *word = bq_usage_of(index);

	if (word)
		bq_or_release(&word->used, 1ull << (index & 63));
}

/* Ask the next sweep to look at the instance. The caller has set its state. */
static __always_inline void bq_usage_set_check(u32 index)
{
	struct bq_usage *word = bq_usage_of(index);

	if (word)
		bq_or_release(&word->check, 1ull << (index & 63));
}

static __always_inline struct bq_attach_point bq_place_of(const struct bq_instance *id)
{
	return (struct bq_attach_point){
		.net_cookie = id->net_cookie,
		.ifindex = id->ifindex,
		.parent = id->parent,
	};
}

/*
 * Enter a new instance at its place. The kernel removes an earlier one there afterwards. Return
 * false without memory.
 */
static __always_inline bool bq_place_enter(struct bq_instance *id)
{
	struct bq_attach_point place = bq_place_of(id);
	const u32 *there = bpf_map_lookup_elem(&places, &place);
	u32 index = id->index;

	id->replaced = there ? *there : 0;
	return !bpf_map_update_elem(&places, &place, &index, BPF_ANY);
}

/*
 * Leave the place. If the kernel could not complete the replacement, the earlier instance is still
 * there. User space tests what it finds.
 */
static __always_inline void bq_place_leave(struct bq_instance *id)
{
	struct bq_attach_point place = bq_place_of(id);
	u32 *there = bpf_map_lookup_elem(&places, &place);

	if (!there || *there != id->index)
		return;
	if (id->replaced)
		*there = id->replaced;
	else
		bpf_map_delete_elem(&places, &place);
}

#endif
