/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A wheel of buckets for items whose time is far off: each is in the bucket of its time, without
 * order, until bq_wheel_advance() hands the bucket out (G. Varghese and A. Lauck, SOSP 1987). So a
 * queue needs to put in order only what is next (R. Brown, "Calendar Queues", CACM 31(10), 1988),
 * and costs the same however many wait: tfifo.bpf.h does.
 *
 * Guarantees: buckets come in the order of their times, and the items of each in the order in which
 * they were added. `place` of an item that is in a bucket is the next one there, and the last one's
 * the first. Cost: bq_wheel_add 50, bq_wheel_advance 60 a bucket.
 */
#ifndef BQDISC_WHEEL_BPF_H
#define BQDISC_WHEEL_BPF_H

#include <bqdisc/heap.h>
#include <bqdisc/memory.bpf.h>
#include <bqdisc/wheel.h>

/* log2 of the shortest bucket in ns. */
#define BQ_WHEEL_LEAST 14

/* A wheel without buckets. */
static __always_inline void bq_wheel_init(struct bq_wheel *wheel)
{
	wheel->mask = 0;
	wheel->shift = BQ_WHEEL_LEAST;
	wheel->count = 0;
}

/* Forgets all items. */
static __always_inline void bq_wheel_clear(struct bq_wheel *wheel)
{
	u32 i;

	wheel->count = 0;
	for (i = 0; i < (wheel->mask + 1) / 64 && can_loop; i++)
		*bq_nth(u64, wheel->used, i) = 0;
}

/*
 * After bq_wheel_advance() handed out the bucket that ends with LAST: what begins with ITEM there
 * was not taken, and the next turn hands it out.
 */
static __always_inline void bq_wheel_return(struct bq_wheel *wheel, bq_ref item, bq_ref last)
{
	u32 n = --wheel->edge & wheel->mask;

	*bq_nth(u64, wheel->used, n / 64) |= 1ull << (n % 64);
	*bq_nth(bq_ref, wheel->buckets, n) = last;
	bq_at(struct bq_heap_node, last)->place = item;
}

/* How long, as a power of two, a bucket must be for all to span NS. */
static __always_inline u32 bq_wheel_shift(const struct bq_wheel *wheel, u64 ns)
{
	u32 shift = BQ_WHEEL_LEAST;

	while (shift < 63 && ns >> shift > wheel->mask && can_loop)
		shift++;
	return shift;
}

/* Gives an empty wheel N buckets at LINK, which span as much as those before did. */
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

/* Adds an item, if one of the buckets that are still to come is for its time. */
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
		node->place = before->place;
		before->place = item;
	} else {
		*used |= bit;
		node->place = item;
	}
	*last = item;
	wheel->count++;
	return true;
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

/*
 * Goes on to the next bucket that has items: returns the last of them, and whoever takes them
 * counts them off. Or goes past some buckets that have none, and returns 0.
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
