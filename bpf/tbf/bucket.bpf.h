/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Token buckets of tbf. Tokens and costs are ns, computed as by psched_l2t_ns() of Linux 7.3. A
 * bucket has one token for each ns since it was empty, up to its depth; a packet that takes tokens
 * moves that time on.
 *
 * A packet that costs more than a bucket holds waits until all of its tokens have come: the bucket
 * is filled beyond its depth for this packet. It leaves when the last of its segments would leave
 * from the in-tree qdisc, which segments it. Every packet pays for all of its bytes, so the rate
 * is exact.
 */
#ifndef BQDISC_TBF_BUCKET_BPF_H
#define BQDISC_TBF_BUCKET_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/segments.bpf.h>
#include "tbf.h"

#define TBF_CELL 53u
#define TBF_CELL_PAYLOAD 48u
/* Most doublings of 1 s in ns that fit into 64 bits. */
#define TBF_DOUBLINGS 34

struct tbf_cost {
	s64 tokens; /* that a packet takes */
	s64 most;   /* that there may be before it leaves */
};

/* Return the tokens that a packet of LEN bytes takes. The length wraps at 32 bits, as in-tree. */
static __always_inline u64 tbf_tokens_of(const struct tbf_bucket *b, u32 len)
{
	len += b->overhead;
	if (len < b->mpu)
		len = b->mpu;
	if (b->is_atm)
		len = (len + TBF_CELL_PAYLOAD - 1) / TBF_CELL_PAYLOAD * TBF_CELL;
	return (u64)len * b->mult >> b->shift;
}

/* Compute the multiplier and the shift as psched_ratecfg_precompute(). */
static __always_inline void tbf_set_speed(struct tbf_bucket *b, u64 bytes_per_s)
{
	u64 ns = NSEC_PER_SEC;
	u32 i;

	b->mult = 1;
	b->shift = 0;
	if (!bytes_per_s)
		return;
	bpf_for(i, 0, TBF_DOUBLINGS) {
		b->mult = ns / bytes_per_s;
		if (b->mult >> 31)
			return;
		ns <<= 1;
		b->shift++;
	}
	b->mult = ns / bytes_per_s;
}

/* Fill a bucket for RATE at NOW. */
static __always_inline void tbf_bucket_init(struct tbf_bucket *b, const struct tbf_rate *rate,
					    s64 now)
{
	tbf_set_speed(b, rate->bytes_per_s);
	b->overhead = rate->overhead;
	b->mpu = rate->mpu;
	b->is_atm = rate->linklayer == TBF_ATM;
	b->depth = rate->burst_ns ?: tbf_tokens_of(b, rate->burst);
	b->empty_at = now - b->depth;
}

/* Return true if only the length counts, and the bucket holds the tokens of the longest packet. */
static __always_inline bool tbf_is_simple(const struct tbf_instance *q)
{
	const struct tbf_bucket *b = &q->rate;

	return !q->has_peak && !b->overhead && !b->mpu && !b->is_atm &&
	       (s64)tbf_tokens_of(b, q->longest) <= b->depth;
}

/* Apply the configuration of GENERATION. As in-tree, a change fills the buckets. */
static __noinline void tbf_sync(struct tbf_instance *q, u32 generation)
{
	const struct tbf_config *c = &q->config[generation & 1];
	s64 now = bpf_ktime_get_ns();

	q->synced = generation;
	q->limit = c->limit;
	q->longest = c->rate.burst;
	q->has_peak = c->peak.bytes_per_s != 0;
	if (q->has_peak && c->peak.burst < q->longest)
		q->longest = c->peak.burst;
	tbf_bucket_init(&q->rate, &c->rate, now);
	tbf_bucket_init(&q->peak, &c->peak, now);
	q->simple = tbf_is_simple(q) ? q->longest : 0;
	q->is_saving = 0;
}

static __always_inline void tbf_sync_config(struct tbf_instance *q)
{
	u32 generation = *(volatile u32 *)&q->id.generation;

	if (q->synced != generation)
		tbf_sync(q, generation);
}

static __always_inline s64 tbf_max(s64 a, s64 b)
{
	return a > b ? a : b;
}

/* Return when the bucket was empty if it holds MOST tokens at NOW. */
static __always_inline s64 tbf_empty_at(const struct tbf_bucket *b, s64 now, s64 most)
{
	return tbf_max(b->empty_at, now - most);
}

/* Take the tokens of a packet at NOW. Return 0, or when there are enough; then none is taken. */
static __always_inline u64 tbf_take_tokens(struct tbf_instance *q, const struct tbf_cost *rate,
					   const struct tbf_cost *peak, s64 now)
{
	s64 empty_at = tbf_empty_at(&q->rate, now, rate->most) + rate->tokens, peak_empty_at = 0;

	if (q->has_peak)
		peak_empty_at = tbf_empty_at(&q->peak, now, peak->most) + peak->tokens;
	if (empty_at > now || peak_empty_at > now)
		return tbf_max(empty_at, peak_empty_at);
	q->rate.empty_at = empty_at;
	q->peak.empty_at = peak_empty_at;
	return 0;
}

/*
 * Return the tokens that the segments take one by one. At most a full bucket is there before the
 * last one leaves.
 */
static __always_inline struct tbf_cost tbf_price_segments(const struct tbf_bucket *b,
							  const struct bq_segments *s)
{
	s64 others = tbf_tokens_of(b, s->len) * (s->n - 1), last = tbf_tokens_of(b, s->last_len);

	return (struct tbf_cost){ .tokens = others + last,
				  .most = others + tbf_max(b->depth, last) };
}

/* Take the tokens of a packet that costs more than a bucket holds, as tbf_take_tokens(). */
static __noinline u64 tbf_pay_segments(struct tbf_instance *q, const struct sk_buff *skb, s64 now)
{
	struct tbf_cost rate, peak;
	struct bq_segments s;
	u64 due;

	bq_segments_read(&s, skb);
	rate = tbf_price_segments(&q->rate, &s);
	peak = tbf_price_segments(&q->peak, &s);
	if (!q->is_saving) {
		q->rate.empty_at = tbf_empty_at(&q->rate, now, q->rate.depth);
		q->peak.empty_at = tbf_empty_at(&q->peak, now, q->peak.depth);
	}
	due = tbf_take_tokens(q, &rate, &peak, now);
	q->is_saving = due != 0;
	if (!due)
		q->stats.unsegmented++;
	return due;
}

/* Take the tokens of SKB, of LEN bytes, as tbf_take_tokens(). */
static __noinline u64 tbf_pay_any(struct tbf_instance *q, const struct sk_buff *skb, u32 len,
				  s64 now)
{
	struct tbf_cost rate = { tbf_tokens_of(&q->rate, len), q->rate.depth };
	struct tbf_cost peak = { tbf_tokens_of(&q->peak, len), q->peak.depth };

	/* Overhead and mpu may make it cost more than the longest packet should. */
	if (len > q->longest || rate.tokens > rate.most || (q->has_peak && peak.tokens > peak.most))
		return tbf_pay_segments(q, skb, now);
	return tbf_take_tokens(q, &rate, &peak, now);
}

/* The same, without a call for most packets. */
static __always_inline u64 tbf_pay(struct tbf_instance *q, const struct sk_buff *skb, u32 len,
				   s64 now)
{
	struct tbf_bucket *b = &q->rate;
	s64 empty_at;

	if (len > q->simple)
		return tbf_pay_any(q, skb, len, now);
	empty_at = tbf_empty_at(b, now, b->depth) + ((u64)len * b->mult >> b->shift);
	if (empty_at > now)
		return empty_at;
	b->empty_at = empty_at;
	return 0;
}

#endif
