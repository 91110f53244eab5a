/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps of netem's enqueue. */
#ifndef BQDISC_NETEM_ENQUEUE_BPF_H
#define BQDISC_NETEM_ENQUEUE_BPF_H

#include "netem/decide.bpf.h"
#include "netem/trace.bpf.h"

/* Draw whether the packet is reordered, and if not its departure time, counted from FROM. */
static __always_inline s64 netem_draw_time(netem_rule *r, netem_state *s, u64 from, u32 len,
					   struct netem_arrival *a)
{
	s64 delay = 0;

	if (netem_goes_ahead(&r->what, s))
		a->queue = NETEM_REORDERED;
	else
		a->time = netem_time(&r->what, s, bq_at(const __s16, r->table), r->values, from,
				     len, &delay);
	return delay;
}

/* Set the departure time of a packet that reaches the emulated delay at FROM, in ns. */
static __always_inline void netem_schedule(struct netem_instance *q, netem_ruleset *rules,
					   const struct Qdisc *sch, u64 from, u32 len,
					   struct netem_arrival *a)
{
	struct bpf_spin_lock *lock = netem_lock(rules, sch);
	s64 delay;

	if (lock)
		bpf_spin_lock(lock);
	delay = netem_draw_time(netem_rule_at(rules, a->rule), netem_state_at(q, a->rule), from,
				len, a);
	if (lock)
		bpf_spin_unlock(lock);
	if (a->queue == NETEM_TIMED && (delay || from > a->now))
		q->stats.delayed++;
}

/* Drop the packet and report success, because the sender must not notice a loss on the path. */
static __always_inline int netem_lose(struct netem_instance *q, struct Qdisc *sch,
				      struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
				      u32 rule, u64 *reason)
{
	q->rule_stats[rule % NETEM_RULES].dropped++;
	bq_drop_noted(q, sch, skb, to_free, reason);
	return NET_XMIT_SUCCESS;
}

/*
 * Pass the packet through the link of the trace, which is before the delay of the first rule.
 * Return NULL and set *FROM to the time at the end of the link, or return the counter of the reason
 * to drop the packet.
 */
static __always_inline u64 *netem_pass_trace(struct netem_instance *q, const netem_ruleset *rules,
					     const struct netem_config *c, u32 len,
					     const struct netem_arrival *a, u64 *from)
{
	u64 *reason;

	*from = a->now;
	if (!rules->trace || a->rule)
		return NULL;
	reason = netem_pass_link(q, rules, c, len, a->now);
	if (!reason)
		*from = q->passage.leaves + q->passage.delay;
	return reason;
}

/* Enqueue a packet on any path but NETEM_PATH_PASS and NETEM_PATH_DELAY. */
static __always_inline int netem_enqueue_decided(struct netem_instance *q, netem_ruleset *rules,
						 const struct netem_config *c, struct Qdisc *sch,
						 struct sk_buff *skb,
						 struct bpf_sk_buff_ptr *to_free,
						 struct netem_arrival *a)
{
	u32 len = qdisc_pkt_len(skb);
	bool lost = netem_decide(q, rules, sch, skb, a);
	u64 *reason, from;

	if (a->rule >= rules->n) {
		a->queue = NETEM_UNMATCHED;
		return netem_store(q, sch, skb, to_free, a);
	}
	netem_count(q, rules, a->rule, len);
	if (lost)
		return netem_lose(q, sch, skb, to_free, a->rule, &q->stats.dropped);
	if (sch->q.qlen >= c->limit)
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_limit);
	reason = netem_pass_trace(q, rules, c, len, a, &from);
	if (reason)
		return netem_lose(q, sch, skb, to_free, a->rule, reason);
	netem_schedule(q, rules, sch, from, len, a);
	return netem_store(q, sch, skb, to_free, a);
}

/* Enqueue a packet that needs only a departure time: NETEM_PATH_DELAY. */
static __always_inline int netem_enqueue_delayed(struct netem_instance *q, netem_ruleset *rules,
						 const struct netem_config *c, struct Qdisc *sch,
						 struct sk_buff *skb,
						 struct bpf_sk_buff_ptr *to_free,
						 struct netem_arrival *a)
{
	if (sch->q.qlen >= c->limit)
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_limit);
	if (netem_draw_time(netem_rule_at(rules, 0), netem_state_at(q, 0), a->now,
			    qdisc_pkt_len(skb), a))
		q->stats.delayed++;
	return netem_store(q, sch, skb, to_free, a);
}

/* Enqueue a packet that needs nothing: NETEM_PATH_PASS. */
static __always_inline int
netem_enqueue_passed(struct netem_instance *q, const struct netem_config *c, struct Qdisc *sch,
		     struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free, struct netem_arrival *a)
{
	struct bq_front *front = q->slot_next ? NULL : bq_front_if_empty(sch);

	if (sch->q.qlen >= c->limit)
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_limit);
	netem_state_at(q, 0)->counter++;
	if (!front)
		return netem_store(q, sch, skb, to_free, a);
	q->front_arrived = a->now;
	qdisc_count_in(sch, qdisc_pkt_len(skb));
	bq_front_store(front, skb, to_free);
	return NET_XMIT_SUCCESS;
}

#endif
