/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plain memory of an instance, of any size: a range of the arena `memory`. User space, or .init of
 * a pool instance, populated it and wrote it to id->memory. A bq_ref (32 bits) names an object.
 * Following one costs a single instruction and needs no test, because the kernel keeps every access
 * inside the arena.
 *
 * An array map would cost a call for each lookup, because a map sized for one instance is not
 * inlined. Otherwise every instance would need the same large size.
 *
 * Not for packets: an owning pointer to a packet must be in a slot (slots.bpf.h).
 *
 * Guarantees: an invalid bq_ref reads or corrupts the arena of this kind's instances, and nothing
 * else in the kernel. Cost: one instruction an access.
 */
#ifndef BQDISC_MEMORY_BPF_H
#define BQDISC_MEMORY_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/loop.bpf.h>
#include <bqdisc/memory.h>

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BQ_MEMORY_BYTES / 4096); /* user space adapts it to the page size */
	__ulong(map_extra, BQ_MEMORY_ADDRESS);
} memory SEC(".maps");

/* Reference the arena, in every program that follows a bq_ref: the verifier requires it. */
#define BQ_USES_MEMORY() asm volatile("" ::"r"(&memory))

/* Return the object of TYPE at REF. */
#define bq_at(type, ref) ((type __arena *)(unsigned long)(ref))
/* Return element N of the array at REF. */
#define bq_nth(type, ref, n) (bq_at(type, ref) + (u32)(n))
#define bq_ref_of(object) ((bq_ref)(unsigned long)(object))

static __always_inline void bq_copy_words(volatile u64 __arena *to, const u64 *from, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		to[i] = from[i];
}

/* Copy a struct of whole words to the arena. An assignment makes clang lose the address space. */
#define bq_copy(to, from)                                                                          \
	bq_copy_words((volatile u64 __arena *)(to), (const u64 *)(from),                           \
		      sizeof(*(from)) / sizeof(u64))

/* --- pages: only sleepable programs can allocate them up to 6.18, all programs from 7.2 on --- */

extern void __arena *bpf_arena_alloc_pages(void *map, void __arena *at, u32 pages, int node,
					   u64 flags) __ksym;
extern void bpf_arena_free_pages(void *map, void __arena *at, u32 pages) __ksym;

/* Never called: it exists if bpf_arena_alloc_pages() need not sleep. */
extern void __arena *bpf_arena_alloc_pages_non_sleepable(void *map, void __arena *at, u32 pages,
							 int node, u64 flags) __weak __ksym;

#define BQ_ANY_NODE (-1) /* NUMA_NO_NODE */
/* Smallest page size in bytes; with larger pages most calls find the page present. */
#define BQ_LEAST_PAGE 4096u

static __always_inline bool bq_can_always_populate(void)
{
	return bpf_ksym_exists(bpf_arena_alloc_pages_non_sleepable);
}

/* Return true if the unused memory at REF has pages; a write to a missing page is lost. */
static __always_inline bool bq_is_there(bq_ref ref)
{
	volatile u32 __arena *word = bq_at(u32, ref);

	*word = ref;
	return *word == ref;
}

/* Allocate pages for the unused range FROM to TO. Return false without memory. */
static __always_inline bool bq_populate(bq_ref from, bq_ref to)
{
	u32 i, n = to / BQ_LEAST_PAGE - from / BQ_LEAST_PAGE + 1;
	bq_ref at = (from + 7) & ~7u, page;

	bpf_for(i, 0, n) {
		if (at >= to)
			break;
		page = at & ~(BQ_LEAST_PAGE - 1);
		/* The call fails too for a page that is present, even from an earlier instance. */
		if (!bpf_arena_alloc_pages(&memory, bq_at(void, page), 1, BQ_ANY_NODE, 0) &&
		    !bq_is_there(at))
			return false;
		at = page + BQ_LEAST_PAGE;
	}
	return true;
}

/* --- pool instances; .init and .destroy must be sleepable --- */

/* Return the pages for BYTES. User space sized the arena to BQ_MEMORY_BYTES for any page size. */
static __always_inline u32 bq_pages(u32 bytes)
{
	u32 page = BQ_MEMORY_BYTES / ((const struct bpf_map *)&memory)->max_entries;

	return (bytes + page - 1) / page;
}

static __always_inline void bq_pages_free(bq_ref at, u32 bytes)
{
	bpf_arena_free_pages(&memory, bq_at(void, at), bq_pages(bytes));
}

/*
 * Allocate pages for BYTES. A process that read the flows of an earlier qdisc here, while that was
 * being removed, may have faulted in pages after it had freed them. Free those first then.
 */
static __always_inline bool bq_pages_alloc(bq_ref at, u32 bytes)
{
	if (bpf_arena_alloc_pages(&memory, bq_at(void, at), bq_pages(bytes), BQ_ANY_NODE, 0))
		return true;
	bq_pages_free(at, bytes);
	return bpf_arena_alloc_pages(&memory, bq_at(void, at), bq_pages(bytes), BQ_ANY_NODE, 0);
}

/*
 * Give a pool instance its range of BYTES, the same size for all of the kind, for UNITS. If .init
 * fails, the range remains for the next qdisc with that index. Return 0 or a negative errno.
 */
static __always_inline int bq_memory_from_pool(struct bq_instance *id, u32 bytes, u32 units)
{
	u64 at = BQ_POOL_RANGES + (u64)(id->index - BQ_POOL_FIRST) * BQ_POOL_STRIDE((u64)bytes);

	id->units = units;
	if (id->memory_size)
		return 0;
	if (at + bytes > BQ_POOL_RANGES_END)
		return -ENOBUFS;
	if (!bq_pages_alloc(at, bytes))
		return -ENOMEM;
	id->memory = at;
	id->memory_size = bytes;
	id->memory_held = bytes;
	return 0;
}

/* Free the pages of an area that the caller has claimed. */
static __always_inline void bq_area_unstock(struct bq_pool *p, u32 area)
{
	u64 *word = bq_area_word(p->stocked, area);
	u32 class = bq_area_class(area);

	if (!word || class >= BQ_AREA_CLASSES || !bq_area_is_stocked(p, area))
		return;
	__sync_fetch_and_and(word, ~(1ull << (area & 63)));
	bq_pages_free(bq_area_link(area), p->bytes[class]);
}

/* Allocate pages for an area unless it has them. */
static __always_inline void bq_area_stock(struct bq_pool *p, u32 area, u32 bytes)
{
	u64 *word = bq_area_word(p->stocked, area);

	if (!word || !bq_area_claim(p, area))
		return;
	if (!bq_area_is_stocked(p, area) && bq_pages_alloc(bq_area_link(area), bytes))
		__sync_fetch_and_or(word, 1ull << (area & 63));
	bq_area_give(p, area);
}

/*
 * Allocate pages for the area of each class with this instance's number, if one exists. Called in
 * .init of a kind whose pool instances can grow; any instance may use the areas. The number of
 * areas grows with the instances, and no program allocates pages while it handles a packet.
 * BYTES_OF returns the bytes of an area of so many slots. Without memory there are fewer areas.
 */
static __always_inline void bq_pool_stock(const struct bq_instance *id, u32 (*bytes_of)(u32 slots))
{
	u32 class, n = id->index - BQ_POOL_FIRST;
	struct bq_pool *p = bq_pool_get();

	if (!p)
		return;
	bpf_for(class, 0, BQ_AREA_CLASSES) {
		if (class >= BQ_AREA_CLASSES || n >= p->areas[class])
			break;
		p->bytes[class] = bytes_of(BQ_AREA_SLOTS(class));
		bq_area_stock(p, BQ_AREA_WORD(class) * 64 + n, p->bytes[class]);
	}
}

/* Free the pages of an area that ID is about to release, if no instance stocks it. */
static __always_inline void bq_area_leave(struct bq_pool *p, const struct bq_instance *id, u32 area)
{
	u32 class = bq_area_class(area), n = area - BQ_AREA_WORD(class) * 64;

	if (n == id->index - BQ_POOL_FIRST || !bq_usage_is_used(BQ_POOL_FIRST + n))
		bq_area_unstock(p, area);
}

/* Free the pages of a pool instance, and of the areas that it stocked or used. For .destroy. */
static __always_inline void bq_memory_release(struct bq_instance *id)
{
	u32 i, class, area, n = id->index - BQ_POOL_FIRST;
	struct bq_pool *p = bq_pool_get();

	if (!p || n >= p->instances)
		return;
	bpf_for(i, 0, BQ_SLOTS_STEPS) {
		area = id->areas[i & (BQ_SLOTS_STEPS - 1)];
		if (area)
			bq_area_leave(p, id, area - 1);
	}
	bpf_for(class, 0, BQ_AREA_CLASSES) {
		if (class >= BQ_AREA_CLASSES || n >= p->areas[class])
			break;
		area = BQ_AREA_WORD(class) * 64 + n;
		if (!bq_area_claim(p, area))
			continue;
		bq_area_unstock(p, area);
		bq_area_give(p, area);
	}
	if (id->memory_size)
		bq_pages_free(id->memory, id->memory_size);
	id->memory_size = 0;
}

#endif
