/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heap of items ordered by time.
 *
 * Each node has four children, so 65,536 items need eight levels. Four entries with the latest time
 * of all follow the last entry, so reading four children needs no bounds check.
 *
 * Guarantees: the earliest item is first; among equal times the first in is the first out. The
 * caller must not add more items than the array holds. An operation takes at most 16 steps of
 * can_loop (loop.bpf.h). A loop over many operations must call a function for each, or the kernel
 * may end an operation half-way and leave the heap unordered. Cost with 1000 items of random times:
 * bq_heap_add 214, bq_heap_take 356.
 */
#ifndef BQDISC_HEAP_BPF_H
#define BQDISC_HEAP_BPF_H

#include <bqdisc/heap.h>
#include <bqdisc/memory.bpf.h>

#define BQ_NEVER (~0ull)

/*
 * Switch for tracking each item's place. A program that only removes the first item defines it as 0
 * before including the header. Operations then do not touch the memory of the items they pass.
 */
#ifndef BQ_HEAP_PLACES
#define BQ_HEAP_PLACES 1
#endif

typedef struct bq_heap_entry __arena bq_entry;

static __always_inline bq_entry *bq_heap_at(const struct bq_heap *heap, u32 place)
{
	return bq_nth(struct bq_heap_entry, heap->entries, place);
}

static __always_inline void bq_heap_clear(struct bq_heap *heap)
{
	u32 i;

	heap->count = 0;
	for (i = 0; i < 5; i++)
		bq_heap_at(heap, i)->time = BQ_NEVER;
}

/* Move the heap to a larger array at ENTRIES, with its items and the four end entries. */
static __always_inline void bq_heap_move(struct bq_heap *heap, bq_ref entries)
{
	u32 i, n = heap->count + 5;

	bpf_for(i, 0, n) {
		bq_entry *to = bq_nth(struct bq_heap_entry, entries, i);
		bq_entry *from = bq_heap_at(heap, i);

		to->time = from->time;
		to->item = from->item;
		to->order = from->order;
	}
	heap->entries = entries;
}

/* Return the time of the first item, or BQ_NEVER if the heap is empty. */
static __always_inline u64 bq_heap_first_time(const struct bq_heap *heap)
{
	return bq_heap_at(heap, 0)->time;
}

/* Return the time of the second item, one of the first one's children, or BQ_NEVER. */
static __always_inline u64 bq_heap_second_time(const struct bq_heap *heap)
{
	u64 time = BQ_NEVER;
	u32 i;

	for (i = 1; i < 5; i++)
		if (bq_heap_at(heap, i)->time < time)
			time = bq_heap_at(heap, i)->time;
	return time;
}

static __always_inline bool bq_entry_before(const bq_entry *a, u64 time, u32 order)
{
	return a->time < time || (a->time == time && (s32)(a->order - order) < 0);
}

static __always_inline void bq_heap_put(const struct bq_heap *heap, u32 place, u64 time,
					bq_ref item, u32 order)
{
	bq_entry *e = bq_heap_at(heap, place);

	e->time = time;
	e->item = item;
	e->order = order;
	if (BQ_HEAP_PLACES)
		bq_at(struct bq_heap_node, item)->place = place;
}

/* Insert an entry at or above the hole PLACE. */
static __always_inline void bq_heap_rise(const struct bq_heap *heap, u32 place, u64 time,
					 bq_ref item, u32 order)
{
	while (place && can_loop) {
		u32 up = (place - 1) / 4;
		bq_entry *e = bq_heap_at(heap, up);

		if (!(time < e->time || (time == e->time && (s32)(order - e->order) < 0)))
			break;
		bq_heap_put(heap, place, e->time, e->item, e->order);
		place = up;
	}
	bq_heap_put(heap, place, time, item, order);
}

/* Insert an entry at or below the hole PLACE. */
static __always_inline void bq_heap_sink(const struct bq_heap *heap, u32 place, u64 time,
					 bq_ref item, u32 order)
{
	while (place * 4 + 1 < heap->count && can_loop) {
		u32 first = place * 4 + 1;
		bq_entry *best = bq_heap_at(heap, first), *e = best + 1;

		if (bq_entry_before(e, best->time, best->order))
			best = e;
		e++;
		if (bq_entry_before(e, best->time, best->order))
			best = e;
		e++;
		if (bq_entry_before(e, best->time, best->order))
			best = e;
		if (!bq_entry_before(best, time, order))
			break;
		bq_heap_put(heap, place, best->time, best->item, best->order);
		place = first + (u32)(best - bq_heap_at(heap, first));
	}
	bq_heap_put(heap, place, time, item, order);
}

/* Sink one entry. A separate function gets its own can_loop budget. */
static __noinline __attribute__((unused)) int bq_heap_settle(const struct bq_heap *heap, u32 place)
{
	bq_entry *e = bq_heap_at(heap, place);

	bq_heap_sink(heap, place, e->time, e->item, e->order);
	return 0;
}

/* Restore the order after the times of entries changed (R. W. Floyd, 1964). */
static __always_inline void bq_heap_order(const struct bq_heap *heap)
{
	u32 i, place = heap->count < 2 ? 0 : (heap->count - 2) / 4 + 1, n = place;

	bpf_for(i, 0, n)
		bq_heap_settle(heap, --place);
}

/* Add ITEM with its node's time. */
static __always_inline void bq_heap_add(struct bq_heap *heap, bq_ref item)
{
	u32 place = heap->count++;

	bq_heap_at(heap, place + 4)->time = BQ_NEVER;
	bq_heap_rise(heap, place, bq_at(struct bq_heap_node, item)->time, item, heap->order++);
}

/* Fill the hole PLACE with the last entry. */
static __always_inline void bq_heap_close(struct bq_heap *heap, u32 place)
{
	u32 last = --heap->count;
	bq_entry *e = bq_heap_at(heap, last);
	u64 time = e->time;
	u32 order = e->order;
	bq_ref item = e->item;

	e->time = BQ_NEVER;
	if (place == last)
		return;
	if (place && bq_heap_at(heap, (place - 1) / 4)->time > time)
		bq_heap_rise(heap, place, time, item, order);
	else
		bq_heap_sink(heap, place, time, item, order);
}

/* Remove and return the first item, or 0 if the heap is empty. */
static __always_inline bq_ref bq_heap_take(struct bq_heap *heap)
{
	bq_ref item;

	if (!heap->count)
		return 0;
	item = bq_heap_at(heap, 0)->item;
	bq_heap_close(heap, 0);
	return item;
}

/* Remove ITEM from any place. It must be in this heap. */
static __always_inline void bq_heap_remove(struct bq_heap *heap, bq_ref item)
{
	bq_heap_close(heap, bq_at(struct bq_heap_node, item)->place);
}

#endif
