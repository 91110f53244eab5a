/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CoDel: decides which packets of a queue are dropped or marked, so that the queue stays short
 * (RFC 8289; include/net/codel_impl.h of Linux 7.3). It looks at the packet at the head only:
 *
 *   struct bq_codel_turn turn = bq_codel_begin(bpf_ktime_get_ns());
 *
 *   while ((p = the head of the queue)) {
 *           if (!bq_codel_signals(&q->codel, &params, &turn, p->arrived, backlog without p))
 *                   remove p from the queue and send it
 *           if (it can be marked) {
 *                   bq_codel_marked(&q->codel, &params, &turn);
 *                   remove p from the queue, mark it and send it
 *           }
 *           remove p from the queue and drop it
 *   }
 *   bq_codel_empty(&q->codel, &turn);
 *
 * That loop takes at most BQ_CODEL_SIGNALS + 2 steps. The state is in plain memory (memory.bpf.h).
 *
 * Guarantees: the decisions of the kernel's codel_dequeue() for the same times and lengths.
 * Cost: bq_codel_signals 16 while the delay is below target.
 */
#ifndef BQDISC_CODEL_BPF_H
#define BQDISC_CODEL_BPF_H

#include <bqdisc/codel.h>
#include <bqdisc/memory.bpf.h>

typedef struct bq_codel __arena bq_codel;

/* Most signals of one turn, as CODEL_MAX_DROPS_PER_DEQUEUE. */
#define BQ_CODEL_SIGNALS 256

#define BQ_CODEL_ONE 0xffffu /* 1, as a fraction of 2^16 */

struct bq_codel_params {
	u32 target;   /* acceptable delay; bq_codel_time() */
	u32 interval; /* time in which a queue must fall below target; likewise */
	u32 least;    /* bytes of backlog up to which nothing is dropped: the MTU */
};

/* Removal of one packet for the device. */
struct bq_codel_turn {
	u32 now;
	u32 signals;
	bool entered; /* the queue began to signal in this turn */
};

/* Convert ns. The result wraps; only differences have a meaning. */
static __always_inline u32 bq_codel_time(u64 ns)
{
	return ns >> BQ_CODEL_SHIFT;
}

static __always_inline struct bq_codel_turn bq_codel_begin(u64 now_ns)
{
	return (struct bq_codel_turn){ .now = bq_codel_time(now_ns) };
}

/* Return true if A is not before B, for times that are less than 37 minutes apart. */
static __always_inline bool bq_codel_reached(u32 a, u32 b)
{
	return (s32)(a - b) >= 0;
}

/* Improve y = 1 / sqrt(count) by a Newton step, in fractions of 2^32: y / 2 * (3 - count * y^2). */
static __always_inline void bq_codel_newton_step(bq_codel *v)
{
	u32 y = (u32)v->rec_inv_sqrt << 16, square = (u64)y * y >> 32;
	u64 value = (3ull << 32) - (u64)v->count * square;

	/* The shift by 2 prevents an overflow. */
	v->rec_inv_sqrt = ((value >> 2) * y >> 31) >> 16;
}

/* Return when to signal next after FROM: interval / sqrt(count) later, at least one unit. */
static __always_inline u32 bq_codel_next(const bq_codel *v, const struct bq_codel_params *params,
					 u32 from)
{
	u32 after = (u64)params->interval * ((u32)v->rec_inv_sqrt << 16) >> 32;

	return from + (after ? after : 1);
}

/* Return true if the delay was above target for an interval. BACKLOG is without the head. */
static __always_inline bool bq_codel_is_late(bq_codel *v, const struct bq_codel_params *params,
					     u32 now, u64 arrived_ns, u32 backlog)
{
	u32 delay = now - bq_codel_time(arrived_ns);

	v->delay = delay;
	if (!bq_codel_reached(delay, params->target) || backlog <= params->least) {
		v->above_until = 0;
		return false;
	}
	if (!v->above_until) {
		v->above_until = now + params->interval;
		return false;
	}
	return (s32)(now - v->above_until) > 0;
}

/* Begin to signal, at about the former rate if that was needed not long ago. */
static __always_inline void bq_codel_enter(bq_codel *v, const struct bq_codel_params *params,
					   struct bq_codel_turn *turn)
{
	u32 delta = v->count - v->last_count;

	v->signalling = 1;
	turn->entered = true;
	if (delta > 1 && !bq_codel_reached(turn->now - v->signal_next, 16 * params->interval)) {
		v->count = delta;
		bq_codel_newton_step(v);
	} else {
		v->count = 1;
		v->rec_inv_sqrt = BQ_CODEL_ONE;
	}
	v->last_count = v->count;
	v->signal_next = bq_codel_next(v, params, turn->now);
}

/* Decide in a queue that signals, whose head is late. */
static __always_inline bool bq_codel_is_due(bq_codel *v, const struct bq_codel_params *params,
					    struct bq_codel_turn *turn)
{
	if (turn->signals)
		v->signal_next = bq_codel_next(v, params, v->signal_next);
	if (!bq_codel_reached(turn->now, v->signal_next))
		return false;
	if (turn->signals == BQ_CODEL_SIGNALS) {
		v->signal_next = bq_codel_next(v, params, turn->now);
		return false;
	}
	turn->signals++;
	v->count++;
	bq_codel_newton_step(v);
	return true;
}

/*
 * Return true if the packet at the head must be dropped or marked. It arrived at ARRIVED_NS.
 * BACKLOG is of the whole qdisc without it, in bytes.
 */
static __always_inline bool bq_codel_signals(bq_codel *v, const struct bq_codel_params *params,
					     struct bq_codel_turn *turn, u64 arrived_ns,
					     u32 backlog)
{
	bool late = bq_codel_is_late(v, params, turn->now, arrived_ns, backlog);

	if (turn->entered)
		return false;
	if (v->signalling && late)
		return bq_codel_is_due(v, params, turn);
	v->signalling = 0;
	if (late)
		bq_codel_enter(v, params, turn);
	return late;
}

/* Note that the packet is marked. The turn is over. */
static __always_inline void bq_codel_marked(bq_codel *v, const struct bq_codel_params *params,
					    const struct bq_codel_turn *turn)
{
	if (!turn->entered)
		v->signal_next = bq_codel_next(v, params, v->signal_next);
}

/* Note that the queue is empty. The turn is over. */
static __always_inline void bq_codel_empty(bq_codel *v, const struct bq_codel_turn *turn)
{
	v->above_until = 0;
	if (!turn->entered)
		v->signalling = 0;
}

#endif
