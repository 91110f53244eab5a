/* SPDX-License-Identifier: GPL-2.0-only */
/* New departure times of queued packets, after a change of their rules. */
#ifndef BQDISC_NETEM_RETIME_BPF_H
#define BQDISC_NETEM_RETIME_BPF_H

#include <bqdisc/tfifo.bpf.h>
#include "netem/packet.bpf.h"
#include "netem/ruleset.bpf.h"

/* Return the departure time of a queued packet under its rule's new times. */
static __always_inline u64 netem_new_time(const struct netem_instance *q, netem_ruleset *rules,
					  bq_ref ref)
{
	netem_packet *p = netem_packet_at(ref);
	netem_rule *r = netem_rule_at(rules, p->rule);
	netem_state *s = netem_state_at(q, p->rule);
	s64 time = p->time + s->shift;

	if (s->retimed) {
		time = p->arrived + r->what.delay;
		if ((u64)time < s->last_time)
			time = s->last_time;
		if (r->what.rate)
			time += netem_packet_time(&r->what, p->len);
	} else if (time > (s64)(p->arrived + s->longest)) {
		time = p->arrived + s->longest;
	}
	if (time < 0)
		time = 0;
	if ((u64)time > s->last_time)
		s->last_time = time;
	return time;
}

/* Add one packet again. A separate function gets its own can_loop budget. */
static __noinline int netem_add_again(struct netem_instance *q, bq_ref ref)
{
	bq_tfifo_add(&q->timed, ref);
	return 0;
}

/* Set the times of packets in the heap, and order it again. */
static __always_inline void netem_retime_heap(struct netem_instance *q, netem_ruleset *rules)
{
	struct bq_heap *early = &q->timed.heap;
	u32 i, n = early->count;

	bpf_for(i, 0, n) {
		bq_ref item = bq_heap_at(early, i)->item;

		netem_packet_at(item)->time = netem_new_time(q, rules, item);
		bq_heap_at(early, i)->time = netem_packet_at(item)->time;
	}
	bq_heap_order(early);
}

/* Set the times of packets chained from REF, and queue them again. */
static __always_inline void netem_retime_chain(struct netem_instance *q, netem_ruleset *rules,
					       bq_ref ref)
{
	bq_ref next;
	u32 i;

	bpf_for(i, 0, BQ_LOOP_MAX) {
		if (!ref)
			break;
		next = netem_packet_at(ref)->next;
		netem_packet_at(ref)->time = netem_new_time(q, rules, ref);
		netem_add_again(q, ref);
		ref = next;
	}
}

/*
 * Give the queued packets the times of GENERATION. The changes are in the states of the rules. A
 * loop that ended early would lose packets, so none uses can_loop.
 */
static __noinline int netem_retime(struct netem_instance *q, u32 generation)
{
	netem_ruleset *rules = netem_ruleset_of(q, generation);
	bq_ref chain = bq_tfifo_unchain(&q->timed);
	u32 i;

	_Static_assert(NETEM_MAX_LIMIT * 8 <= BQ_LOOP_MAX, "a loop reaches all that can wait");
	netem_retime_heap(q, rules);
	netem_retime_chain(q, rules, chain);
	bpf_for(i, 0, rules->n) {
		netem_state_at(q, i)->shift = 0;
		netem_state_at(q, i)->retimed = 0;
		netem_state_at(q, i)->longest = NETEM_MAX_TIME;
	}
	return 0;
}

#endif
