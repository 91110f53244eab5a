/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts of a ruleset that follow from its rules, for user space and for .init. */
#ifndef BQDISC_NETEM_COMPILE_H
#define BQDISC_NETEM_COMPILE_H

#include "netem/model.h"
#include "netem/ruleset.h"

typedef struct netem_ruleset NETEM_MEMORY netem_ruleset;
typedef struct netem_rule NETEM_MEMORY netem_rule;

NETEM_INLINE netem_rule *netem_rule_at(netem_ruleset *rules, __u32 n)
{
	return (netem_rule *)(rules + 1) + n;
}

/* Return the longest delay of the rule, in ns; tables reach four deviations. */
NETEM_INLINE __u64 netem_reach(const netem_rule *r)
{
	return r->what.delay + (r->values ? 4 : 1) * r->what.jitter;
}

/* Return true if the rule may lose packets at random. */
NETEM_INLINE int netem_may_lose(const netem_rule *r)
{
	return r->what.model != NETEM_LOSS_RANDOM || r->what.loss;
}

NETEM_INLINE int netem_is_writing(const netem_rule *r)
{
	return netem_needs_writing(r->what.duplicate, r->what.corrupt, r->what.ecn);
}

/* Return the path of packets. WRITES: a rule needs the egress program. */
NETEM_INLINE enum netem_path netem_path_of(netem_ruleset *rules, int writes)
{
	const netem_rule *first = netem_rule_at(rules, 0);

	if (rules->n > 1 || first->match.fields)
		return writes ? NETEM_PATH_MATCH_EGRESS : NETEM_PATH_MATCH;
	if (writes)
		return NETEM_PATH_EGRESS;
	if (rules->trace || netem_may_lose(first))
		return NETEM_PATH_LOSS;
	return rules->holds || first->what.gap ? NETEM_PATH_DELAY : NETEM_PATH_PASS;
}

/* Return true if the egress program decides about packets of that path. */
NETEM_INLINE int netem_path_is_egress(__u32 path)
{
	return path >= NETEM_PATH_EGRESS;
}

NETEM_INLINE int netem_path_is_match(__u32 path)
{
	return path == NETEM_PATH_MATCH || path == NETEM_PATH_MATCH_EGRESS;
}

/* Set what follows from N rules, which are written already, as the refs of tables are. */
NETEM_INLINE void netem_ruleset_finish(netem_ruleset *rules, __u32 n, int holds)
{
	__u64 span = 0;
	int writes = 0;
	__u32 i;

	for (i = 0; i < n; i++) {
		const netem_rule *r = netem_rule_at(rules, i);

		writes |= netem_is_writing(r);
		if (span < netem_reach(r))
			span = netem_reach(r);
	}
	rules->n = n;
	rules->span = span;
	rules->holds = !!holds;
	rules->path = netem_path_of(rules, writes);
}

#endif
