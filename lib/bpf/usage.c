// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instances of a kind that are in use, free, or to be checked. */
#include "bpf/kind.h"

/* Bits of a word: which instances to look for. */
enum look { USED, UNUSED, TO_CHECK };

/* Return the index of the next bit at index I or after it, or 0. */
static uint32_t next_bit(const struct bq_kind *kind, uint32_t i, enum look look)
{
	uint64_t bits;

	for (; i < kind->entries; i = (i | 63) + 1) {
		const struct bq_usage *word = &kind->usage[i / 64];

		bits = __atomic_load_n(look == TO_CHECK ? &word->check : &word->used,
				       __ATOMIC_ACQUIRE);
		bits = (look == UNUSED ? ~bits : bits) >> (i % 64);
		if (bits)
			return i + (uint32_t)__builtin_ctzll(bits);
	}
	return 0;
}

static uint32_t index_after(const struct bq_kind *kind, const struct bq_instance *prev)
{
	return prev ? bq_kind_index(kind, prev) + 1 : 1;
}

struct bq_instance *bq_kind_next(const struct bq_kind *kind, const struct bq_instance *prev)
{
	const volatile struct bq_instance *id;
	uint32_t i = index_after(kind, prev);

	while ((i = next_bit(kind, i, USED))) {
		id = bq_kind_instance(kind, i++);
		if (bq_instance_state(id) != BQ_FREE || id->growing)
			return (struct bq_instance *)id;
	}
	return NULL;
}

struct bq_instance *bq_kind_next_check(const struct bq_kind *kind, const struct bq_instance *prev)
{
	uint32_t i = next_bit(kind, index_after(kind, prev), TO_CHECK);

	return i ? bq_kind_instance(kind, i) : NULL;
}

bool bq_kind_is_settled(const struct bq_kind *kind, bool *in_use)
{
	size_t i, n = kind->usage_size / sizeof(*kind->usage);

	*in_use = false;
	for (i = 0; i < n; i++) {
		if (__atomic_load_n(&kind->usage[i].check, __ATOMIC_ACQUIRE))
			return false;
		*in_use |= __atomic_load_n(&kind->usage[i].used, __ATOMIC_ACQUIRE) != 0;
	}
	return true;
}

void bq_kind_check(const struct bq_kind *kind, const struct bq_instance *id)
{
	uint32_t i = bq_kind_index(kind, id);

	__atomic_fetch_or(&kind->usage[i / 64].check, 1ull << i % 64, __ATOMIC_ACQ_REL);
}

void bq_kind_set_expiry(const struct bq_kind *kind, uint64_t ns)
{
	struct bq_instance *head = kind->table;

	head->expires_ns = ns;
	if (ns)
		bq_kind_check(kind, head);
	else
		__atomic_fetch_and(&kind->usage[0].check, ~1ull, __ATOMIC_ACQ_REL);
}

/* Return the first index that user space prepares. */
static uint32_t first_prepared(const struct bq_kind *kind)
{
	return BQ_POOL_FIRST + bq_kind_size(kind).pool;
}

struct bq_table_size bq_kind_size(const struct bq_kind *kind)
{
	const struct bq_instance *head = kind->table;
	uint32_t pool = head->pool < kind->entries ? head->pool : 0;

	return (struct bq_table_size){ pool, kind->entries - BQ_POOL_FIRST - pool };
}

/* Return the bits of the word from index START on that stand for the indices FIRST to END - 1. */
static uint64_t bits_between(uint32_t start, uint32_t first, uint32_t end)
{
	uint64_t bits = ~0ull;

	if (first > start)
		bits &= ~0ull << (first - start);
	if (end - start < 64)
		bits &= ~(~0ull << (end - start));
	return bits;
}

/* Count the instances in use at the indices FIRST to END - 1. */
static uint32_t count_used(const struct bq_kind *kind, uint32_t first, uint32_t end)
{
	uint32_t start, n = 0;
	uint64_t used;

	for (start = first & ~63u; start < end; start += 64) {
		used = __atomic_load_n(&kind->usage[start / 64].used, __ATOMIC_ACQUIRE);
		n += (uint32_t)__builtin_popcountll(used & bits_between(start, first, end));
	}
	return n;
}

uint32_t bq_kind_count_prepared(const struct bq_kind *kind)
{
	return count_used(kind, first_prepared(kind), kind->entries);
}

bool bq_kind_pool_is_short(const struct bq_kind *kind)
{
	uint32_t end = first_prepared(kind);

	return count_used(kind, BQ_POOL_FIRST, end) > (end - BQ_POOL_FIRST) / 2;
}

bool bq_kind_has_room(const struct bq_kind *kind, uint32_t n)
{
	return kind->entries - first_prepared(kind) - bq_kind_count_prepared(kind) >= n;
}

struct bq_instance *bq_kind_take_free(const struct bq_kind *kind)
{
	uint32_t i = next_bit(kind, first_prepared(kind), UNUSED);
	struct bq_usage *word = &kind->usage[i / 64];

	if (!i || i >= kind->entries)
		return NULL;
	__atomic_fetch_or(&word->check, 1ull << i % 64, __ATOMIC_ACQ_REL);
	__atomic_fetch_or(&word->used, 1ull << i % 64, __ATOMIC_ACQ_REL);
	return bq_kind_instance(kind, i);
}

/* A program may claim a free instance of the pool at any time: it sets the state first. */
void bq_kind_set_free(const struct bq_kind *kind, struct bq_instance *id)
{
	uint32_t i = bq_kind_index(kind, id);
	struct bq_usage *word = &kind->usage[i / 64];

	__atomic_fetch_and(&word->used, ~(1ull << i % 64), __ATOMIC_ACQ_REL);
	if (bq_instance_state(id) != BQ_FREE || id->growing)
		__atomic_fetch_or(&word->used, 1ull << i % 64, __ATOMIC_ACQ_REL);
}

/*
 * Look at the state after the bit is cleared: .destroy writes the state first. A sweep that is
 * killed before leaves the bit.
 */
void bq_kind_checked(const struct bq_kind *kind, struct bq_instance *id)
{
	uint32_t i = bq_kind_index(kind, id), state;

	__atomic_fetch_and(&kind->usage[i / 64].check, ~(1ull << i % 64), __ATOMIC_ACQ_REL);
	state = bq_instance_state(id);
	if (state == BQ_PREPARED || state == BQ_SPENT)
		bq_kind_check(kind, id);
	else if (state == BQ_FREE)
		bq_kind_set_free(kind, id);
}

bool bq_kind_in_use(const struct bq_kind *kind)
{
	const struct bq_instance *id = NULL;
	uint32_t state;

	while ((id = bq_kind_next(kind, id))) {
		state = bq_instance_state(id);
		if (state == BQ_LIVE || state == BQ_CLAIMED || id->growing)
			return true;
	}
	return false;
}
