/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of netem's rules is for a packet: for the qdisc and its egress program alike. */
#ifndef BQDISC_NETEM_CLASSIFY_BPF_H
#define BQDISC_NETEM_CLASSIFY_BPF_H

#include <bqdisc/match.bpf.h>
#include "netem.h"

/* The first of N RULES that is for a packet with these headers; N if none is. */
static __always_inline u32 netem_match(const struct bq_headers *h, u32 rules, u32 n)
{
	bq_ref at, end = rules + n * (u32)sizeof(struct netem_rule);

	for (at = rules; at != end && can_loop; at += sizeof(struct netem_rule))
		if (bq_match_holds(&bq_at(struct netem_rule, at)->match, h))
			break;
	return (at - rules) / sizeof(struct netem_rule);
}

#endif
