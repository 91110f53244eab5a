/* SPDX-License-Identifier: GPL-2.0-only */
/* netem's rules: which of them is for a packet, and what passes them all. See netem.bpf.c. */
#ifndef BQDISC_NETEM_RULES_BPF_H
#define BQDISC_NETEM_RULES_BPF_H

#include <bqdisc/packets.bpf.h>
#include "netem/classify.bpf.h"

/*
 * The first of N RULES that is for the packet; N if none is. A function of its own, which the
 * verifier looks at once, apart from all else: headers have many forms.
 */
__noinline u32 netem_rule_of(struct sk_buff *skb __arg_trusted, u32 rules, u32 n)
{
	struct bq_headers h;

	BQ_USES_MEMORY();
	bq_headers_read(skb, skb, &h);
	return netem_match(&h, rules, n);
}

/* --- what no rule is for: it leaves at once, behind the others of its kind --- */

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
