/* SPDX-License-Identifier: GPL-2.0-only */
/* Trace link that the packets of netem's first rule pass. See bqdisc/trace.h. */
#ifndef BQDISC_NETEM_TRACE_BPF_H
#define BQDISC_NETEM_TRACE_BPF_H

#include "netem/ruleset.bpf.h"

/* Return the packet's bytes without the link header, as mahimahi's opportunities count them. */
static __always_inline u32 netem_link_bytes(const struct netem_instance *q, u32 len)
{
	return len > q->link_header ? len - q->link_header : len;
}

/*
 * Pass a packet through the link and write its departure to q->passage. Return NULL, or the counter
 * of the reason to drop it.
 */
static __noinline u64 *netem_pass_link(struct netem_instance *q, const netem_ruleset *rules,
				       const struct netem_config *c, u32 len, u64 now)
{
	bq_trace *t = bq_at(struct bq_trace, rules->trace);
	bq_trace_ring *ring = bq_at(struct bq_trace_packet, rules->trace_ring);
	u32 loss;

	bq_trace_start(&q->replay, now);
	q->stats.trace_over = bq_trace_is_over(t, &q->replay, now);
	loss = bq_trace_loss(t, &q->replay, now);
	len = netem_link_bytes(q, len);
	if (loss && loss >= netem_draw(&netem_state_at(q, 0)->random))
		return &q->stats.dropped;
	bq_trace_drain(&q->replay, ring, now);
	if (!bq_trace_has_room(&q->replay, len, c->queue, c->queue_bytes))
		return &q->stats.drops_queue;
	q->passage = bq_trace_pass(t, &q->replay, now, len);
	if (q->passage.leaves == BQ_TRACE_NEVER)
		return &q->stats.drops_trace;
	bq_trace_remember(&q->replay, ring, q->passage.leaves, len);
	return NULL;
}

#endif
