/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Application of a changed configuration by the next enqueue or dequeue: rebuild the rules in the
 * instance's memory, and give queued packets new times.
 */
#ifndef BQDISC_NETEM_SYNC_CONFIG_BPF_H
#define BQDISC_NETEM_SYNC_CONFIG_BPF_H

#include <bqdisc/tlv.bpf.h>
#include <bqdisc/tfifo.bpf.h>
#include "netem/model.h"
#include "netem/packet.bpf.h"

/* Unlimited packets or bytes of a slot. */
#define NETEM_MANY 0x7fffffff

typedef struct netem_rule __arena netem_rule;

static __always_inline netem_rule *netem_rule_at(const struct netem_instance *q, u32 n)
{
	return bq_nth(struct netem_rule, q->rules, n);
}

/* Return the departure time of a queued packet under its rule's new times. */
static __always_inline u64 netem_new_time(const struct netem_instance *q, bq_ref ref)
{
	netem_packet *p = netem_packet_at(ref);
	netem_rule *r = netem_rule_at(q, p->rule);
	s64 time = p->time + r->state.shift;

	if (r->state.retimed) {
		time = p->arrived + r->what.delay;
		if ((u64)time < r->state.last_time)
			time = r->state.last_time;
		if (r->what.rate)
			time += netem_packet_time(&r->what, p->len);
	} else if (time > (s64)(p->arrived + r->state.longest)) {
		time = p->arrived + r->state.longest;
	}
	if (time < 0)
		time = 0;
	if ((u64)time > r->state.last_time)
		r->state.last_time = time;
	return time;
}

/* Add one packet again. A separate function gets its own can_loop budget. */
static __noinline int netem_add_again(struct netem_instance *q, bq_ref ref)
{
	bq_tfifo_add(&q->queue, ref);
	return 0;
}

/* Give the queued packets new times after a change of their rules. */
static __noinline int netem_retime(struct netem_instance *q)
{
	bq_ref ref = bq_tfifo_unchain(&q->queue), next;
	struct bq_heap *early = &q->queue.heap;
	u32 i, n;

	/* A loop that ended early would lose queued packets, so none uses can_loop. */
	_Static_assert(NETEM_MAX_LIMIT * 8 <= BQ_LOOP_MAX, "a loop reaches all that can wait");
	n = early->count;
	bpf_for(i, 0, n) {
		bq_ref item = bq_heap_at(early, i)->item;

		bq_packet_at(item)->time = netem_new_time(q, item);
		bq_heap_at(early, i)->time = bq_packet_at(item)->time;
	}
	bq_heap_order(early);
	bpf_for(i, 0, BQ_LOOP_MAX) {
		if (!ref)
			break;
		next = bq_packet_at(ref)->next;
		bq_packet_at(ref)->time = netem_new_time(q, ref);
		netem_add_again(q, ref);
		ref = next;
	}
	bpf_for(i, 0, q->id.units) {
		netem_rule_at(q, i)->state.shift = 0;
		netem_rule_at(q, i)->state.retimed = 0;
		netem_rule_at(q, i)->state.longest = NETEM_MAX_TIME;
	}
	return 0;
}

/* Return the longest delay of the rule, in ns; tables reach four deviations. */
static __always_inline u64 netem_reach(const netem_rule *r)
{
	return r->what.delay + (r->state.values ? 4 : 1) * r->what.jitter;
}

/* Copy an impairment into rule R. The compiler cannot copy into arena memory by itself. */
static __always_inline void netem_copy(netem_rule *r, const struct netem_impairment *w)
{
	const u64 *from = (const u64 *)w;
	u64 __arena *to = (u64 __arena *)&r->what;
	u32 i;

	for (i = 0; i < sizeof(*w) / sizeof(u64) && can_loop; i++)
		to[i] = from[i];
}

/* Copy BYTES of the section at REF to TO. */
static __always_inline void netem_copy_section(bq_ref to, bq_ref ref, u32 bytes)
{
	u64 __arena *words = bq_at(u64, to);
	u32 i;

	for (i = 0; i < bytes / sizeof(u64) && can_loop; i++)
		words[i] = bq_at(const u64, ref)[i];
}

/* Return true if the rule may lose packets at random. */
static __always_inline bool netem_may_lose(const netem_rule *r)
{
	return r->what.model != NETEM_LOSS_RANDOM || r->what.loss;
}

/* Write rule N from the configuration. Return false if the configuration has no such rule. */
static __always_inline bool netem_read_rule(struct netem_instance *q, u32 n, u32 generation)
{
	netem_rule *r = netem_rule_at(q, n);
	bq_ref section;
	u32 bytes;

	if (n) {
		section = bq_tlv_find(&q->id, generation, n, NETEM_RULE, &bytes);
		if (!section)
			return false;
		netem_copy_section(bq_ref_of(&r->what), section, sizeof(r->what));
	} else {
		netem_copy(r, &q->config[generation & 1].all);
	}
	if (bq_is_pool_instance(&q->id))
		return true;
	section = bq_tlv_find(&q->id, generation, n, NETEM_MATCH, &bytes);
	r->match.fields = 0;
	r->match.family = 0;
	r->match.negated = 0;
	if (section) {
		netem_copy_section(bq_ref_of(&r->match), section, sizeof(r->match));
		q->classify = 1;
	}
	r->state.table = bq_tlv_find(&q->id, generation, n, NETEM_DISTRIBUTION, &bytes);
	r->state.values = bytes / sizeof(__s16);
	if (netem_needs_writing(r->what.duplicate, r->what.corrupt, r->what.ecn))
		q->written = 1;
	return true;
}

/*
 * Update rule N from the configuration, if it exists. Note if queued packets need new times.
 * Global, so that the verifier checks it once and not for each caller and state.
 */
__noinline int netem_adopt_rule(struct netem_instance *q, u32 n, u32 generation)
{
	u64 delay, jitter, rate;
	netem_rule *r;
	bool shorter;
	u32 model;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	r = netem_rule_at(q, n);
	delay = r->what.delay;
	jitter = r->what.jitter;
	rate = r->what.rate;
	model = r->what.model;
	if (!netem_read_rule(q, n, generation))
		return 0;
	shorter = r->what.jitter < jitter;
	r->state.shift = r->what.delay - delay;
	r->state.retimed = r->what.rate != rate;
	r->state.longest = shorter ? netem_reach(r) : NETEM_MAX_TIME;
	if (r->what.model != model)
		r->state.chain = NETEM_GOOD;
	if (r->state.shift || r->state.retimed || shorter) {
		r->state.last_time = 0;
		q->retime = 1;
	}
	return 1;
}

static __always_inline void netem_adopt_rules(struct netem_instance *q, u32 generation)
{
	u64 reach = 0;
	u32 n;

	q->classify = 0;
	q->written = 0;
	q->retime = 0;
	q->n_rules = 0;
	bpf_for(n, 0, q->id.units) {
		if (!netem_adopt_rule(q, n, generation))
			break;
		q->n_rules = n + 1;
		if (reach < netem_reach(netem_rule_at(q, n)))
			reach = netem_reach(netem_rule_at(q, n));
	}
	bq_tfifo_span(&q->queue, reach);
	if (q->n_rules > 1)
		q->classify = 1;
	q->judges = q->classify || q->written || q->trace || netem_may_lose(netem_rule_at(q, 0));
	if (q->retime)
		netem_retime(q);
}

static __always_inline void netem_adopt_trace(struct netem_instance *q, u32 generation)
{
	u32 bytes;

	if (bq_is_pool_instance(&q->id))
		return;
	q->trace = bq_tlv_find(&q->id, generation, 0, NETEM_TRACE_TABLE, &bytes);
	if (q->trace)
		bq_trace_begin(bq_at(struct bq_trace, q->trace), &q->replay);
	else
		q->replay.hash = 0;
}

/* Return the seed of a rule. Each rule has its own numbers; the first matches the in-tree qdisc. */
static __always_inline u64 netem_seed_of(const struct netem_instance *q, u32 n)
{
	return q->seed + n * 0x9e3779b97f4a7c15ull;
}

/* Refill the allowance of the slot that begins. */
static __always_inline void netem_fill_slot(struct netem_instance *q, const struct netem_config *c)
{
	q->slot_packets = c->slot_packets ?: NETEM_MANY;
	q->slot_bytes = c->slot_bytes ?: NETEM_MANY;
}

static __always_inline void netem_adopt_slots(struct netem_instance *q,
					      const struct netem_config *c, u32 generation)
{
	u32 bytes;

	if (!bq_is_pool_instance(&q->id)) {
		q->slot_table = bq_tlv_find(&q->id, generation, 0, NETEM_SLOT_TABLE, &bytes);
		q->slot_values = bytes / sizeof(__s16);
	}
	if (c->slot_min || c->slot_max || c->slot_jitter)
		q->slot_next = bpf_ktime_get_ns();
	else
		q->slot_next = 0;
	netem_fill_slot(q, c);
}

__noinline int netem_adopt(struct netem_instance *q, u32 generation)
{
	const struct netem_config *c;
	u32 n;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	c = &q->config[generation & 1];
	q->synced = generation;
	q->holds = netem_holds(c);
	if (q->seed != c->seed) {
		q->seed = c->seed;
		bpf_for(n, 0, q->id.units)
			netem_state_seed(&netem_rule_at(q, n)->state, netem_seed_of(q, n));
	}
	netem_adopt_slots(q, c, generation);
	netem_adopt_trace(q, generation);
	netem_adopt_rules(q, generation);
	return 0;
}

/* Return the configuration in force, after updating the rules from it. */
static __always_inline const struct netem_config *netem_follow(struct netem_instance *q)
{
	u32 generation = *(volatile u32 *)&q->id.generation;

	if (q->synced != generation)
		netem_adopt(q, generation);
	return &q->config[generation & 1];
}

#endif
