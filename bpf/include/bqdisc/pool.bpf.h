/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Areas of the pool on the BPF side: see pool.h. Programs on several CPUs claim and release areas
 * concurrently, so only atomic operations change a bit.
 *
 * Guarantees: an area belongs to one instance at a time. Cost: nothing for a packet that finds a
 * free slot.
 */
#ifndef BQDISC_POOL_BPF_H
#define BQDISC_POOL_BPF_H

#include <bqdisc/kernel.bpf.h>
#include <bqdisc/pool.h>
#include <bqdisc/table.bpf.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct bq_pool);
} pool SEC(".maps");

static __always_inline struct bq_pool *bq_pool_get(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&pool, &key);
}

/* Return the word of the area's bit. The mask and the test preserve the verifier's bound. */
static __always_inline u64 *bq_area_word(u64 *words, u32 area)
{
	u32 word = area / 64 & 31;

	return word < BQ_AREA_WORDS ? &words[word] : NULL;
}

/* Claim area AREA. Return false if an instance has it. */
static __always_inline bool bq_area_claim(struct bq_pool *p, u32 area)
{
	u64 *word = bq_area_word(p->taken, area), bit = 1ull << (area & 63);

	return word && !(__sync_fetch_and_or(word, bit) & bit);
}

static __always_inline void bq_area_give(struct bq_pool *p, u32 area)
{
	u64 *word = bq_area_word(p->taken, area);

	if (word)
		__sync_fetch_and_and(word, ~(1ull << (area & 63)));
}

static __always_inline bool bq_area_is_stocked(struct bq_pool *p, u32 area)
{
	u64 *word = bq_area_word(p->stocked, area);

	return word && *(volatile u64 *)word >> (area & 63) & 1;
}

static __always_inline u32 bq_area_class(u32 area)
{
	u32 word = area / 64;

	return word < 16 ? 0 : word < 18 ? 1 : word - 16;
}

/* Return the number of slots of the areas of its class before an area. */
static __always_inline u32 bq_area_slots_before(u32 area)
{
	u32 class = bq_area_class(area);

	return (area - BQ_AREA_WORD(class) * 64) * BQ_AREA_SLOTS(class);
}

/* Return the first slot of the area in `slots_pool`. */
static __always_inline u32 bq_area_base(const struct bq_pool *p, u32 area)
{
	u32 class = bq_area_class(area);

	return class < BQ_AREA_CLASSES ? p->base[class] + bq_area_slots_before(area) : 0;
}

/* Return the start of the area in the arena. */
static __always_inline u32 bq_area_link(u32 area)
{
	return BQ_AREA_LINK(BQ_AREA_BEFORE(bq_area_class(area)) + bq_area_slots_before(area));
}

/* Return the lowest set bit of WORD, which must not be 0. */
static __always_inline u32 bq_area_bit(u64 word)
{
	u32 n = __builtin_ctzll(word);

	asm volatile("" : "+r"(n));
	return n & 63;
}

/* Claim an area of the class, with pages in the arena if STOCKED. Return its number + 1, or 0. */
static __always_inline u32 bq_area_take(struct bq_pool *p, u32 class, bool stocked)
{
	u32 i, area, count = class < BQ_AREA_CLASSES ? p->areas[class] : 0;
	u64 free, *taken, *pages;

	bpf_for(i, 0, (count + 63) / 64) {
		area = (BQ_AREA_WORD(class) + i) * 64;
		taken = bq_area_word(p->taken, area);
		pages = bq_area_word(p->stocked, area);
		if (!taken || !pages)
			break;
		free = ~*(volatile u64 *)taken;
		if (stocked)
			free &= *(volatile u64 *)pages;
		if (count - i * 64 < 64)
			free &= (1ull << (count & 63)) - 1;
		if (!free)
			continue;
		area += bq_area_bit(free);
		if (!bq_area_claim(p, area))
			continue;
		if (!stocked || bq_area_is_stocked(p, area))
			return area + 1;
		bq_area_give(p, area);
	}
	return 0;
}

/* Release the pool's areas that ID has. The next search begins with the lowest free one. */
static __always_inline void bq_pool_leave(struct bq_instance *id)
{
	u32 i, n = id->index - BQ_POOL_FIRST;
	struct bq_pool *p = bq_pool_get();

	if (!p || n >= p->instances)
		return;
	for (i = 0; i < BQ_SLOTS_STEPS; i++) {
		if (id->areas[i])
			bq_area_give(p, id->areas[i] - 1);
		id->areas[i] = 0;
	}
	if (n < p->hint)
		p->hint = n;
}

/* Let ID use AREA - 1 from step STEP on. Write the step last, because readers read it first. */
static __always_inline void bq_area_use(struct bq_pool *p, struct bq_instance *id, u32 step,
					u32 area)
{
	u32 class = bq_area_class(area - 1), base = bq_area_base(p, area - 1);
	struct bq_range *more = &id->more[step & (BQ_SLOTS_STEPS - 1)];

	id->areas[step & (BQ_SLOTS_STEPS - 1)] = area;
	if (step && id->memory_size && class < BQ_AREA_CLASSES) {
		more->ref = bq_area_link(area - 1);
		more->size = p->bytes[class];
	}
	id->slots_base = base;
	id->slots = BQ_AREA_SLOTS(class);
	__sync_lock_test_and_set(&id->slots_step, step);
}

static __always_inline void bq_pool_grow_locked(struct bq_instance *id)
{
	u32 class, area, step = id->slots_step + 1;
	struct bq_pool *p = bq_pool_get();

	if (!p || step >= BQ_SLOTS_STEPS || (id->memory_size && !p->bytes[0]))
		return;
	bpf_for(class, 0, BQ_AREA_CLASSES) {
		if (BQ_AREA_SLOTS(class) <= id->slots)
			continue;
		area = bq_area_take(p, class, id->memory_size);
		if (!area)
			continue;
		bq_area_use(p, id, step, area);
		return;
	}
}

/*
 * Add an area to a pool instance whose slots are full, if one is free. User space grows instances
 * with slots of their own.
 */
static __noinline __attribute__((unused)) int bq_pool_grow(struct bq_instance *id)
{
	if (id->slots_map || __sync_lock_test_and_set(&id->slots_busy, 1))
		return 0;
	if (!*(volatile u32 *)&id->slots_map)
		bq_pool_grow_locked(id);
	__sync_lock_test_and_set(&id->slots_busy, 0);
	return 0;
}

/* Replace the slots of a new pool instance by an area of CLASS or the next smaller. */
static __always_inline void bq_pool_want(struct bq_instance *id, u32 class)
{
	struct bq_pool *p = bq_pool_get();
	u32 n, area;

	if (!p)
		return;
	bpf_for(n, 0, class + 1) {
		area = bq_area_take(p, class - n, false);
		if (!area)
			continue;
		bq_area_use(p, id, 0, area);
		return;
	}
}

#endif
