/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: storage of queued packets. A slot holds one owning pointer (kptr) to a packet.
 *
 * bpf_kptr_xchg() moves a packet into a slot and out of it, and returns the slot's previous
 * content. A packet thus always has one owner, as the verifier requires.
 *
 * The outer map `slots` holds a map of slots for each prepared instance, and at key 0 the slots of
 * the pool (pool.h). An instance sees slots 0 to id->slots - 1. More slots come as another map or
 * another area of the pool; the older ones stay for the life of the instance.
 *
 * Guarantees: no allocation, no lock, bounded memory: 8 bytes a slot. Cost: bq_slot 39,
 * bq_slot_put 5, bq_slot_take 5.
 */
#ifndef BQDISC_SLOTS_BPF_H
#define BQDISC_SLOTS_BPF_H

#include <bqdisc/instance.bpf.h>

struct bq_slot {
	struct sk_buff __kptr *skb;
};

/*
 * Define a map of slots. BPF_F_INNER_MAP allows each instance as many slots as its options need.
 * libbpf creates one of the pattern, and frees it again.
 */
#define BQ_SLOT_ARRAY(NAME, ENTRIES)                                                               \
	struct NAME {                                                                              \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_INNER_MAP);                                                \
		__uint(max_entries, ENTRIES);                                                      \
		__type(key, u32);                                                                  \
		__type(value, struct bq_slot);                                                     \
	}

BQ_SLOT_ARRAY(bq_slot_pattern, 1);
BQ_SLOT_ARRAY(bq_slot_pool, BQ_POOL_SLOTS_MOST) slots_pool SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, BQ_SLOTS_STEPS *BQ_INSTANCES);
	__type(key, u32);
	__array(values, struct bq_slot_pattern);
} slots SEC(".maps") = { .values = { [0] = (void *)&slots_pool } };

/* Return slot N of the map of slots at KEY, or NULL without that map or slot. */
static __always_inline struct bq_slot *bq_slot_in(u32 key, u32 n)
{
	void *map = bpf_map_lookup_elem(&slots, &key);

	return map ? bpf_map_lookup_elem(map, &n) : NULL;
}

/* Return slot N of the instance. */
static __always_inline struct bq_slot *bq_slot(const struct bq_instance *id, u32 n)
{
	return bq_slot_in(id->slots_map, id->slots_base + n);
}

/* Put SKB into SLOT. Return the slot's previous packet, which the caller then owns, or NULL. */
static __always_inline struct sk_buff *bq_slot_put(struct bq_slot *slot, struct sk_buff *skb)
{
	return bpf_kptr_xchg(&slot->skb, skb);
}

/* Remove and return the packet of SLOT, which the caller then owns, or NULL if empty. */
static __always_inline struct sk_buff *bq_slot_take(struct bq_slot *slot)
{
	return bpf_kptr_xchg(&slot->skb, NULL);
}

#endif
