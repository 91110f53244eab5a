/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instances on the BPF side: lookup of a qdisc's state, and its release in .destroy. See instance.h
 * for the structs and the life of an instance, and init.bpf.h for claiming one.
 *
 * Guarantees: no two qdiscs ever share an instance; a qdisc that never ran .init has none. Cost:
 * bq_instance_of 25, the lookup is inlined.
 */
#ifndef BQDISC_INSTANCE_BPF_H
#define BQDISC_INSTANCE_BPF_H

#include <bqdisc/kernel.bpf.h>
#include <bqdisc/instance.h>
#include <bqdisc/pool.bpf.h>
#include <bqdisc/table.bpf.h>
#include <bqdisc/tags.bpf.h>

#define ENOMEM 12
#define ENODATA 61
#define EINVAL 22
#define ENOBUFS 105

#define BQ_TEXT_OF(macro) #macro
#define BQ_TEXT(macro) BQ_TEXT_OF(macro)

/* Define the map of instances. TYPE begins with `struct bq_instance id`. */
#define BQ_DEFINE_INSTANCES(TYPE)                                                                  \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__uint(max_entries, BQ_INSTANCES);                                                 \
		__type(key, u32);                                                                  \
		__type(value, TYPE);                                                               \
	} instances SEC(".maps") BQ_TAG("layout|" BQ_TEXT(BQ_LAYOUT));                             \
                                                                                                   \
	static __always_inline TYPE *bq_instance_at(u32 index)                                     \
	{                                                                                          \
		return bpf_map_lookup_elem(&instances, &index);                                    \
	}                                                                                          \
                                                                                                   \
	/* Return the qdisc's instance, or NULL if .init failed. */                                \
	static __always_inline __attribute__((unused)) TYPE *bq_instance_of(                       \
		const struct Qdisc *sch)                                                           \
	{                                                                                          \
		u32 index = sch->limit;                                                            \
                                                                                                   \
		return index ? bq_instance_at(index) : NULL;                                       \
	}

/*
 * Return the config bank in force. Read it once, so that a packet sees one configuration. User
 * space stores the generation with release. The address of the bank depends on it, so no machine
 * reads the bank before it.
 */
static __always_inline u32 bq_bank(const struct bq_instance *id)
{
	return *(const volatile u32 *)&id->generation & 1;
}

/* Return true if the qdisc has expired (attach --for). Reads the clock only if an expiry is set. */
static __always_inline bool bq_expired(const struct bq_instance *id)
{
	u64 until = *(const volatile u64 *)&id->expires_ns;

	return until && bpf_ktime_get_ns() >= until;
}

/* Return WHEN or the expiry time, whichever is earlier. */
static __always_inline u64 bq_wake_by(const struct bq_instance *id, u64 when)
{
	u64 until = *(const volatile u64 *)&id->expires_ns;

	return until && until < when ? until : when;
}

/*
 * Copy the payload of TCA_OPTIONS, SIZE bytes at most, into BUF. Return its length in bytes (which
 * may exceed SIZE, or be 0), or -ENODATA if there is no TCA_OPTIONS.
 *
 * OPT may be NULL although the verifier assumes it is not, and would delete a test for it. Only
 * bpf_probe_read_kernel() is safe: it fails on NULL, where a plain read crashes the kernel.
 */
static __always_inline int bq_options_read(struct nlattr *opt, void *buf, u32 size)
{
	struct {
		u16 len;
		u16 type;
	} head = {};
	u32 len;

	if (bpf_probe_read_kernel(&head, sizeof(head), opt))
		return -ENODATA;
	if (head.len < sizeof(head))
		return -EINVAL;
	len = head.len - sizeof(head);
	if (len < size)
		size = len;
	if (bpf_probe_read_kernel(buf, size, (void *)opt + sizeof(head)))
		return -EINVAL;
	return len;
}

/*
 * Return true if LEN bytes of options with header HELLO are bqdisc's, of this layout and SIZE
 * bytes.
 */
static __always_inline bool bq_options_are_own(const struct bq_options_header *header, u32 len,
					       u32 size)
{
	return len == size && header->magic == BQ_MAGIC && header->layout == BQ_LAYOUT &&
	       header->size == size;
}

/* Return true if ID is a pool instance, whose resources belong to the pool. */
static __always_inline bool bq_is_pool_instance(const struct bq_instance *id)
{
	return !id->slots_map;
}

/* Return the instance's key in the kind's maps. */
static __always_inline u32 bq_index_of(const struct bq_instance *id)
{
	return id->index;
}

/* Give a pool instance its first slots. Drop its earlier resources except pages in the arena. */
static __always_inline void bq_slots_from_pool(struct bq_instance *id, u32 index)
{
	id->index = index;
	id->cookie = 0;
	id->slots_map = 0;
	id->slots_base = (index - BQ_POOL_FIRST) * BQ_POOL_SLOTS;
	id->slots = BQ_POOL_SLOTS;
	id->slots_step = 0;
	id->slots_busy = 0;
	id->set = 0;
	__builtin_memset(id->tables, 0, sizeof(id->tables));
	__builtin_memset(id->more, 0, sizeof(id->more));
}

/* Release ID. With only the pool's slots it can be claimed again at once. */
static __always_inline void bq_release(struct bq_instance *id, struct Qdisc *sch)
{
	u32 index = id->index;

	sch->limit = 0;
	id->expires_ns = 0;
	id->egress = 0;
	id->device = 0;
	bq_place_leave(id);
	bq_pool_leave(id);
	__sync_lock_test_and_set(&id->state, bq_is_pool_instance(id) ? BQ_FREE : BQ_SPENT);
	bq_usage_set_check(index);
}

#endif
