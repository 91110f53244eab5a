/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Histograms of times and of queue lengths: arrays of BQ_TIMES or BQ_LENGTHS __u64 in the stats
 * struct, with the tag BQ_HISTOGRAM (tags.bpf.h). Another member must follow in the instance
 * struct, because the verifier does not know that the table has multiples of 8 only.
 *
 * Values below 4 have buckets of their own. From there on each power of two has four buckets of
 * equal width. The last bucket also counts all larger values. Plain C, for BPF programs and tests.
 *
 * Guarantees: the middle of a bucket differs from each value in it by at most 12.5 %. Cost:
 * bq_times_add 19 from 65 us to 1 s, bq_lengths_add 14.
 */
#ifndef BQDISC_HISTOGRAM_H
#define BQDISC_HISTOGRAM_H

#include <linux/types.h>

#define BQ_LENGTHS 60 /* buckets for packets in a queue: below 2^16 */
#define BQ_TIMES 144  /* buckets for ns: below 2^37, 137 s */

/* Values below 2^BQ_NEAR_BITS are in the table. */
#define BQ_NEAR_BITS 9
#define BQ_NEAR_MAX ((1u << BQ_NEAR_BITS) - 1)
/* A value divided by 2^BQ_STEP_BITS is BQ_STEP buckets lower. */
#define BQ_STEP_BITS 7
#define BQ_STEP (4 * BQ_STEP_BITS)

#define BQ_HISTOGRAM_INLINE static inline __attribute__((always_inline, unused))

/* Return the least value in bucket N, which is the upper bound of the bucket before. */
BQ_HISTOGRAM_INLINE __u64 bq_bucket_from(__u32 n)
{
	return n < 4 ? n : (__u64)(4 + n % 4) << (n / 4 - 1);
}

/* Counters of the values from 2^(k + 2) to 2^(k + 3) - 1. */
#define BQ_OCTAVE(k)                                                                               \
	[4 << k...(5 << k) - 1] = 8 * (4 * k + 4), [5 << k...(6 << k) - 1] = 8 * (4 * k + 5),      \
			     [6 << k...(7 << k) - 1] = 8 * (4 * k + 6),                            \
			     [7 << k...(8 << k) - 1] = 8 * (4 * k + 7)

/* Offset in bytes of the counter of each value. */
static const __u8 bq_near_counters[BQ_NEAR_MAX + 1] = {
	0,
	8,
	16,
	24,
	BQ_OCTAVE(0),
	BQ_OCTAVE(1),
	BQ_OCTAVE(2),
	BQ_OCTAVE(3),
	BQ_OCTAVE(4),
	BQ_OCTAVE(5),
	BQ_OCTAVE(6),
};

#undef BQ_OCTAVE

/* Count N packets of VALUE, at most BQ_NEAR_MAX, from bucket FIRST on. */
BQ_HISTOGRAM_INLINE void bq_count_near(__u64 *counts, __u32 first, __u64 value, __u64 n)
{
	*(__u64 *)((char *)(counts + first) + bq_near_counters[value]) += n;
}

BQ_HISTOGRAM_INLINE __u64 bq_near(__u64 value)
{
	return value < BQ_NEAR_MAX ? value : BQ_NEAR_MAX;
}

/*
 * Count a time in ns of N packets. The order of the cases favours times from 65 us to 1 s. The
 * compiler must compare and shift one register: the verifier knows the bound of no copy.
 */
BQ_HISTOGRAM_INLINE void bq_times_add_many(__u64 counts[BQ_TIMES], __u64 ns, __u64 n)
{
	__asm__ volatile("" : "+r"(ns));
	if (ns < 1u << (BQ_NEAR_BITS + 2 * BQ_STEP_BITS)) {
		if (ns >= 1u << (BQ_NEAR_BITS + BQ_STEP_BITS))
			bq_count_near(counts, 2 * BQ_STEP, ns >> (2 * BQ_STEP_BITS), n);
		else if (ns > BQ_NEAR_MAX)
			bq_count_near(counts, BQ_STEP, ns >> BQ_STEP_BITS, n);
		else
			bq_count_near(counts, 0, ns, n);
	} else if (ns < 1u << (BQ_NEAR_BITS + 3 * BQ_STEP_BITS)) {
		bq_count_near(counts, 3 * BQ_STEP, ns >> (3 * BQ_STEP_BITS), n);
	} else {
		bq_count_near(counts, 4 * BQ_STEP, bq_near(ns >> (4 * BQ_STEP_BITS)), n);
	}
}

BQ_HISTOGRAM_INLINE void bq_times_add(__u64 counts[BQ_TIMES], __u64 ns)
{
	bq_times_add_many(counts, ns, 1);
}

/* Count the length of a queue. */
BQ_HISTOGRAM_INLINE void bq_lengths_add(__u64 counts[BQ_LENGTHS], __u32 packets)
{
	if (packets <= BQ_NEAR_MAX)
		bq_count_near(counts, 0, packets, 1);
	else
		bq_count_near(counts, BQ_STEP, bq_near(packets >> BQ_STEP_BITS), 1);
}

#endif
