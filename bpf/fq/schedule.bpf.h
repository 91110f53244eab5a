/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduler of fq: bands by weight, new flows before old flows, DRR with a quantum per flow; and
 * the pacing delay of a flow.
 */
#ifndef BQDISC_FQ_SCHEDULE_BPF_H
#define BQDISC_FQ_SCHEDULE_BPF_H

#include <bqdisc/histogram.h>
#include "fq/flow.bpf.h"

/*
 * Longest sleep in ns, a power of two (34 ms). A map write does not wake the qdisc, so it sees a
 * changed configuration only after a sleep. The documented limit is 50 ms.
 */
#define FQ_LONGEST_SLEEP (1ull << 25)

/* Return how early a packet may leave, in ns. An expired qdisc sends at any time. */
static __always_inline u64 fq_ahead(const struct fq_instance *q, const struct fq_config *c)
{
	return bq_expired(&q->id) ? BQ_NEVER >> 1 : c->offload_horizon;
}

/* Release one flow. A separate function gets its own can_loop budget. */
static __noinline void fq_release_one(struct fq_instance *q, u64 now)
{
	u64 due = q->delayed.next;

	bq_times_add(q->stats.unthrottle, now > due ? now - due : 0);
	fq_list(q, bq_timers_take(&q->delayed));
	q->stats.throttled_flows--;
}

/* Wake the flows that are due. If the loop ends early, the next call wakes the rest. */
static __noinline void fq_release(struct fq_instance *q, u64 now, u64 due)
{
	do {
		fq_release_one(q, now);
	} while (q->delayed.next <= due && can_loop);
}

/* Wake the flows whose time is at most DUE. */
static __always_inline void fq_release_due(struct fq_instance *q, u64 now, u64 due)
{
	u64 next = q->delayed.next;

	if (next > due)
		return;
	if (now > next) {
		q->stats.unthrottle_latency -= q->stats.unthrottle_latency >> 3;
		q->stats.unthrottle_latency += (now - next) >> 3;
	}
	fq_release(q, now, due);
}

/* Return the next band in turn that has packets to send, or NULL if none has. */
static __always_inline struct fq_band *fq_next_band(struct fq_instance *q,
						    const struct fq_config *c)
{
	s32 weight, tries = 0;
	struct fq_band *band;

	do {
		band = &q->bands[q->band_nr & 3];
		if (band->credit > 0 && (band->fresh.first || band->old.first))
			return band;
		if (++tries > FQ_BANDS)
			return NULL;
		if (++q->band_nr >= FQ_BANDS)
			q->band_nr = 0;
		band = &q->bands[q->band_nr & 3];
		weight = c->weights[q->band_nr & 3];
		band->credit = band->credit > 0 ? weight : band->credit + weight;
		if (band->credit <= 0)
			tries = 0;
	} while (can_loop);
	return NULL;
}

/*
 * Refill every band's credit when no flow is listed, the most frequent case, as fq_next_band()
 * would. Return false if a band's debt needs more turns.
 */
static __always_inline bool fq_rest(struct fq_instance *q, const struct fq_config *c)
{
	u32 i;

	if (q->rested)
		return true;
	for (i = 0; i < FQ_BANDS; i++) {
		if (q->bands[i].credit <= 0)
			return false;
		q->bands[i].credit = c->weights[i];
	}
	q->rested = 1;
	return true;
}

/* Return the delay in ns after a packet of LEN bytes at RATE bytes a second. */
static __always_inline u64 fq_delay(struct fq_instance *q, u32 len, u64 rate)
{
	u64 delay = (u64)len * NSEC_PER_SEC;

	if (rate)
		delay /= rate;
	/* The rate may change during the wait, so limit it to one second. */
	if (delay > NSEC_PER_SEC) {
		delay = NSEC_PER_SEC;
		q->stats.pkts_too_long++;
	}
	return delay;
}

/* Set the time of the flow's next packet. FLAGS and LEN describe the departing packet. */
static __always_inline void fq_pace(struct fq_instance *q, const struct fq_config *c, fq_flow *f,
				    const struct sk_buff *skb, u8 flags, u32 len, u64 now)
{
	const struct sock *sk = flags & FQ_BY_SOCKET ? skb->sk : NULL;
	u64 rate = c->maxrate, delay;
	s64 late;

	if (flags & FQ_UNSTAMPED) {
		if (sk && sk->sk_pacing_rate < rate)
			rate = sk->sk_pacing_rate;
		if (rate <= c->low_rate_threshold)
			f->flow.credit = 0;
		else if (f->flow.credit > 0)
			return;
		else if (len < c->quantum)
			len = c->quantum;
	}
	f->rate = rate;
	if (rate == FQ_NO_RATE)
		return;
	delay = fq_delay(q, len, rate);
	/* A packet that left late because of timer drift does not delay the next one. */
	if (f->flow.wake.node.time) {
		late = now - f->flow.wake.node.time;
		if (late > 0)
			delay -= (u64)late < delay / 2 ? (u64)late : delay / 2;
	}
	f->flow.wake.node.time = now + delay;
}

static __always_inline struct sk_buff *fq_send(struct fq_instance *q, const struct fq_config *c,
					       struct fq_band *band, fq_flow *f, bq_ref ref,
					       u64 now)
{
	bq_packet *p = bq_packet_at(ref);
	u8 flags = p->flags, packet_band = p->band;
	u64 arrived = p->arrived;
	struct sk_buff *skb;
	u32 len;

	skb = fq_take(q, f, ref);
	if (!f->qlen) {
		q->stats.inactive_flows++;
		fq_mark_empty(f, now);
	}
	q->stats.band_packets[packet_band & 3]--;
	if (!skb)
		return NULL;
	bq_times_add(q->stats.sojourn, now - arrived);
	len = qdisc_pkt_len(skb);
	f->backlog -= len;
	f->packets++;
	f->bytes += len;
	f->flow.credit -= len;
	band->credit -= len;
	q->rested = 0;
	if (c->pacing)
		fq_pace(q, c, f, skb, flags, len, now);
	return skb;
}

/* Move an empty flow to the old list once, so that a short flow cannot stay new. */
static __always_inline void fq_retire(struct fq_instance *q, bq_ref ref, bool fresh, u64 now)
{
	if (fresh) {
		fq_list(q, ref);
	} else {
		fq_flow_at(ref)->place = FQ_DETACHED;
		fq_flow_at(ref)->idle_since = now;
	}
}

/*
 * Serve one flow of BAND, which may send packets due by DUE. Return its packet, or NULL if the flow
 * moved to another list or the heap.
 */
static __always_inline struct sk_buff *fq_serve(struct fq_instance *q, const struct fq_config *c,
						struct fq_band *band, u64 now, u64 due)
{
	bool fresh = band->fresh.first;
	struct bq_flow_list *list = fresh ? &band->fresh : &band->old;
	bq_ref ref = list->first, packet;
	fq_flow *f = fq_flow_at(ref);
	u64 time;

	if (f->flow.credit <= 0) {
		f->flow.credit += c->quantum;
		fq_unlist(q, list);
		fq_list(q, ref);
		return NULL;
	}
	packet = fq_peek(f);
	if (!packet) {
		fq_unlist(q, list);
		fq_retire(q, ref, fresh, now);
		return NULL;
	}
	time = fq_due(f, packet);
	if (time > due) {
		fq_unlist(q, list);
		f->flow.wake.node.time = time;
		f->throttled_ns += time - now;
		fq_throttle(q, ref);
		return NULL;
	}
	return fq_send(q, c, band, f, packet, now);
}

/* Sleep until the first flow may send, but not past the configuration check interval. */
static __always_inline void fq_sleep(struct fq_instance *q, const struct fq_config *c,
				     struct Qdisc *sch, u64 now)
{
	u64 next = q->delayed.next, latest = now | (FQ_LONGEST_SLEEP - 1);

	/* Flows are still listed because the kernel ended the loop. Continue at once. */
	if (q->listed)
		next = now;
	q->stats.next_wake = next == BQ_NEVER ? 0 : next;
	if (next == BQ_NEVER)
		return;
	/* Reuse the pending timer, because arming it costs as much as sending a packet. */
	if (next > latest)
		next = latest;
	bpf_qdisc_watchdog_schedule(sch, bq_wake_by(&q->id, next), c->timer_slack);
}

static __always_inline struct sk_buff *
fq_dequeue_flows(struct fq_instance *q, const struct fq_config *c, struct Qdisc *sch)
{
	u64 now = bpf_ktime_get_ns(), due = now + fq_ahead(q, c);
	struct fq_band *band;
	struct sk_buff *skb;

	fq_release_due(q, now, due);
	do {
		if (!q->listed && fq_rest(q, c))
			break;
		band = fq_next_band(q, c);
		if (!band)
			break;
		skb = fq_serve(q, c, band, now, due);
		if (skb)
			return skb;
	} while (can_loop);
	fq_sleep(q, c, sch, now);
	return NULL;
}

#endif
