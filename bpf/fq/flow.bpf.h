/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows of fq: classification of packets, and flow states. A flow without packets is detached. A
 * flow with packets is in a list of its band, or in the heap until its next packet is due.
 */
#ifndef BQDISC_FQ_FLOW_BPF_H
#define BQDISC_FQ_FLOW_BPF_H

#include <bqdisc/flow_key.bpf.h>
#include <bqdisc/grow.bpf.h>
#include <bqdisc/packets.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/timers.bpf.h>
#include "fq/query.bpf.h"

/* Idle time in ns after which a flow may be freed. */
#define FQ_GC_AGE (3 * NSEC_PER_SEC)
/* Maximum flows that one new flow examines, in the table and in each band's old list. */
#define FQ_SWEEP 16
/* Unit of the time in queue.tail, log2 of ns: 1.05 ms. The time wraps after 52 days. */
#define FQ_IDLE_SHIFT 20

static __always_inline void fq_list(struct fq_instance *q, bq_ref ref)
{
	fq_flow *f = fq_flow_at(ref);

	f->place = FQ_LISTED;
	q->listed++;
	bq_flow_list_append(&q->bands[f->band & 3].old, ref);
}

/* Remove the first flow from its list. */
static __always_inline void fq_unlist(struct fq_instance *q, struct bq_flow_list *list)
{
	q->listed--;
	bq_flow_list_advance(list);
}

static __noinline void fq_throttle(struct fq_instance *q, bq_ref ref)
{
	fq_flow_at(ref)->place = FQ_THROTTLED;
	bq_timers_add(&q->delayed, ref);
	q->stats.throttled++;
	q->stats.throttled_flows++;
}

static __noinline void fq_unthrottle(struct fq_instance *q, bq_ref ref)
{
	bq_timers_remove(&q->delayed, ref);
	q->stats.throttled_flows--;
	fq_list(q, ref);
}

static __always_inline bool fq_is_idle(const fq_flow *f, u64 now)
{
	return f->place == FQ_DETACHED && now - f->idle_since > FQ_GC_AGE;
}

/* Note when the last packet left. A listed flow without packets keeps that time in queue.tail. */
static __always_inline void fq_mark_empty(fq_flow *f, u64 now)
{
	f->queue.tail = now >> FQ_IDLE_SHIFT;
}

/* Return how long a listed flow has had no packets, in ns. */
static __always_inline u64 fq_empty_time(const fq_flow *f, u64 now)
{
	u32 units = (u32)(now >> FQ_IDLE_SHIFT) - f->queue.tail;

	return (u64)units << FQ_IDLE_SHIFT;
}

/*
 * Detach the flows without packets at the head of a band's old list, as their turn would. If each
 * packet finds the queue empty, .dequeue serves new flows only, and the old list gets no turn.
 * Debts stay: a flow with negative credit gets its quantum when it sends again.
 */
static __noinline void fq_retire_old(struct fq_instance *q, u32 nr, u64 now)
{
	struct bq_flow_list *old = &q->bands[nr & 3].old;
	bq_ref ref;
	u32 i;

	for (i = 0; i < FQ_SWEEP && can_loop; i++) {
		ref = old->first;
		if (!ref || fq_flow_at(ref)->qlen)
			return;
		fq_unlist(q, old);
		fq_flow_at(ref)->place = FQ_DETACHED;
		fq_flow_at(ref)->idle_since = now - fq_empty_time(fq_flow_at(ref), now);
	}
}

/* Examine some flows and free the idle ones. */
static __noinline void fq_sweep(struct fq_instance *q, u64 now)
{
	struct bq_flows *flows = &q->flows;
	bq_ref ref;
	u32 i;

	for (i = 0; i < FQ_SWEEP && can_loop; i++) {
		if (flows->hand >= flows->fresh)
			flows->hand = 0;
		ref = flows->first + flows->hand++ * (u32)sizeof(struct fq_flow);
		/* A key of 0 marks a free flow. */
		if (!bq_flow_at(ref)->key || !fq_is_idle(fq_flow_at(ref), now))
			continue;
		bq_flows_remove(flows, ref);
		bq_flow_at(ref)->key = 0;
		q->stats.flows--;
		q->stats.inactive_flows--;
		q->stats.gc_flows++;
	}
}

/*
 * Ensure that a flow is free: free idle flows, and grow the table before it is full. The worker
 * that grows it runs with a delay. Sweeping begins early enough to examine every flow at least
 * once before the table grows: an eighth of the flows examine twice as many as the table has.
 */
static __always_inline void fq_make_room(struct fq_instance *q, u64 now)
{
	struct bq_flows *flows = &q->flows;
	u32 i, capacity = *(volatile u32 *)&flows->capacity;

	for (i = 0; i < FQ_BANDS; i++)
		fq_retire_old(q, i, now);
	if (flows->free || flows->fresh < capacity / 8 * 3)
		return;
	fq_sweep(q, now);
	if (!flows->free && flows->fresh >= capacity / 2 && capacity < q->id.units &&
	    now >= q->retry_ns)
		bq_grow(&q->id);
}

/*
 * Name the flow after its packet, and begin to count. Readers without the lock skip a flow whose
 * key is 0. Volatile: clang would make a memset of the stores, and lose the address space.
 */
static __noinline void fq_name_flow(bq_ref ref, struct sk_buff *skb)
{
	volatile fq_flow *f = fq_flow_at(ref);
	struct bq_flow_key name;
	u64 key = f->flow.key;

	bq_flow_key_read(skb, &name);
	f->flow.key = 0;
	bq_copy(&f->name, &name);
	f->drops = 0;
	f->packets = 0;
	f->bytes = 0;
	f->throttled_ns = 0;
	f->rate = 0;
	f->flow.key = key;
}

static __noinline bq_ref fq_new_flow(struct fq_instance *q, const struct fq_config *c,
				     struct sk_buff *skb, u64 key, u64 now)
{
	bq_ref ref;
	fq_flow *f;

	fq_make_room(q, now);
	ref = bq_flows_alloc(&q->flows, sizeof(struct fq_flow));
	if (!ref)
		return 0;
	if (q->flows.fresh > q->flows.count)
		bq_flows_add_bucket(&q->flows);
	f = fq_flow_at(ref);
	f->flow.key = 0;
	fq_name_flow(ref, skb);
	f->flow.wake.node.time = 0;
	f->idle_since = now;
	f->skew_heap = 0;
	f->qlen = 0;
	f->backlog = 0;
	f->flow.credit = c->initial_quantum;
	f->socket_hash = 0;
	f->place = FQ_DETACHED;
	f->band = 0;
	bq_flows_insert(&q->flows, ref, key);
	q->stats.flows++;
	q->stats.inactive_flows++;
	return ref;
}

/* Reset the flow when a new socket reuses the address of a closed one; keep queued packets. */
static __noinline void fq_renew_flow(struct fq_instance *q, const struct fq_config *c, bq_ref ref,
				     u32 socket_hash)
{
	fq_flow *f = fq_flow_at(ref);

	f->flow.credit = c->initial_quantum;
	f->socket_hash = socket_hash;
	if (f->place == FQ_THROTTLED)
		fq_unthrottle(q, ref);
	f->flow.wake.node.time = 0;
}

/* Return the packet's socket if that is a flow, or NULL. */
static __always_inline struct sock *fq_socket_of(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	return sk && sk_is_flow(sk) ? sk : NULL;
}

/* Return the key of the packet's flow. SK: fq_socket_of() the packet. */
static __always_inline u64 fq_key_of(struct fq_instance *q, const struct fq_config *c,
				     struct sk_buff *skb, struct sock *sk)
{
	if (sk)
		return bq_address(&q->scratch, sk);
	return fq_key_of_hash(c, bq_hash_of(&q->hash, skb));
}

/* Count a packet that is dropped before it is classified in its flow, if that exists. */
static __noinline void fq_count_drop(struct fq_instance *q, const struct fq_config *c,
				     struct sk_buff *skb)
{
	u64 key = fq_key_of(q, c, skb, fq_socket_of(skb));
	bq_ref ref = bq_flows_find(&q->flows, key);

	if (ref)
		fq_flow_at(ref)->drops++;
}

/* Return the packet's flow, creating it if needed, or 0 if no flow is free. */
static __always_inline bq_ref fq_classify(struct fq_instance *q, const struct fq_config *c,
					  struct sk_buff *skb, u64 now)
{
	struct sock *sk = fq_socket_of(skb);
	u32 socket_hash = sk ? sk->__sk_common.skc_hash : 0;
	u64 key = fq_key_of(q, c, skb, sk);
	bq_ref ref;

	ref = bq_flows_find(&q->flows, key);
	if (!ref) {
		ref = fq_new_flow(q, c, skb, key, now);
		if (ref)
			fq_flow_at(ref)->socket_hash = socket_hash;
	} else if (sk && fq_flow_at(ref)->socket_hash != socket_hash) {
		fq_renew_flow(q, c, ref, socket_hash);
		fq_name_flow(ref, skb);
	}
	return ref;
}

/* Append a formerly empty flow to its band's list of new flows. */
static __always_inline void fq_attach(struct fq_instance *q, const struct fq_config *c, bq_ref ref,
				      u64 now)
{
	fq_flow *f = fq_flow_at(ref);

	/* As in-tree, a flow with negative credit gets none for its idle time. */
	if (now - f->idle_since > c->refill_delay && f->flow.credit >= 0 &&
	    f->flow.credit < (s32)c->quantum)
		f->flow.credit = c->quantum;
	f->place = FQ_LISTED;
	f->queue.head = 0;
	q->listed++;
	bq_flow_list_append(&q->bands[f->band & 3].fresh, ref);
}

/* Wake a throttled flow earlier if a packet's stamp requires it and no rate forbids it. */
static __noinline void fq_wake_earlier(struct fq_instance *q, bq_ref ref, u64 time, u64 now)
{
	if (time <= now) {
		fq_unthrottle(q, ref);
		fq_flow_at(ref)->flow.wake.node.time = time;
		return;
	}
	bq_timers_remove(&q->delayed, ref);
	fq_flow_at(ref)->flow.wake.node.time = time;
	bq_timers_add(&q->delayed, ref);
}

/* --- packets of a flow --- */

/* Rarely called, so not inlined: inlining would cost the hot path registers. */
static __noinline bq_ref fq_pile_add(bq_ref skew_heap, bq_ref ref)
{
	return bq_skew_heap_add(skew_heap, ref);
}

static __noinline bq_ref fq_pile_advance(bq_ref skew_heap)
{
	return bq_skew_heap_pop(skew_heap);
}

static __always_inline void fq_append(struct fq_instance *q, fq_flow *f, bq_ref ref, u64 time)
{
	f->qlen++;
	if (!f->queue.head || time >= bq_packet_at(f->queue.tail)->time) {
		bq_queue_append(&f->queue, ref);
		return;
	}
	f->skew_heap = fq_pile_add(f->skew_heap, ref);
}

/* Remove the packet that fq_peek() returned from the flow; the caller then owns it. */
static __always_inline struct sk_buff *fq_take(struct fq_instance *q, fq_flow *f, bq_ref ref)
{
	f->qlen--;
	if (ref == f->queue.head)
		bq_queue_advance(&f->queue);
	else
		f->skew_heap = fq_pile_advance(f->skew_heap);
	return bq_packet_take(&q->packets, ref);
}

#endif
