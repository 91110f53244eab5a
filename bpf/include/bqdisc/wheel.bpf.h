/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Items ordered by time when there are many: a wheel of buckets before a heap. An item goes into
 * the bucket of its time, without order, and into the heap when that time comes near, so that the
 * heap has few levels however many wait. (A wheel: G. Varghese and A. Lauck, SOSP 1987; buckets
 * whose items are put in order when it is their turn: R. Brown, "Calendar Queues", CACM 31(10),
 * 1988.)
 *
 * In the heap, too, waits what no bucket is for: what is due before those that are still to come,
 * or after a whole revolution; and everything while there are few.
 *
 * Guarantees: heap.bpf.h's, after bq_wheel_come(). Nothing can be taken out but the first: `place`
 * of an item in a bucket is the next one there. Cost with 10,000 items of random times:
 * bq_wheel_add 49, bq_wheel_come 115, most of it for the way into the heap.
 */
#ifndef BQDISC_WHEEL_BPF_H
#define BQDISC_WHEEL_BPF_H

#include <bqdisc/heap.bpf.h>
#include <bqdisc/wheel.h>

/* With fewer items the heap alone is as cheap, and the next bucket that has any may be far. */
#define BQ_WHEEL_FEW 64
/* log2 of the shortest bucket in ns: for so long ahead bq_wheel_come() looks at least. */
#define BQ_WHEEL_LEAST 14

/* Forgets what is in buckets. */
static __always_inline void bq_wheel_forget(struct bq_wheel *wheel)
{
	u32 i;

	wheel->count = 0;
	for (i = 0; i < (wheel->mask + 1) / 64 && can_loop; i++)
		*bq_nth(u64, wheel->used, i) = 0;
}

static __always_inline void bq_wheel_clear(struct bq_wheel *wheel)
{
	bq_heap_clear(&wheel->heap);
	bq_wheel_forget(wheel);
}

/* An empty wheel without buckets; the heap's array is at ENTRIES. */
static __always_inline void bq_wheel_init(struct bq_wheel *wheel, bq_link entries)
{
	wheel->heap.entries = entries;
	wheel->mask = 0;
	wheel->shift = BQ_WHEEL_LEAST;
	wheel->count = 0;
	bq_heap_clear(&wheel->heap);
}

static __always_inline u64 bq_wheel_bucket(const struct bq_wheel *wheel, u64 time)
{
	return time >> wheel->shift;
}

/* The number of the lowest bit that is set; there is one. */
static __always_inline u32 bq_lowest_bit(u64 word)
{
	u32 n = 0;

	if (!(word & 0xffffffff))
		n += 32, word >>= 32;
	if (!(word & 0xffff))
		n += 16, word >>= 16;
	if (!(word & 0xff))
		n += 8, word >>= 8;
	if (!(word & 0xf))
		n += 4, word >>= 4;
	if (!(word & 0x3))
		n += 2, word >>= 2;
	return n + !(word & 0x1);
}

/* Moves the items of bucket N into the heap, in the order in which they came. */
static __always_inline void bq_wheel_open(struct bq_wheel *wheel, u32 n)
{
	bq_link last = *bq_nth(bq_link, wheel->buckets, n), item;
	bq_link next = bq_at(struct bq_heap_node, last)->place;

	*bq_nth(u64, wheel->used, n / 64) &= ~(1ull << (n % 64));
	do {
		item = next;
		next = bq_at(struct bq_heap_node, item)->place;
		bq_heap_add(&wheel->heap, item);
		wheel->count--;
	} while (item != last && can_loop);
}

/*
 * Goes on to the next bucket that has items, or past some that have none. Not inlined: so the loop
 * over a bucket's items, which must not end early, has the kernel's patience for itself.
 */
static __noinline int bq_wheel_turn(struct bq_wheel *wheel)
{
	u32 n = wheel->edge & wheel->mask;
	u64 word = *bq_nth(u64, wheel->used, n / 64) >> (n % 64);
	u32 skip;

	if (!word) {
		wheel->edge += 64 - n % 64;
		return 0;
	}
	skip = bq_lowest_bit(word);
	wheel->edge += skip + 1;
	bq_wheel_open(wheel, n + skip);
	return 0;
}

/* Moves everything into the heap. */
static __always_inline void bq_wheel_empty(struct bq_wheel *wheel)
{
	while (wheel->count && can_loop)
		bq_wheel_turn(wheel);
}

/* Makes the buckets so long that they span NS together, or more. */
static __always_inline void bq_wheel_span(struct bq_wheel *wheel, u64 ns)
{
	u32 shift = BQ_WHEEL_LEAST;

	while (shift < 63 && ns >> shift > wheel->mask && can_loop)
		shift++;
	if (shift == wheel->shift)
		return;
	bq_wheel_empty(wheel);
	wheel->shift = shift;
}

/* Goes over to N buckets at LINK, which span as much as those before did. */
static __always_inline void bq_wheel_use(struct bq_wheel *wheel, bq_link link, u32 n)
{
	u64 span = (u64)wheel->mask << wheel->shift;

	bq_wheel_empty(wheel);
	wheel->buckets = link;
	wheel->used = link + n * (u32)sizeof(bq_link);
	wheel->mask = n - 1;
	bq_wheel_forget(wheel);
	bq_wheel_span(wheel, span);
}

/* Whether there is a bucket for it. */
static __always_inline bool bq_wheel_takes(struct bq_wheel *wheel, u64 bucket)
{
	if (!wheel->count) {
		if (!wheel->mask || wheel->heap.count < BQ_WHEEL_FEW)
			return false;
		wheel->edge = bq_wheel_bucket(wheel, bq_heap_first_time(&wheel->heap)) + 2;
	}
	return bucket - wheel->edge <= wheel->mask;
}

/* Lets ITEM wait until its node's time. */
static __always_inline void bq_wheel_add(struct bq_wheel *wheel, bq_link item)
{
	struct bq_heap_node __arena *node = bq_at(struct bq_heap_node, item), *before;
	u64 bucket = bq_wheel_bucket(wheel, node->time), bit;
	u64 __arena *used;
	bq_link __arena *last;

	if (!bq_wheel_takes(wheel, bucket)) {
		bq_heap_add(&wheel->heap, item);
		return;
	}
	used = bq_nth(u64, wheel->used, (bucket & wheel->mask) / 64);
	last = bq_nth(bq_link, wheel->buckets, bucket & wheel->mask);
	bit = 1ull << (bucket % 64);
	if (*used & bit) {
		before = bq_at(struct bq_heap_node, *last);
		node->place = before->place;
		before->place = item;
	} else {
		*used |= bit;
		node->place = item;
	}
	*last = item;
	wheel->count++;
}

/* Sees to it that the heap has the first item, and what is due up to a bucket's time after it. */
static __always_inline void bq_wheel_come(struct bq_wheel *wheel)
{
	while (wheel->count && can_loop) {
		u64 first = bq_heap_first_time(&wheel->heap);

		if (bq_wheel_bucket(wheel, first) + 2 <= wheel->edge)
			break;
		bq_wheel_turn(wheel);
	}
}

#endif
