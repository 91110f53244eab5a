/* SPDX-License-Identifier: GPL-2.0-only */
/* Rule matching of netem, for the qdisc and its egress program. */
#ifndef BQDISC_NETEM_CLASSIFY_BPF_H
#define BQDISC_NETEM_CLASSIFY_BPF_H

#include <bqdisc/match.bpf.h>
#include "netem/ruleset.h"

/* Return the first of N RULES that matches a packet with these headers, or N if none does. */
static __always_inline u32 netem_match(const struct bq_headers *h, u32 rules, u32 n)
{
	bq_ref at, end = rules + n * (u32)sizeof(struct netem_rule);

	for (at = rules; at != end && can_loop; at += sizeof(struct netem_rule))
		if (bq_match_holds(&bq_at(struct netem_rule, at)->match, h))
			break;
	return (at - rules) / sizeof(struct netem_rule);
}

#endif
