/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets that bypass classification: conditions, and their places. */
#ifndef BQDISC_FQ_BYPASS_BPF_H
#define BQDISC_FQ_BYPASS_BPF_H

#include <bqdisc/front.bpf.h>
#include "fq/arrival.bpf.h"
#include "fq/schedule.bpf.h"

/* Maximum packets in the internal flow while other packets wait. */
#define FQ_INTERNAL_PACKETS 8

static __always_inline bool fq_socket_needs_flow(const struct fq_config *c,
						 const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	if (!sk || !sk_is_full(sk))
		return false;
	if (sk_is_tcp(sk))
		return c->pacing && sk_is_flow(sk) && sk_leaves_pacing_to_us(sk);
	return sk->sk_max_pacing_rate != ~0ul;
}

/* Return true if the internal flow may have one more packet. One may be in the front slot. */
static __always_inline bool fq_internal_has_room(const struct fq_instance *q,
						 const struct Qdisc *sch)
{
	u32 packets = fq_flow_at(q->internal)->qlen;

	if (packets < FQ_INTERNAL_PACKETS - 1)
		return true;
	return packets < FQ_INTERNAL_PACKETS && !bq_front_is_used(sch);
}

/* Return true if no queued packet is ready, so that a bypass reorders nothing. */
static __always_inline bool fq_nothing_ready(const struct fq_instance *q, const struct fq_config *c,
					     const struct Qdisc *sch, struct fq_arrival *a)
{
	u64 next;

	if (q->stats.flows != q->stats.inactive_flows + q->stats.throttled_flows)
		return false;
	if (!fq_internal_has_room(q, sch))
		return false;
	next = q->delayed.next;
	return next == BQ_NEVER || next > fq_now(a) + fq_ahead(q, c);
}

static __always_inline bool fq_may_go_direct(const struct fq_instance *q, const struct fq_config *c,
					     const struct Qdisc *sch, const struct sk_buff *skb,
					     struct fq_arrival *a)
{
	if (a->time && a->time > fq_now(a) + fq_ahead(q, c))
		return false;
	if (sch->q.qlen && !fq_nothing_ready(q, c, sch, a))
		return false;
	return c->maxrate == FQ_NO_RATE && !fq_socket_needs_flow(c, skb);
}

#endif
