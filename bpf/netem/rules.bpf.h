/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of netem: matching, and packets that match no rule. See netem.bpf.c. */
#ifndef BQDISC_NETEM_RULES_BPF_H
#define BQDISC_NETEM_RULES_BPF_H

#include <bqdisc/packets.bpf.h>
#include "netem/classify.bpf.h"

/*
 * Return the first of N RULES that matches the packet, or N if none does. Global, so that the
 * verifier checks it once: parsing headers has many states.
 */
__noinline u32 netem_rule_of(struct sk_buff *skb __arg_trusted, u32 rules, u32 n)
{
	struct bq_headers h;

	BQ_USES_MEMORY();
	bq_headers_read(skb, skb, &h);
	return netem_match(&h, rules, n);
}

/* --- packets that match no rule: they leave at once, in FIFO order --- */

static __always_inline void netem_push_through(struct netem_instance *q, bq_ref ref)
{
	bq_packet_at(ref)->next = 0;
	if (q->bypass)
		bq_packet_at(q->bypass_last)->next = ref;
	else
		q->bypass = ref;
	q->bypass_last = ref;
	q->stats.unmatched++;
}

static __always_inline bq_ref netem_take_through(struct netem_instance *q)
{
	bq_ref ref = q->bypass;

	if (ref)
		q->bypass = bq_packet_at(ref)->next;
	return ref;
}

#endif
