/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random model of netem, after net/sched/sch_netem.c of Linux 7.3: the same seed gives the same
 * numbers in the same order. Plain C without kernel headers, so that tests run millions of draws of
 * the same code.
 *
 * Call order for one packet, as in the kernel: netem_duplicates (not for a duplicate itself),
 * netem_loses, netem_corrupts. A duplicate then takes the same steps. netem_goes_ahead follows, and
 * netem_time if it returns 0.
 *
 * NETEM_MEMORY marks pointers into the instance's memory, which BPF must distinguish.
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

typedef const struct netem_impairment NETEM_MEMORY netem_impairment;
typedef struct netem_state NETEM_MEMORY netem_state;
typedef struct bq_random NETEM_MEMORY netem_random;

/* --- random numbers --- */

NETEM_INLINE void netem_seed(netem_random *r, __u64 seed)
{
	struct bq_random now;

	bq_random_seed(&now, seed);
	*r = now;
}

NETEM_INLINE __u32 netem_draw(netem_random *r)
{
	struct bq_random now = *r;
	__u32 drawn = bq_random_draw(&now);

	*r = now;
	return drawn;
}

/*
 * Return a number correlated with *LAST, the previous one, by the share CORR. The result is not
 * uniform, so correlated loss is rarer than its probability. The kernel does the same.
 */
NETEM_INLINE __u32 netem_draw_like(netem_random *r, __u32 NETEM_MEMORY *last, __u32 corr)
{
	__u64 value = netem_draw(r), rho = (__u64)corr + 1;

	if (!corr)
		return (__u32)value;
	value = (value * ((1ull << 32) - rho) + *last * rho) >> 32;
	*last = (__u32)value;
	return (__u32)value;
}

/* --- binary decisions --- */

NETEM_INLINE int netem_duplicates(netem_impairment *w, netem_state *s)
{
	return w->duplicate &&
	       w->duplicate >= netem_draw_like(&s->random, &s->last_duplicate, w->duplicate_corr);
}

NETEM_INLINE int netem_corrupts(netem_impairment *w, netem_state *s)
{
	return w->corrupt &&
	       w->corrupt >= netem_draw_like(&s->random, &s->last_corrupt, w->corrupt_corr);
}

/*
 * States of the model in Salsano, Ludovici, Ordine, "Definition of a general and intuitive loss
 * model", 2012.
 */
enum { NETEM_IN_GAP = 1, NETEM_PASSES_IN_BURST, NETEM_LOST_IN_GAP, NETEM_LOST_IN_BURST };

NETEM_INLINE int netem_loses_by_state(netem_impairment *w, netem_state *s)
{
	__u32 random = netem_draw(&s->random);

	switch (s->chain) {
	case NETEM_IN_GAP:
		if (random < w->p14)
			s->chain = NETEM_LOST_IN_GAP;
		else if (random < w->p13 + w->p14)
			s->chain = NETEM_LOST_IN_BURST;
		break;
	case NETEM_PASSES_IN_BURST:
		if (random < w->p23)
			s->chain = NETEM_LOST_IN_BURST;
		break;
	case NETEM_LOST_IN_BURST:
		if (random < w->p32)
			s->chain = NETEM_PASSES_IN_BURST;
		else if (random < w->p31 + w->p32)
			s->chain = NETEM_IN_GAP;
		break;
	default:
		s->chain = NETEM_IN_GAP;
	}
	return s->chain == NETEM_LOST_IN_GAP || s->chain == NETEM_LOST_IN_BURST;
}

enum { NETEM_GOOD = 1, NETEM_BAD };

/* Return 1 if the packet is lost. As in the kernel, the state before the step decides. */
NETEM_INLINE int netem_loses_by_gemodel(netem_impairment *w, netem_state *s)
{
	if (s->chain == NETEM_BAD) {
		if (netem_draw(&s->random) < w->ge_r)
			s->chain = NETEM_GOOD;
		return netem_draw(&s->random) > NETEM_ALWAYS - w->ge_bad;
	}
	if (netem_draw(&s->random) < w->ge_p)
		s->chain = NETEM_BAD;
	return netem_draw(&s->random) < w->ge_good;
}

/*
 * Return 1 if E. N. Gilbert's model of 1960 loses the packet: all are lost in the bad state. The
 * in-tree netem lacks it.
 */
NETEM_INLINE int netem_loses_by_burst(netem_impairment *w, netem_state *s)
{
	__u32 random = netem_draw(&s->random);

	if (s->chain == NETEM_BAD)
		s->chain = random < w->burst_end ? NETEM_GOOD : NETEM_BAD;
	else
		s->chain = random < w->burst_begin ? NETEM_BAD : NETEM_GOOD;
	return s->chain == NETEM_BAD;
}

NETEM_INLINE int netem_loses(netem_impairment *w, netem_state *s)
{
	switch (w->model) {
	case NETEM_LOSS_STATE:
		return netem_loses_by_state(w, s);
	case NETEM_LOSS_GEMODEL:
		return netem_loses_by_gemodel(w, s);
	case NETEM_LOSS_BURST:
		return netem_loses_by_burst(w, s);
	}
	return w->loss && w->loss >= netem_draw_like(&s->random, &s->last_loss, w->loss_corr);
}

/* Return 1 if the packet leaves at once, before all queued packets. */
NETEM_INLINE int netem_goes_ahead(netem_impairment *w, netem_state *s)
{
	if (!w->gap || s->counter < w->gap - 1 ||
	    w->reorder < netem_draw_like(&s->random, &s->last_reorder, w->reorder_corr)) {
		s->counter++;
		return 0;
	}
	s->counter = 0;
	return 1;
}

/* --- times --- */

NETEM_INLINE __s64 netem_scaled(__s64 x)
{
	return x < 0 ? -((NETEM_TABLE_SCALE / 2 - x) / NETEM_TABLE_SCALE)
		     : (x + NETEM_TABLE_SCALE / 2) / NETEM_TABLE_SCALE;
}

/*
 * Return the value at RANDOM of a distribution with mean MU and deviation (half width) SIGMA, ns.
 */
NETEM_INLINE __s64 netem_distributed(__u64 mu, __u32 sigma, __u32 random,
				     const __s16 NETEM_MEMORY *table, __u32 size)
{
	__s64 t;

	if (!size)
		return (__s64)mu + random % (2 * sigma) - sigma;
	t = table[random % size];
	return netem_scaled((__s64)(sigma % NETEM_TABLE_SCALE) * t) +
	       (__s64)(sigma / NETEM_TABLE_SCALE) * t + (__s64)mu;
}

/*
 * Return the packet's delay in ns, drawn from a table of so many VALUES. A negative delay puts it
 * before earlier packets.
 */
NETEM_INLINE __s64 netem_delay(netem_impairment *w, netem_state *s, const __s16 NETEM_MEMORY *table,
			       __u32 values)
{
	__u32 random;

	if (!w->jitter)
		return (__s64)w->delay;
	random = netem_draw_like(&s->random, &s->last_delay, w->delay_corr);
	return netem_distributed(w->delay, (__u32)w->jitter, random, table, values);
}

/* Return the time in ns that a packet of LEN bytes occupies the link. */
NETEM_INLINE __u64 netem_packet_time(netem_impairment *w, __u32 len)
{
	__s64 bytes = (__s64)len + w->overhead;
	__u32 cells, size;

	if (bytes < 0)
		bytes = 0;
	if (w->cell_size) {
		size = (__u32)bytes;
		cells = size / w->cell_size;
		if (size > cells * w->cell_size)
			cells++;
		bytes = (__s64)cells * ((__s64)w->cell_size + w->cell_overhead);
		if (bytes < 0)
			bytes = 0;
	}
	return (__u64)bytes * 1000000000 / w->rate;
}

/*
 * Return the departure time of a packet of LEN bytes, and its delay in ns in *DELAY. With a rate,
 * transmission begins when the previous packet's ends; the wait is part of the delay.
 */
NETEM_INLINE __u64 netem_time(netem_impairment *w, netem_state *s, const __s16 NETEM_MEMORY *table,
			      __u32 values, __u64 now, __u32 len, __s64 *delay)
{
	__s64 d = netem_delay(w, s, table, values);
	__u64 time;

	if (w->rate) {
		if (s->last_time > now) {
			d -= (__s64)(s->last_time - now);
			now = s->last_time;
			if (d < 0)
				d = 0;
		}
		d += (__s64)netem_packet_time(w, len);
	}
	time = now + (__u64)d;
	if (w->ordered && time < s->last_time)
		time = s->last_time;
	if (time > s->last_time)
		s->last_time = time;
	*delay = d;
	return time;
}

/* --- the state of a rule --- */

/*
 * Seed the initial values of correlations, so that runs repeat. The kernel takes them from
 * elsewhere.
 */
NETEM_INLINE void netem_state_seed(netem_state *s, __u64 seed)
{
	netem_seed(&s->random, seed);
	s->last_delay = s->random.s1 * 0x9e3779b1u;
	s->last_loss = s->random.s1 * 0x85ebca6bu;
	s->last_duplicate = s->random.s1 * 0xc2b2ae35u;
	s->last_corrupt = s->random.s1 * 0x27d4eb2fu;
	s->last_reorder = s->random.s1 * 0x165667b1u;
}

NETEM_INLINE void netem_state_init(netem_state *s, __u64 seed)
{
	netem_state_seed(s, seed);
	s->chain = NETEM_GOOD;
	s->counter = 0;
	s->last_time = 0;
}

#endif
