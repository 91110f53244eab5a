/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queues of netem. A packet moves into a slot when it is stored and out when it is released. In
 * between its record is in exactly one of three queues.
 */
#ifndef BQDISC_NETEM_QUEUES_BPF_H
#define BQDISC_NETEM_QUEUES_BPF_H

#include <bqdisc/front.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/stats.bpf.h>
#include <bqdisc/tfifo.bpf.h>
#include "netem/packet.bpf.h"
#include "netem/ruleset.h"

enum netem_queue {
	NETEM_TIMED,     /* by departure time */
	NETEM_REORDERED, /* before all other packets, in LIFO order */
	NETEM_UNMATCHED, /* at once, in FIFO order: no rule matches the packet */
};

/* Decisions about an arriving packet. */
struct netem_arrival {
	u64 now, time; /* ns: arrival, departure */
	u32 rule;
	enum netem_queue queue;
};

static __always_inline void netem_push_reordered(struct netem_instance *q, struct Qdisc *sch,
						 bq_ref ref)
{
	netem_packet_at(ref)->next = q->reordered;
	q->reordered = ref;
	q->stats.reordered++;
	sch->qstats.requeues++;
}

static __always_inline void netem_push_unmatched(struct netem_instance *q, bq_ref ref)
{
	netem_packet_at(ref)->next = 0;
	if (q->unmatched)
		netem_packet_at(q->unmatched_last)->next = ref;
	else
		q->unmatched = ref;
	q->unmatched_last = ref;
	q->stats.unmatched++;
}

static __always_inline void netem_push(struct netem_instance *q, struct Qdisc *sch, bq_ref ref,
				       enum netem_queue queue)
{
	switch (queue) {
	case NETEM_TIMED:
		bq_tfifo_add(&q->timed, ref);
		break;
	case NETEM_REORDERED:
		netem_push_reordered(q, sch, ref);
		break;
	case NETEM_UNMATCHED:
		netem_push_unmatched(q, ref);
	}
}

/* Remove and return the next packet that does not wait for its time, or 0. */
static __always_inline bq_ref netem_pop_undelayed(struct netem_instance *q)
{
	bq_ref ref = q->reordered;

	if (ref) {
		q->reordered = netem_packet_at(ref)->next;
		return ref;
	}
	ref = q->unmatched;
	if (ref)
		q->unmatched = netem_packet_at(ref)->next;
	return ref;
}

/*
 * Switch to the slots, heap and wheel that the instance was given since. Called when all slots are
 * in use. Global, so that the verifier checks it once.
 */
__noinline int netem_grow(struct netem_instance *q)
{
	struct bq_packets_part *part;
	u32 newest, slots;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	newest = q->packets.last;
	bq_packets_grow(&q->id, &q->packets);
	if (q->packets.last == newest)
		return 0;
	part = bq_packets_part(&q->packets, q->packets.last);
	slots = part->capacity;
	bq_tfifo_use(&q->timed, part->first + NETEM_GROWN_HEAP_AT(slots),
		     part->first + NETEM_GROWN_WHEEL_AT(slots), BQ_WHEEL_BUCKETS(slots));
	return 0;
}

/* Count N more packets of the rule that wait. The number of no rule is at least that of all. */
static __always_inline void netem_count_waiting(struct netem_instance *q, u32 rule, s32 n)
{
	if (rule >= NETEM_RULES)
		return;
	/* Or the compiler leaves out the remainder, and the verifier does not see the bound. */
	barrier_var(rule);
	q->rule_stats[rule % NETEM_RULES].waiting += n;
}

/* Store or drop the packet; the caller no longer owns it. */
static __always_inline int netem_store(struct netem_instance *q, struct Qdisc *sch,
				       struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
				       const struct netem_arrival *a)
{
	u32 len = qdisc_pkt_len(skb);
	netem_packet *p;
	bq_ref ref;

	if (bq_packets_are_full(&q->packets) && !bq_packets_extend(&q->id, &q->packets))
		netem_grow(q);
	skb = bq_packet_store(&q->packets, skb, &ref);
	if (skb)
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_no_slot);
	p = netem_packet_at(ref);
	p->time = a->time;
	p->arrived = a->now;
	p->len = len;
	p->rule = a->rule;
	netem_push(q, sch, ref, a->queue);
	netem_count_waiting(q, a->rule, 1);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

/* Return the packet in the front slot, which the caller then owns, or NULL. */
static __always_inline struct sk_buff *netem_take_front(struct netem_instance *q, u32 index)
{
	q->front_arrived = 0;
	return bq_front_take(bq_front_at(index));
}

/* Move the packet in the front slot into the queue, where a changed configuration finds it. */
static __always_inline void netem_queue_front(struct netem_instance *q)
{
	u64 arrived = q->front_arrived;
	struct sk_buff *skb;
	netem_packet *p;
	bq_ref ref;
	u32 len;

	if (!arrived || bq_packets_are_full(&q->packets))
		return;
	skb = netem_take_front(q, q->id.index);
	if (!skb)
		return;
	len = qdisc_pkt_len(skb);
	skb = bq_packet_store(&q->packets, skb, &ref);
	if (skb) {
		bpf_kfree_skb(skb);
		return;
	}
	p = netem_packet_at(ref);
	p->time = arrived;
	p->arrived = arrived;
	p->len = len;
	p->rule = 0;
	netem_count_waiting(q, 0, 1);
	bq_tfifo_add(&q->timed, ref);
}

#endif
