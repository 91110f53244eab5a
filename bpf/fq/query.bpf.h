/* SPDX-License-Identifier: GPL-2.0-only */
/* Read-only queries of fq's flows, for the qdisc and its egress program. */
#ifndef BQDISC_FQ_QUERY_BPF_H
#define BQDISC_FQ_QUERY_BPF_H

#include <bqdisc/flows.bpf.h>
#include <bqdisc/hash.bpf.h>
#include "fq.h"
#include "fq/socket.bpf.h"

typedef struct fq_flow __arena fq_flow;

static __always_inline fq_flow *fq_flow_at(bq_ref ref)
{
	return bq_at(struct fq_flow, ref);
}

/* Return the odd flow key of a hash; a socket's key is its address, which is even. */
static __always_inline u64 fq_key_of_hash(const struct fq_config *c, u32 hash)
{
	return (u64)(hash & c->orphan_mask) << 1 | 1;
}

/* Return the packet's own departure time, in CLOCK_MONOTONIC ns. */
static __always_inline u64 fq_time_of(bq_ref packet)
{
	return bq_at(struct bq_packet, packet)->time;
}

/* Return the flow's next packet, or 0 if it has none. */
static __always_inline bq_ref fq_peek(const fq_flow *f)
{
	bq_ref head = f->queue.head, skew_heap = f->skew_heap;

	if (!skew_heap)
		return head;
	if (!head)
		return skew_heap;
	return fq_time_of(skew_heap) < fq_time_of(head) ? skew_heap : head;
}

/* Return when the flow may send PACKET, its next one, in CLOCK_MONOTONIC ns. */
static __always_inline u64 fq_due(const fq_flow *f, bq_ref packet)
{
	u64 time = fq_time_of(packet);

	return time < f->flow.wake.node.time ? f->flow.wake.node.time : time;
}

#endif
