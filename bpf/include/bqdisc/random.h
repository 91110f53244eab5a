/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random numbers that are reproducible from a seed: taus113, after lib/random32.c of Linux (P.
 * L'Ecuyer, "Tables of maximally equidistributed combined LFSR generators", 1999). Plain C, for BPF
 * programs and for user space that predicts them.
 *
 * Not for secrets: a few numbers reveal all that follow. A BPF program that needs no seed calls the
 * kernel's bpf_get_prandom_u32(), a generator of the same kind.
 *
 * Guarantees: the numbers of the kernel's prandom_u32_state() after prandom_seed_state(), with a
 * period of 2^113. Cost: bq_random_draw 38; bpf_get_prandom_u32 52.
 */
#ifndef BQDISC_RANDOM_H
#define BQDISC_RANDOM_H

#include <linux/types.h>

#define BQ_RANDOM_INLINE static inline __attribute__((always_inline, unused))

/* State of a generator. Seed it: a zeroed state returns only zeros. */
struct bq_random {
	__u32 s1, s2, s3, s4;
};

BQ_RANDOM_INLINE __u32 bq_random_word(__u32 x, __u32 least)
{
	return x < least ? x + least : x;
}

BQ_RANDOM_INLINE void bq_random_seed(struct bq_random *r, __u64 seed)
{
	__u32 x = (__u32)((seed >> 32) ^ (seed << 10) ^ seed);

	r->s1 = bq_random_word(x, 2);
	r->s2 = bq_random_word(x, 8);
	r->s3 = bq_random_word(x, 16);
	r->s4 = bq_random_word(x, 128);
}

/* Return the next number, from 0 to 2^32 - 1. */
BQ_RANDOM_INLINE __u32 bq_random_draw(struct bq_random *r)
{
	r->s1 = ((r->s1 & 0xfffffffe) << 18) ^ (((r->s1 << 6) ^ r->s1) >> 13);
	r->s2 = ((r->s2 & 0xfffffff8) << 2) ^ (((r->s2 << 2) ^ r->s2) >> 27);
	r->s3 = ((r->s3 & 0xfffffff0) << 7) ^ (((r->s3 << 13) ^ r->s3) >> 21);
	r->s4 = ((r->s4 & 0xffffff80) << 13) ^ (((r->s4 << 3) ^ r->s4) >> 12);
	return r->s1 ^ r->s2 ^ r->s3 ^ r->s4;
}

#endif
