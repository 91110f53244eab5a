/* SPDX-License-Identifier: GPL-2.0-only */
/* Access of netem's programs to rulesets and to the states of rules. */
#ifndef BQDISC_NETEM_RULESET_BPF_H
#define BQDISC_NETEM_RULESET_BPF_H

#include <bqdisc/memory.bpf.h>
#include "netem/compile.h"

/* Return the ruleset of a generation. */
static __always_inline netem_ruleset *netem_ruleset_of(const struct netem_instance *q,
						       u32 generation)
{
	return bq_at(struct netem_ruleset, q->rulesets[generation & 1]);
}

static __always_inline netem_state *netem_state_at(const struct netem_instance *q, u32 n)
{
	return bq_nth(struct netem_state, q->states, n);
}

static __always_inline bq_ref netem_first_rule(const netem_ruleset *rules)
{
	return bq_ref_of(rules + 1);
}

#endif
