/* SPDX-License-Identifier: GPL-2.0-only */
/* Life of an instance: its memory, initial values and configuration, and removal of its packets. */
#ifndef BQDISC_NETEM_LIFECYCLE_BPF_H
#define BQDISC_NETEM_LIFECYCLE_BPF_H

#include <bqdisc/init.bpf.h>
#include "netem/queues.bpf.h"
#include "netem/sync_config.bpf.h"

/* Free every packet. The core itself zeroes qlen and backlog. */
static __noinline int netem_clear(struct netem_instance *q)
{
	u32 i;

	bq_packets_purge(&q->packets);
	q->front_arrived = 0;
	q->wake = 0;
	q->reordered = 0;
	q->unmatched = 0;
	q->replay.head = q->replay.tail;
	q->replay.bytes = 0;
	if (!q->states)
		return 0;
	bq_tfifo_clear(&q->timed);
	bpf_for(i, 0, NETEM_RULES)
		q->rule_stats[i % NETEM_RULES].waiting = 0;
	bpf_for(i, 0, q->id.units)
		netem_state_at(q, i)->last_time = 0;
	return 0;
}

/*
 * Zero N words at REF. can_loop keeps the compiler from emitting memset(), which BPF cannot call on
 * arena memory.
 */
static __always_inline void netem_zero(bq_ref ref, u32 n)
{
	u32 i;

	for (i = 0; i < n && can_loop; i++)
		*bq_nth(u64, ref, i) = 0;
}

/* Assign the instance's memory. */
static __always_inline int netem_lay_out(struct netem_instance *q)
{
	u32 slots = q->id.slots, rules = q->id.units;
	bq_ref memory = q->id.memory;

	q->rulesets[0] = memory + NETEM_RULESET_AT(rules, 0);
	q->rulesets[1] = memory + NETEM_RULESET_AT(rules, 1);
	q->states = memory + NETEM_STATES_AT(rules);
	bq_tfifo_init(&q->timed, memory + NETEM_HEAP_AT(rules, slots));
	bq_tfifo_use(&q->timed, memory + NETEM_HEAP_AT(rules, slots),
		     memory + NETEM_WHEEL_AT(rules, slots), BQ_WHEEL_BUCKETS(slots));
	return bq_packets_init_first(&q->id, &q->packets, memory + NETEM_PACKETS_AT(rules));
}

static __always_inline void netem_init_states(struct netem_instance *q)
{
	u32 i, rules = q->id.units;

	netem_zero(q->states, rules * (sizeof(struct netem_state) / sizeof(u64)));
	bpf_for(i, 0, rules)
		netem_state_init(netem_state_at(q, i), netem_seed_of(q, i));
}

/* Initialise queues, counters and generators outside of the memory. */
static __always_inline void netem_init_fields(struct netem_instance *q)
{
	u32 i;

	q->reordered = 0;
	q->unmatched = 0;
	q->front_arrived = 0;
	q->wake = 0;
	q->seed = q->config[0].seed;
	__builtin_memset(&q->replay, 0, sizeof(q->replay));
	bpf_for(i, 0, NETEM_RULES) {
		q->rule_stats[i % NETEM_RULES].packets = 0;
		q->rule_stats[i % NETEM_RULES].bytes = 0;
		q->rule_stats[i % NETEM_RULES].dropped = 0;
		q->rule_stats[i % NETEM_RULES].waiting = 0;
	}
}

/*
 * Write the ruleset of a pool instance: one rule, and the tables that an in-tree netlink caller
 * sent. User space writes those of other instances.
 */
static __always_inline void netem_compile(struct netem_instance *q)
{
	const struct netem_config *c = &q->config[0];
	netem_ruleset *rules = netem_ruleset_of(q, 0);
	netem_rule *r = netem_rule_at(rules, 0);
	const u64 *from = (const u64 *)&c->all;
	u32 i;

	netem_zero(q->rulesets[0], NETEM_RULESET_BYTES(1) / sizeof(u64));
	for (i = 0; i < sizeof(c->all) / sizeof(u64) && can_loop; i++)
		*bq_nth(u64, bq_ref_of(&r->what), i) = from[i];
	if (netem_is_set(&c->all, NETEM_DISTRIBUTION)) {
		r->table = q->id.memory + NETEM_POOL_TABLES_AT;
		r->values = q->delay_values;
	}
	if (netem_is_set(&c->all, NETEM_SLOT_TABLE)) {
		rules->slot_table = q->id.memory + NETEM_POOL_TABLES_AT + NETEM_TABLE_BYTES;
		rules->slot_values = q->slot_values;
	}
	netem_ruleset_finish(rules, 1, netem_holds(c));
}

static __always_inline u32 netem_area_bytes(u32 slots)
{
	return NETEM_GROWTH_BYTES(slots);
}

/* Complete and check the configuration, which is untrusted. */
static __always_inline int netem_configure(struct netem_instance *q, u32 mtu)
{
	struct netem_config *c = &q->config[0], *d = &q->defaults;

	/* The generators use 32 bits of the seed, and JSON numbers cannot hold 64. */
	d->seed = bpf_get_prandom_u32();
	netem_complete(d, mtu);
	netem_complete(c, mtu);
	if (!netem_is_set(&c->all, NETEM_SEED))
		c->seed = d->seed;
	return netem_is_sane(c) ? 0 : -EINVAL;
}

static __always_inline int netem_start(struct netem_instance *q, struct Qdisc *sch)
{
	bool from_pool = bq_is_pool_instance(&q->id);
	int err = netem_configure(q, sch->dev_queue->dev->mtu);

	if (!err && from_pool)
		err = bq_memory_from_pool(&q->id, NETEM_POOL_BYTES, 1);
	if (!err)
		err = netem_lay_out(q);
	if (err)
		return err;
	q->link_header = sch->dev_queue->dev->hard_header_len;
	netem_init_fields(q);
	netem_init_states(q);
	if (from_pool) {
		netem_compile(q);
		bq_pool_stock(&q->id, netem_area_bytes);
	}
	netem_sync(q, 0);
	return 0;
}

#endif
