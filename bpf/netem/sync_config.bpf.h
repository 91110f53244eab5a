/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Application of a changed configuration by the next enqueue or dequeue. The new ruleset is in
 * memory already; this brings the states of the rules, the queue and the time slots in line with
 * it.
 */
#ifndef BQDISC_NETEM_SYNC_CONFIG_BPF_H
#define BQDISC_NETEM_SYNC_CONFIG_BPF_H

#include "netem/retime.bpf.h"

/* Unlimited packets or bytes of a slot. */
#define NETEM_MANY 0x7fffffff

/* Bring the state in line with its rule. Return true if the rule's packets need new times. */
static __always_inline bool netem_sync_rule(const netem_rule *r, netem_state *s)
{
	bool shorter = r->what.jitter < s->jitter;

	s->shift = r->what.delay - s->delay;
	s->retimed = r->what.rate != s->rate;
	s->longest = shorter ? netem_reach(r) : NETEM_MAX_TIME;
	if (r->what.model != s->model)
		s->chain = NETEM_GOOD;
	s->model = r->what.model;
	s->delay = r->what.delay;
	s->jitter = r->what.jitter;
	s->rate = r->what.rate;
	if (!s->shift && !s->retimed && !shorter)
		return false;
	s->last_time = 0;
	return true;
}

static __always_inline void netem_sync_rules(struct netem_instance *q, netem_ruleset *rules,
					     u32 generation)
{
	bool retime = false;
	u32 i;

	bpf_for(i, 0, rules->n)
		if (netem_sync_rule(netem_rule_at(rules, i), netem_state_at(q, i)))
			retime = true;
	bq_tfifo_span(&q->timed, rules->span);
	if (retime)
		netem_retime(q, generation);
}

static __always_inline void netem_sync_trace(struct netem_instance *q, const netem_ruleset *rules)
{
	if (rules->trace)
		bq_trace_begin(bq_at(struct bq_trace, rules->trace), &q->replay);
	else
		q->replay.hash = 0;
}

/* Return the seed of a rule. Each rule has its own numbers; the first matches the in-tree qdisc. */
static __always_inline u64 netem_seed_of(const struct netem_instance *q, u32 n)
{
	return q->seed + n * 0x9e3779b97f4a7c15ull;
}

static __always_inline void netem_sync_seed(struct netem_instance *q, u64 seed)
{
	u32 i;

	if (q->seed == seed)
		return;
	q->seed = seed;
	bpf_for(i, 0, q->id.units)
		netem_state_seed(netem_state_at(q, i), netem_seed_of(q, i));
}

/* Refill the allowance of the slot that begins. */
static __always_inline void netem_fill_slot(struct netem_instance *q, const struct netem_config *c)
{
	q->slot_packets = c->slot_packets ?: NETEM_MANY;
	q->slot_bytes = c->slot_bytes ?: NETEM_MANY;
}

static __always_inline void netem_sync_slots(struct netem_instance *q, const struct netem_config *c)
{
	if (c->slot_min || c->slot_max || c->slot_jitter)
		q->slot_next = bpf_ktime_get_ns();
	else
		q->slot_next = 0;
	netem_fill_slot(q, c);
}

/* Apply the configuration of GENERATION. Global, so that the verifier checks it once. */
__noinline int netem_sync(struct netem_instance *q, u32 generation)
{
	const struct netem_config *c;
	netem_ruleset *rules;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	c = &q->config[generation & 1];
	rules = netem_ruleset_of(q, generation);
	q->synced = generation;
	netem_queue_front(q);
	netem_sync_seed(q, c->seed);
	netem_sync_slots(q, c);
	netem_sync_trace(q, rules);
	netem_sync_rules(q, rules, generation);
	return 0;
}

/* Return the generation in force, after applying it. */
static __always_inline u32 netem_sync_config(struct netem_instance *q)
{
	u32 generation = *(volatile u32 *)&q->id.generation;

	if (q->synced != generation)
		netem_sync(q, generation);
	return generation;
}

#endif
