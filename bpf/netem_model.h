/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What netem's decisions are made of, after net/sched/sch_netem.c and lib/random32.c of Linux 7.3:
 * the same seed gives the same numbers in the same order. Plain C without a kernel, so that tests
 * can run millions of draws of the very code that runs in the kernel.
 *
 * NETEM_MEMORY stands before what lies in an instance's memory: BPF must be told.
 */
#ifndef BQDISC_NETEM_MODEL_H
#define BQDISC_NETEM_MODEL_H

#include "netem.h"

#ifdef __bpf__
#define NETEM_MEMORY __arena
#else
#define NETEM_MEMORY
#endif

#define NETEM_INLINE static inline __attribute__((always_inline))

/* --- random numbers --- */

NETEM_INLINE __u32 netem_seed_word(__u32 x, __u32 least)
{
	return x < least ? x + least : x;
}

/* As prandom_seed_state(). */
NETEM_INLINE void netem_seed(struct netem_random NETEM_MEMORY *r, __u64 seed)
{
	__u32 x = (__u32)((seed >> 32) ^ (seed << 10) ^ seed);

	r->s1 = netem_seed_word(x, 2);
	r->s2 = netem_seed_word(x, 8);
	r->s3 = netem_seed_word(x, 16);
	r->s4 = netem_seed_word(x, 128);
}

/* As prandom_u32_state(). */
NETEM_INLINE __u32 netem_draw(struct netem_random NETEM_MEMORY *r)
{
	__u32 s1 = r->s1, s2 = r->s2, s3 = r->s3, s4 = r->s4;

	s1 = ((s1 & 0xfffffffe) << 18) ^ (((s1 << 6) ^ s1) >> 13);
	s2 = ((s2 & 0xfffffff8) << 2) ^ (((s2 << 2) ^ s2) >> 27);
	s3 = ((s3 & 0xfffffff0) << 7) ^ (((s3 << 13) ^ s3) >> 21);
	s4 = ((s4 & 0xffffff80) << 13) ^ (((s4 << 3) ^ s4) >> 12);
	r->s1 = s1;
	r->s2 = s2;
	r->s3 = s3;
	r->s4 = s4;
	return s1 ^ s2 ^ s3 ^ s4;
}

/*
 * A number that resembles *LAST, the one before, by the share CORR. It is not uniform any more,
 * which is why correlated loss is rarer than its probability says; but it is what the kernel does.
 */
NETEM_INLINE __u32 netem_draw_like(struct netem_random NETEM_MEMORY *r, __u32 NETEM_MEMORY *last,
				   __u32 corr)
{
	__u64 value = netem_draw(r), rho = (__u64)corr + 1;

	if (!corr)
		return (__u32)value;
	value = (value * ((1ull << 32) - rho) + *last * rho) >> 32;
	*last = (__u32)value;
	return (__u32)value;
}

/* --- delay --- */

/* How long the packet is to be held, ns. It can be negative: before what came earlier. */
NETEM_INLINE __s64 netem_delay(const struct netem_impairment NETEM_MEMORY *w,
			       struct netem_state NETEM_MEMORY *s)
{
	__u32 sigma = (__u32)w->jitter, random;

	if (!sigma)
		return (__s64)w->delay;
	random = netem_draw_like(&s->random, &s->last_delay, w->delay_corr);
	return (__s64)w->delay + random % (2 * sigma) - sigma;
}

/* --- the state of a rule --- */

/* Begins with SEED. What correlations begin with the kernel draws from elsewhere: ours repeats. */
NETEM_INLINE void netem_state_init(struct netem_state NETEM_MEMORY *s, __u64 seed)
{
	netem_seed(&s->random, seed);
	s->last_delay = s->random.s1 * 0x9e3779b1u;
	s->last_time = 0;
}

#endif
