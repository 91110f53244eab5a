/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wheel of buckets for items due in the distant future. Each item stays unordered in the bucket of
 * its time until bq_wheel_advance() returns the bucket (G. Varghese and A. Lauck, SOSP 1987). A
 * queue, such as tfifo.bpf.h, then orders only the next items (R. Brown, "Calendar Queues", CACM
 * 31(10), 1988). Its cost is independent of the number of items.
 *
 * Guarantees: buckets come in order of time, and the items of each in the order in which they were
 * added. Each item begins with a struct bq_heap_node, whose `next` links its bucket.
 * Cost: bq_wheel_add 50, bq_wheel_advance 60 a bucket.
 */
#ifndef BQDISC_WHEEL_BPF_H
#define BQDISC_WHEEL_BPF_H

#include <bqdisc/heap.h>
#include <bqdisc/memory.bpf.h>
#include <bqdisc/wheel.h>

/* log2 of the shortest bucket in ns. */
#define BQ_WHEEL_LEAST 14

/* Initialise a wheel without buckets. */
static __always_inline void bq_wheel_init(struct bq_wheel *wheel)
{
	wheel->mask = 0;
	wheel->shift = BQ_WHEEL_LEAST;
	wheel->count = 0;
}

/* Empty the wheel. */
static __always_inline void bq_wheel_clear(struct bq_wheel *wheel)
{
	u32 i;

	wheel->count = 0;
	for (i = 0; i < (wheel->mask + 1) / 64 && can_loop; i++)
		*bq_nth(u64, wheel->used, i) = 0;
}

/*
 * Return items from ITEM on to the wheel, after bq_wheel_advance() returned the bucket that ends
 * with LAST. The next call returns them again.
 */
static __always_inline void bq_wheel_return(struct bq_wheel *wheel, bq_ref item, bq_ref last)
{
	u32 n = --wheel->edge & wheel->mask;

	*bq_nth(u64, wheel->used, n / 64) |= 1ull << (n % 64);
	*bq_nth(bq_ref, wheel->buckets, n) = last;
	bq_at(struct bq_heap_node, last)->next = item;
}

/* Return log2 of the bucket length in ns with which all buckets span NS. */
static __always_inline u32 bq_wheel_shift(const struct bq_wheel *wheel, u64 ns)
{
	u32 shift = BQ_WHEEL_LEAST;

	while (shift < 63 && ns >> shift > wheel->mask && can_loop)
		shift++;
	return shift;
}

/* Give an empty wheel N buckets at REF, which span as much time as the previous ones. */
static __always_inline void bq_wheel_use(struct bq_wheel *wheel, bq_ref ref, u32 n)
{
	u64 span = (u64)wheel->mask << wheel->shift;

	wheel->buckets = ref;
	wheel->used = ref + n * (u32)sizeof(bq_ref);
	wheel->mask = n - 1;
	wheel->shift = bq_wheel_shift(wheel, span);
	bq_wheel_clear(wheel);
}

static __always_inline u64 bq_wheel_bucket(const struct bq_wheel *wheel, u64 time)
{
	return time >> wheel->shift;
}

/* Add an item if a bucket still to come covers its time. Return false if none does. */
static __always_inline bool bq_wheel_add(struct bq_wheel *wheel, bq_ref item)
{
	struct bq_heap_node __arena *node = bq_at(struct bq_heap_node, item), *before;
	u64 bucket = bq_wheel_bucket(wheel, node->time), bit;
	u64 __arena *used;
	bq_ref __arena *last;

	if (bucket - wheel->edge > wheel->mask)
		return false;
	used = bq_nth(u64, wheel->used, (bucket & wheel->mask) / 64);
	last = bq_nth(bq_ref, wheel->buckets, bucket & wheel->mask);
	bit = 1ull << (bucket % 64);
	if (*used & bit) {
		before = bq_at(struct bq_heap_node, *last);
		node->next = before->next;
		before->next = item;
	} else {
		*used |= bit;
		node->next = item;
	}
	*last = item;
	wheel->count++;
	return true;
}

/* Return the number of the lowest set bit; WORD must not be 0. */
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

/*
 * Advance to the next bucket with items and return its last item. The caller subtracts those it
 * removes from the count. Return 0 after passing some empty buckets.
 */
static __always_inline bq_ref bq_wheel_advance(struct bq_wheel *wheel)
{
	u32 n = wheel->edge & wheel->mask, skip;
	u64 __arena *used = bq_nth(u64, wheel->used, n / 64);
	u64 word = *used >> (n % 64);

	if (!word) {
		wheel->edge += 64 - n % 64;
		return 0;
	}
	skip = word & 1 ? 0 : bq_lowest_bit(word);
	n += skip;
	wheel->edge += skip + 1;
	*used &= ~(1ull << (n % 64));
	return *bq_nth(bq_ref, wheel->buckets, n);
}

#endif
