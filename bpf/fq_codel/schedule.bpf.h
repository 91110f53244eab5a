/* SPDX-License-Identifier: GPL-2.0-only */
/* Scheduler of fq_codel: new flows before old flows, DRR with a quantum, and CoDel in each flow. */
#ifndef BQDISC_FQ_CODEL_SCHEDULE_BPF_H
#define BQDISC_FQ_CODEL_SCHEDULE_BPF_H

#include <bqdisc/codel.bpf.h>
#include <bqdisc/drops.bpf.h>
#include "fq_codel/ecn.bpf.h"
#include "fq_codel/flow.bpf.h"

/* Drop a packet that CoDel has chosen. */
static __always_inline void fq_codel_drop(struct fq_codel_instance *q, struct Qdisc *sch,
					  bq_fair_flow *f, struct sk_buff *skb)
{
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	sch->qstats.drops++;
	f->drops++;
	q->stats.drop_codel++;
	bq_drop_note_in(q, skb, &q->stats.drop_codel);
	bpf_kfree_skb(skb);
}

/* Removal of one packet of a flow. */
struct fq_codel_turn {
	struct bq_codel_params params;
	struct bq_codel_turn codel;
	bool ecn; /* CoDel may mark */
};

/* Return true if CoDel has chosen the first packet of the flow, which has one. */
static __always_inline bool fq_codel_is_chosen(struct fq_codel_instance *q, const struct Qdisc *sch,
					       bq_fair_flow *f, struct fq_codel_turn *turn)
{
	const bq_packet *p = bq_packet_at(f->queue.head);
	u32 len = bq_fair_len(p);

	if (len > q->stats.maxpacket)
		q->stats.maxpacket = len;
	return bq_codel_signals(&f->codel, &turn->params, &turn->codel, p->arrived,
				sch->qstats.backlog - len);
}

/*
 * Return true if the flow's first packet uses ECN and the egress program can mark. The slot's
 * packet is slow to read, but only chosen packets are read.
 */
static __always_inline bool fq_codel_may_mark(struct fq_codel_instance *q, bq_fair_flow *f)
{
	struct bq_slot *slot;
	const struct sk_buff *skb;

	if (!*(volatile u64 *)&q->id.egress)
		return false;
	slot = bq_packet_slot(&q->packets, f->queue.head);
	skb = slot ? slot->skb : NULL;
	return skb && fq_codel_has_ecn(skb);
}

/* Note a mark for the next packet that arrives in the flow. */
static __always_inline void fq_codel_owe_mark(struct fq_codel_instance *q, bq_fair_flow *f)
{
	__sync_fetch_and_add(&f->marks, 1);
	__sync_fetch_and_add(&q->marks, 1);
}

/*
 * Drop the first packet of the flow, and those behind it, as CoDel chooses, up to one that can be
 * marked.
 */
static __noinline void fq_codel_signal(struct fq_codel_instance *q, struct Qdisc *sch, bq_ref ref,
				       struct fq_codel_turn *turn)
{
	bq_fair_flow *f = bq_fair_at(ref);
	struct sk_buff *skb;
	u32 i;

	bpf_for(i, 0, BQ_CODEL_SIGNALS + 1) {
		if (turn->ecn && fq_codel_may_mark(q, f)) {
			bq_codel_marked(&f->codel, &turn->params, &turn->codel);
			fq_codel_owe_mark(q, f);
			break;
		}
		skb = fq_codel_take(q, f);
		if (skb)
			fq_codel_drop(q, sch, f, skb);
		if (!f->queue.head || !fq_codel_is_chosen(q, sch, f, turn))
			break;
	}
}

/* Remove and return the packet that the flow sends next, or NULL if it has none. */
static __always_inline struct sk_buff *fq_codel_send(struct fq_codel_instance *q,
						     const struct fq_codel_config *c,
						     struct Qdisc *sch, bq_ref ref, u64 now)
{
	struct fq_codel_turn turn = {
		.params = { bq_codel_time(c->target), bq_codel_time(c->interval), q->mtu },
		.codel = bq_codel_begin(now),
		.ecn = c->ecn,
	};
	bq_fair_flow *f = bq_fair_at(ref);
	struct sk_buff *skb;

	if (f->queue.head && !bq_expired(&q->id) && fq_codel_is_chosen(q, sch, f, &turn))
		fq_codel_signal(q, sch, ref, &turn);
	if (!f->queue.head) {
		bq_codel_empty(&f->codel, &turn.codel);
		return NULL;
	}
	bq_times_add(q->stats.sojourn, now - bq_packet_at(f->queue.head)->arrived);
	skb = fq_codel_take(q, f);
	if (!skb)
		return NULL;
	f->deficit -= qdisc_pkt_len(skb);
	f->packets++;
	f->bytes += qdisc_pkt_len(skb);
	return skb;
}

/* Give the first flow of its list a quantum if its deficit is used up. Return true then. */
static __always_inline bool fq_codel_refill(struct fq_codel_instance *q,
					    const struct fq_codel_config *c, bool fresh, bq_ref ref)
{
	bq_fair_flow *f = bq_fair_at(ref);

	if (f->deficit > 0)
		return false;
	f->deficit += c->quantum;
	fq_codel_rotate(q, fresh);
	return true;
}

/* Remove and return the next packet, or NULL. */
static __always_inline struct sk_buff *fq_codel_dequeue_flows(struct fq_codel_instance *q,
							      const struct fq_codel_config *c,
							      struct Qdisc *sch)
{
	u64 now = bpf_ktime_get_ns();
	struct sk_buff *skb;
	bool fresh;
	bq_ref ref;

	do {
		fresh = q->fresh.first;
		ref = fresh ? q->fresh.first : q->old.first;
		if (!ref)
			return NULL;
		if (fq_codel_refill(q, c, fresh, ref))
			continue;
		skb = fq_codel_send(q, c, sch, ref, now);
		if (skb)
			return skb;
		/* A new flow passes through the old ones, so that it cannot stay new. */
		if (fresh && q->old.first)
			fq_codel_rotate(q, fresh);
		else
			fq_codel_retire(q, fresh);
	} while (can_loop);
	/* The kernel ended the loop. Continue at once. */
	bpf_qdisc_watchdog_schedule(sch, now, 0);
	return NULL;
}

#endif
