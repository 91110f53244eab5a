/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows of the leaves. All leaves share one table. A hash selects HFQ_WAYS flows of it, and the
 * packet joins that of its leaf and hash, or a free one. If other flows have taken all of them, the
 * leaf's own flow holds the packet, so that no flow has packets of two leaves.
 */
#ifndef BQDISC_HFQ_FLOW_BPF_H
#define BQDISC_HFQ_FLOW_BPF_H

#include <bqdisc/hash.bpf.h>
#include "hfq/class.bpf.h"

typedef struct hfq_flow __arena hfq_flow;

static __always_inline hfq_flow *hfq_flow_at(bq_ref ref)
{
	return bq_at(struct hfq_flow, ref);
}

static __always_inline void hfq_flows_append(struct bq_fair_list __arena *list, bq_ref ref)
{
	bq_fair_at(ref)->next = 0;
	if (list->first)
		bq_fair_at(list->last)->next = ref;
	else
		list->first = ref;
	list->last = ref;
}

/* Remove the first flow from the list, which must not be empty. Return it. */
static __always_inline bq_ref hfq_flows_pop(struct bq_fair_list __arena *list)
{
	bq_ref ref = list->first;

	list->first = bq_fair_at(ref)->next;
	return ref;
}

/* Return the flow of the table for a packet of the leaf with this hash, or 0. */
static __always_inline bq_ref hfq_find_flow(const struct hfq_instance *q, bq_ref leaf, u32 hash)
{
	u32 i, set = (hash ^ leaf * 0x9e3779b1u) & q->flows_mask & ~(HFQ_WAYS - 1);
	bq_ref ref = q->flows + set * (u32)sizeof(struct hfq_flow), idle = 0;
	hfq_flow *f;

	for (i = 0; i < HFQ_WAYS; i++, ref += sizeof(struct hfq_flow)) {
		f = hfq_flow_at(ref);
		if (f->class == leaf && f->fair.hash == hash)
			return ref;
		if (!f->fair.listed && !idle)
			idle = ref;
	}
	return idle;
}

/* Return the flow for the packet, and name it if it is idle and was another's. */
static __always_inline bq_ref hfq_flow_of(struct hfq_instance *q, bq_ref leaf, struct sk_buff *skb)
{
	bq_ref own = bq_ref_of(&hfq_class_at(leaf)->own), ref = 0;
	u32 hash = 0;
	hfq_flow *f;

	if (!hfq_class_at(leaf)->fifo) {
		hash = bq_hash_of(&q->hash, skb);
		ref = hfq_find_flow(q, leaf, hash);
	}
	if (!ref)
		return own;
	f = hfq_flow_at(ref);
	if (!f->fair.listed && (!f->fair.named || f->class != leaf || f->fair.hash != hash)) {
		f->class = leaf;
		bq_fair_name(ref, skb, hash);
	}
	return ref;
}

/* Append a flow to the new flows of the leaf, unless it is in a list. */
static __always_inline void hfq_enlist(bq_ref leaf, bq_ref ref, u32 quantum)
{
	bq_fair_flow *f = bq_fair_at(ref);

	if (f->listed)
		return;
	f->listed = 1;
	f->deficit = (s32)quantum;
	hfq_flows_append(&hfq_class_at(leaf)->fresh, ref);
}

/* Remove the first flow of the new ones, or of the old ones. Return it; 0: there is none. */
static __always_inline bq_ref hfq_pop_flow(hfq_class *c)
{
	if (c->fresh.first)
		return hfq_flows_pop(&c->fresh);
	return c->old.first ? hfq_flows_pop(&c->old) : 0;
}

/* Remove all flows of a leaf without packets from its lists. */
static __always_inline void hfq_retire_all(hfq_class *c)
{
	bq_ref flow;

	while ((flow = hfq_pop_flow(c)) && can_loop)
		bq_fair_at(flow)->listed = 0;
}

/* --- packets --- */

/* Append a stored packet to a flow of the leaf, and count it. */
static __always_inline void hfq_put(hfq_class *c, bq_ref flow, bq_ref packet)
{
	bq_fair_put(bq_fair_at(flow), packet);
	c->stats.backlog_packets++;
	c->stats.backlog_bytes += bq_fair_len(bq_packet_at(packet));
}

/* Insert a stored packet before the others of the flow, and count it. */
static __always_inline void hfq_put_first(hfq_class *c, bq_ref flow, bq_ref packet)
{
	bq_fair_flow *f = bq_fair_at(flow);
	bq_ref second = f->queue.head;
	bq_ref last = f->queue.tail;

	f->queue.head = 0;
	hfq_put(c, flow, packet);
	if (!second)
		return;
	bq_packet_at(packet)->next = second;
	f->queue.tail = last;
}

/* Remove the first packet of a flow of the leaf, which has one. The caller counts it in SCH. */
static __always_inline struct sk_buff *hfq_take(struct hfq_instance *q, hfq_class *c, bq_ref flow)
{
	bq_fair_flow *f = bq_fair_at(flow);

	c->stats.backlog_packets--;
	c->stats.backlog_bytes -= bq_fair_len(bq_packet_at(f->queue.head));
	return bq_fair_take(&q->packets, f);
}

/* Move all packets of FROM to the end of TO. Volatile, as in bq_fair_name(). */
static __always_inline void hfq_splice(volatile bq_fair_flow *from, bq_fair_flow *to)
{
	if (!from->queue.head)
		return;
	if (to->queue.head)
		bq_packet_at(to->queue.tail)->next = from->queue.head;
	else
		to->queue.head = from->queue.head;
	to->queue.tail = from->queue.tail;
	to->qlen += from->qlen;
	to->backlog += from->backlog;
	from->queue.head = 0;
	from->qlen = 0;
	from->backlog = 0;
}

#endif
