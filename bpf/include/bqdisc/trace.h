/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Link replay: the departure of an arriving packet from a bottleneck whose capacity over time is
 * known. Packets pass it in order, so the state that the previous packet left gives the time on
 * arrival. Plain C without kernel headers, so that tests run the same code. lib/qdisc/trace_file.c
 * builds the tables from files.
 *
 * Two kinds of traces exist. Opportunities, as in mahimahi (Netravali et al., USENIX ATC 2015): at
 * each time the link can send BQ_TRACE_BYTES. The remainder serves packets already waiting, and is
 * lost if none waits. A larger packet takes several. Rows: from each time on the link has another
 * rate, delay and loss. Nothing is interpolated.
 *
 * Cost, estimated: for a busy link 60 instructions a packet, for one that was idle 12 more for each
 * doubling of the trace's length.
 */
#ifndef BQDISC_TRACE_H
#define BQDISC_TRACE_H

#include <linux/types.h>

#ifdef __bpf__
#define BQ_MEMORY __attribute__((address_space(1)))
#else
#define BQ_MEMORY
#endif

/* Bytes of one mahimahi opportunity. */
#define BQ_TRACE_BYTES 1500u
/* Maximum packets queued before the bottleneck. */
#define BQ_TRACE_QUEUE 65536u
/* Rate of a row without limit. */
#define BQ_TRACE_UNLIMITED (~0ull)
/* Time of a departure that never happens. */
#define BQ_TRACE_NEVER (~0ull)

#define BQ_NS_PER_MS 1000000ull
#define BQ_NS_PER_S 1000000000ull

enum bq_trace_kind {
	BQ_TRACE_OPPORTUNITIES, /* __u32 each: ms */
	BQ_TRACE_ROWS,          /* struct bq_trace_row each */
};

struct bq_trace_row {
	__u64 time;  /* ns from the start; ascending, the first is 0 */
	__u64 rate;  /* bytes a second; 0: nothing passes; BQ_TRACE_UNLIMITED */
	__u64 delay; /* ns, after the bottleneck */
	__u32 loss;  /* probability, of ~0u */
	__u32 reserved;
};

/* Header of a trace; its entries follow. */
struct bq_trace {
	__u64 hash;   /* of the whole trace: a replay continues when other options change */
	__u64 period; /* ns after which it repeats; 0: never */
	__u32 kind;   /* enum bq_trace_kind */
	__u32 count;  /* entries, 1 at least */
};

/* Packet queued before the bottleneck. */
struct bq_trace_packet {
	__u64 leaves; /* CLOCK_MONOTONIC ns */
	__u32 len;    /* bytes */
	__u32 reserved;
};

/* State of a replay. */
struct bq_trace_state {
	__u64 hash;  /* of the trace being replayed; 0: none */
	__u64 start; /* CLOCK_MONOTONIC ns, of the first packet; BQ_TRACE_NEVER: none came */
	__u64 cycle; /* ns from the start to the current repetition */
	__u64 busy;  /* rows: end of the last packet, ns from the start */
	__u32 place; /* the entry in use */
	__u32 left;  /* bytes left of that opportunity */
	/* Free-running indices of the ring, the queue before the bottleneck. */
	__u32 head, tail;
	__u64 bytes;
};

/* Result of a packet's passage. */
struct bq_trace_passage {
	__u64 leaves; /* CLOCK_MONOTONIC ns; BQ_TRACE_NEVER */
	__u64 delay;  /* ns to add to that */
};

typedef const struct bq_trace BQ_MEMORY bq_trace;
typedef const struct bq_trace_row BQ_MEMORY bq_trace_row;

#define BQ_TRACE_INLINE static inline __attribute__((always_inline))
/* Marker for the verifier of loops with an unknown bound. */
#ifndef can_loop
#define can_loop 1
#endif

BQ_TRACE_INLINE const __u32 BQ_MEMORY *bq_trace_opportunities(bq_trace *t)
{
	return (const __u32 BQ_MEMORY *)(t + 1);
}

BQ_TRACE_INLINE bq_trace_row *bq_trace_rows(bq_trace *t)
{
	return (bq_trace_row *)(t + 1);
}

/* Return the time of entry I, ns from the trace's beginning. */
BQ_TRACE_INLINE __u64 bq_trace_entry_time(bq_trace *t, __u32 i)
{
	return t->kind == BQ_TRACE_ROWS ? bq_trace_rows(t)[i].time
					: bq_trace_opportunities(t)[i] * BQ_NS_PER_MS;
}

/* Return the first entry not before TIME (ns from the trace's beginning), or their number. */
BQ_TRACE_INLINE __u32 bq_trace_find(bq_trace *t, __u64 time)
{
	__u32 low = 0, high = t->count, mid;

	while (low < high && can_loop) {
		mid = low + (high - low) / 2;
		if (bq_trace_entry_time(t, mid) < time)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Repeat the trace as often as needed to reach TIME. Return the rest of TIME. */
BQ_TRACE_INLINE __u64 bq_trace_wind(bq_trace *t, struct bq_trace_state *s, __u64 time)
{
	if (!t->period)
		return time;
	s->cycle = time / t->period * t->period;
	return time - s->cycle;
}

/* --- opportunities --- */

/* Seek the first opportunity not before TIME, ns from the start. Return 0 if there is none. */
BQ_TRACE_INLINE int bq_trace_seek(bq_trace *t, struct bq_trace_state *s, __u64 time)
{
	__u64 rest = bq_trace_wind(t, s, time);

	/* The last opportunity coincides with the next repetition; it is the earlier of the two. */
	if (!rest && s->cycle) {
		s->cycle -= t->period;
		rest = t->period;
	}
	s->place = bq_trace_find(t, rest);
	s->left = BQ_TRACE_BYTES;
	return s->place < t->count;
}

/* Step to the next opportunity. Return 0 if there is none. */
BQ_TRACE_INLINE int bq_trace_step(bq_trace *t, struct bq_trace_state *s)
{
	s->left = BQ_TRACE_BYTES;
	if (++s->place < t->count)
		return 1;
	if (!t->period)
		return 0;
	s->place = 0;
	s->cycle += t->period;
	return 1;
}

/* Consume LEN bytes of opportunities from NOW on. Return the time of the last, from the start. */
BQ_TRACE_INLINE __u64 bq_trace_take(bq_trace *t, struct bq_trace_state *s, __u64 now, __u32 len)
{
	if (s->place >= t->count)
		return BQ_TRACE_NEVER;
	if (s->cycle + bq_trace_entry_time(t, s->place) < now && !bq_trace_seek(t, s, now))
		return BQ_TRACE_NEVER;
	while (len > s->left && can_loop) {
		len -= s->left;
		if (!bq_trace_step(t, s))
			return BQ_TRACE_NEVER;
	}
	s->left -= len;
	return s->cycle + bq_trace_entry_time(t, s->place);
}

/* --- rows --- */

/* Return the row in force at TIME, ns from the trace's beginning. The first row's time is 0. */
BQ_TRACE_INLINE __u32 bq_trace_row_at(bq_trace *t, __u64 time)
{
	return bq_trace_find(t, time + 1) - 1;
}

/* Return the end of the current row, ns from the start; BQ_TRACE_NEVER if no row follows. */
BQ_TRACE_INLINE __u64 bq_trace_row_end(bq_trace *t, const struct bq_trace_state *s)
{
	if (s->place + 1 < t->count)
		return s->cycle + bq_trace_rows(t)[s->place + 1].time;
	return t->period ? s->cycle + t->period : BQ_TRACE_NEVER;
}

BQ_TRACE_INLINE void bq_trace_step_row(bq_trace *t, struct bq_trace_state *s)
{
	if (++s->place < t->count)
		return;
	s->place = 0;
	s->cycle += t->period;
}

/*
 * Skip the whole repetitions that WORK needs, at the beginning of a repetition. BEFORE is the work
 * that was left one repetition earlier. Return the rest of WORK, or 0 if it is never done.
 */
BQ_TRACE_INLINE __u64 bq_trace_skip(bq_trace *t, struct bq_trace_state *s, __u64 work, __u64 before)
{
	__u64 repetition = before - work, n;

	if (!repetition)
		return 0;
	n = (work - 1) / repetition;
	if (n > ((BQ_TRACE_NEVER >> 1) - s->cycle) / t->period)
		return 0;
	s->cycle += n * t->period;
	return work - n * repetition;
}

/*
 * Send LEN bytes from BEGIN on, through as many rows as needed. The computation is exact, in bytes
 * a second times nanoseconds. It visits the rows of at most three repetitions, whatever the rates.
 * Return the end, ns from the start.
 */
BQ_TRACE_INLINE __u64 bq_trace_send(bq_trace *t, struct bq_trace_state *s, __u64 begin, __u32 len)
{
	__u64 work = len * BQ_NS_PER_S, before = BQ_TRACE_NEVER, rate, end, need;

	if (begin == BQ_TRACE_NEVER)
		return BQ_TRACE_NEVER;
	if (begin >= bq_trace_row_end(t, s))
		s->place = bq_trace_row_at(t, bq_trace_wind(t, s, begin));
	do {
		rate = bq_trace_rows(t)[s->place].rate;
		end = bq_trace_row_end(t, s);
		if (rate == BQ_TRACE_UNLIMITED)
			return begin;
		need = rate ? (work + rate - 1) / rate : BQ_TRACE_NEVER;
		if (need <= end - begin && rate)
			return begin + need;
		if (end == BQ_TRACE_NEVER)
			return BQ_TRACE_NEVER;
		work -= (end - begin) * rate;
		begin = end;
		bq_trace_step_row(t, s);
		if (s->place)
			continue;
		if (before != BQ_TRACE_NEVER) {
			work = bq_trace_skip(t, s, work, before);
			if (!work)
				return BQ_TRACE_NEVER;
			begin = s->cycle;
		}
		before = work;
	} while (can_loop);
	return BQ_TRACE_NEVER;
}

/* --- both --- */

/* Prepare the replay of T, unless it is running. */
BQ_TRACE_INLINE void bq_trace_begin(bq_trace *t, struct bq_trace_state *s)
{
	if (s->hash == t->hash)
		return;
	s->hash = t->hash;
	s->start = BQ_TRACE_NEVER;
	s->cycle = 0;
	s->busy = 0;
	s->place = 0;
	s->left = t->kind == BQ_TRACE_OPPORTUNITIES ? BQ_TRACE_BYTES : 0;
	s->tail = s->head;
	s->bytes = 0;
}

/* Start the clock with the first packet, which arrives at NOW. */
BQ_TRACE_INLINE void bq_trace_start(struct bq_trace_state *s, __u64 now)
{
	if (s->start == BQ_TRACE_NEVER)
		s->start = now;
}

/* Return 1 if NOW is after the end of a trace that does not repeat. */
BQ_TRACE_INLINE int bq_trace_is_over(bq_trace *t, const struct bq_trace_state *s, __u64 now)
{
	return !t->period && now - s->start > bq_trace_entry_time(t, t->count - 1);
}

/* Return the loss probability of a packet that arrives at NOW. */
BQ_TRACE_INLINE __u32 bq_trace_loss(bq_trace *t, const struct bq_trace_state *s, __u64 now)
{
	__u64 time = now - s->start;

	if (t->kind != BQ_TRACE_ROWS)
		return 0;
	if (t->period)
		time %= t->period;
	return bq_trace_rows(t)[bq_trace_row_at(t, time)].loss;
}

/* Pass LEN bytes that arrive at NOW. */
BQ_TRACE_INLINE struct bq_trace_passage bq_trace_pass(bq_trace *t, struct bq_trace_state *s,
						      __u64 now, __u32 len)
{
	struct bq_trace_passage p = { 0 };
	__u64 time = now - s->start;

	if (t->kind == BQ_TRACE_OPPORTUNITIES) {
		time = bq_trace_take(t, s, time, len);
	} else {
		time = bq_trace_send(t, s, time < s->busy ? s->busy : time, len);
		s->busy = time;
		p.delay = bq_trace_rows(t)[s->place].delay;
	}
	p.leaves = time == BQ_TRACE_NEVER ? BQ_TRACE_NEVER : s->start + time;
	return p;
}

/* --- the queue before the bottleneck --- */

typedef struct bq_trace_packet BQ_MEMORY bq_trace_ring; /* BQ_TRACE_QUEUE of them */

/* Remove the packets that have left by NOW. */
BQ_TRACE_INLINE void bq_trace_drain(struct bq_trace_state *s, bq_trace_ring *ring, __u64 now)
{
	bq_trace_ring *p;

	while (s->head != s->tail && can_loop) {
		p = ring + s->head % BQ_TRACE_QUEUE;
		if (p->leaves > now)
			return;
		s->bytes -= p->len;
		s->head++;
	}
}

/* Return 1 if LEN more bytes fit within PACKETS and BYTES; 0 in either means no limit. */
BQ_TRACE_INLINE int bq_trace_has_room(const struct bq_trace_state *s, __u32 len, __u32 packets,
				      __u64 bytes)
{
	__u32 waiting = s->tail - s->head;

	return waiting < BQ_TRACE_QUEUE && (!packets || waiting < packets) &&
	       (!bytes || s->bytes + len <= bytes);
}

BQ_TRACE_INLINE void bq_trace_remember(struct bq_trace_state *s, bq_trace_ring *ring, __u64 leaves,
				       __u32 len)
{
	bq_trace_ring *p = ring + s->tail++ % BQ_TRACE_QUEUE;

	p->leaves = leaves;
	p->len = len;
	s->bytes += len;
}

#endif
