/* SPDX-License-Identifier: GPL-2.0-only */
/* Rule of an arriving packet, and whether emulation loses it. */
#ifndef BQDISC_NETEM_DECIDE_BPF_H
#define BQDISC_NETEM_DECIDE_BPF_H

#include <bqdisc/verdict.bpf.h>
#include "netem/classify.bpf.h"
#include "netem/lock.bpf.h"
#include "netem/queues.bpf.h"
#include "netem/verdict.h"

/*
 * Return the first of N rules from RULES on that matches the packet, or N if none does. Global, so
 * that the verifier checks it once: parsing headers has many states.
 */
__noinline u32 netem_rule_of(struct sk_buff *skb __arg_trusted, u32 rules, u32 n)
{
	struct bq_headers h;

	BQ_USES_MEMORY();
	bq_headers_read(skb, skb, &h);
	return netem_match(&h, rules, n);
}

/* Return the lock of the random numbers if the egress program draws too, else NULL. */
static __always_inline struct bpf_spin_lock *netem_lock(const netem_ruleset *rules,
							const struct Qdisc *sch)
{
	struct netem_lock *lock =
		netem_path_is_egress(rules->path) ? netem_lock_of(sch->limit) : NULL;

	return lock ? &lock->lock : NULL;
}

/* Draw whether the packet is lost. */
static __always_inline bool netem_draw_loss(struct netem_instance *q, netem_ruleset *rules,
					    const struct Qdisc *sch, u32 rule)
{
	struct bpf_spin_lock *lock = netem_lock(rules, sch);
	netem_rule *r = netem_rule_at(rules, rule);
	bool lost;

	if (lock)
		bpf_spin_lock(lock);
	lost = netem_loses(&r->what, netem_state_at(q, rule));
	if (lock)
		bpf_spin_unlock(lock);
	return lost;
}

/* Return true and set the rule and LOST if the egress program decided about the packet. */
static __always_inline bool netem_read_verdict(struct netem_instance *q, struct sk_buff *skb,
					       struct netem_arrival *a, bool *lost)
{
	const struct bq_verdict *word = bq_verdict_read(&q->id, skb);

	if (!word || !(word->verdict[0] & NETEM_DECIDED))
		return false;
	a->rule = word->verdict[1];
	*lost = word->verdict[0] & NETEM_LOST;
	return true;
}

/*
 * Set the packet's rule, and return true if the packet is lost. A packet that did not pass the
 * egress hook has no verdict, so the qdisc decides.
 */
static __always_inline bool netem_decide(struct netem_instance *q, netem_ruleset *rules,
					 const struct Qdisc *sch, struct sk_buff *skb,
					 struct netem_arrival *a)
{
	bool lost;

	switch (rules->path) {
	case NETEM_PATH_EGRESS:
		if (netem_read_verdict(q, skb, a, &lost))
			return lost;
		break;
	case NETEM_PATH_MATCH_EGRESS:
		if (netem_read_verdict(q, skb, a, &lost))
			return lost;
		a->rule = netem_rule_of(skb, netem_first_rule(rules), rules->n);
		break;
	case NETEM_PATH_MATCH:
		a->rule = netem_rule_of(skb, netem_first_rule(rules), rules->n);
		break;
	}
	return a->rule < rules->n && netem_draw_loss(q, rules, sch, a->rule);
}

/* Count the packet for its rule. A single rule needs no counter: the core counts its packets. */
static __always_inline void netem_count(struct netem_instance *q, const netem_ruleset *rules,
					u32 rule, u32 len)
{
	struct netem_rule_stats *s = &q->rule_stats[rule % NETEM_RULES];

	if (!netem_path_is_match(rules->path))
		return;
	s->packets++;
	s->bytes += len;
}

#endif
