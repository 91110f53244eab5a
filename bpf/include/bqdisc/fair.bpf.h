/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows of a fair queue: their packets, and their names for a person. The qdisc chooses the flow of
 * a packet, and the order of service.
 *
 * A packet's record keeps its length and memory, because a queued packet is slow to read:
 *
 *   p = bq_packet_at(ref), p->left = length, p->order = bq_fair_memory_of(skb)
 *   bq_fair_put(f, ref)            appends a stored packet to the flow
 *   skb = bq_fair_take(packets, f) removes the first packet of the flow, which has one
 *
 * Guarantees: a flow's backlog and length are those of its packets. Cost besides packets.bpf.h's: a
 * few loads and stores.
 */
#ifndef BQDISC_FAIR_BPF_H
#define BQDISC_FAIR_BPF_H

#include <bqdisc/fair.h>
#include <bqdisc/flow_key.bpf.h>
#include <bqdisc/packets.bpf.h>
#include <bqdisc/qdisc.bpf.h>

typedef struct bq_fair_flow __arena bq_fair_flow;

static __always_inline bq_fair_flow *bq_fair_at(bq_ref ref)
{
	return bq_at(struct bq_fair_flow, ref);
}

/*
 * Name the flow after its packet, and begin to count. Readers without the lock skip a flow without
 * a name. Volatile: clang would make a memset of the stores, and lose the address space.
 */
static __noinline __attribute__((unused)) void bq_fair_name(bq_ref ref, struct sk_buff *skb,
							    u32 hash)
{
	volatile bq_fair_flow *f = bq_fair_at(ref);
	struct bq_flow_key name;

	bq_flow_key_read(skb, &name);
	f->named = 0;
	bq_copy(&f->name, &name);
	f->hash = hash;
	f->drops = 0;
	f->packets = 0;
	f->bytes = 0;
	f->named = 1;
}

/*
 * Return the memory of a packet that counts for memory_limit, in bytes. As in-tree since 7.3, not
 * that of a local sender, whose socket limits it. The in-tree qdisc tests the packet's destructor.
 */
static __always_inline u32 bq_fair_memory_of(const struct sk_buff *skb)
{
	return skb->sk ? 0 : skb->truesize;
}

static __always_inline u32 bq_fair_len(const bq_packet *p)
{
	return p->left;
}

static __always_inline u32 bq_fair_memory(const bq_packet *p)
{
	return p->order;
}

static __always_inline void bq_fair_put(bq_fair_flow *f, bq_ref ref)
{
	bq_queue_append(&f->queue, ref);
	f->qlen++;
	f->backlog += bq_fair_len(bq_packet_at(ref));
}

/* Remove the first packet of the flow, which has one. Return NULL if its slot is gone. */
static __always_inline struct sk_buff *bq_fair_take(struct bq_packets *packets, bq_fair_flow *f)
{
	bq_ref ref = f->queue.head;
	u32 len = bq_fair_len(bq_packet_at(ref));

	bq_queue_advance(&f->queue);
	f->qlen--;
	f->backlog -= len;
	return bq_packet_take(packets, ref);
}

#endif
