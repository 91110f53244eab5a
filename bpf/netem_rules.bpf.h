/* SPDX-License-Identifier: GPL-2.0-only */
/* netem's rules: which of them is for a packet, and what passes them all. See netem.bpf.c. */
#ifndef NETEM_RULES_BPF_H
#define NETEM_RULES_BPF_H

#include <bqdisc/match.bpf.h>
#include "netem.h"

/*
 * The first of N RULES that is for the packet; N if none is. A function of its own, which the
 * verifier looks at once, apart from all else: headers have many forms.
 */
__noinline u32 netem_rule_of(struct sk_buff *skb __arg_trusted, u32 rules, u32 n)
{
	bq_link at, end = rules + n * (u32)sizeof(struct netem_rule);
	struct bq_headers h;

	BQ_USES_MEMORY();
	bq_headers_read(skb, &h);
	for (at = rules; at != end && can_loop; at += sizeof(struct netem_rule))
		if (bq_match_holds(&bq_at(struct netem_rule, at)->match, &h))
			break;
	return (at - rules) / sizeof(struct netem_rule);
}

/* --- what no rule is for: it leaves at once, behind the others of its kind --- */

static __always_inline void netem_push_through(struct netem_instance *q, bq_link link)
{
	bq_packet_at(link)->next = 0;
	if (q->through)
		bq_packet_at(q->through_last)->next = link;
	else
		q->through = link;
	q->through_last = link;
	q->stats.unmatched++;
}

static __always_inline bq_link netem_take_through(struct netem_instance *q)
{
	bq_link link = q->through;

	if (link)
		q->through = bq_packet_at(link)->next;
	return link;
}

#endif
