// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Flows of fq. Programs change them meanwhile, but a record that was ever a flow keeps its pages,
 * and each field is valid by itself.
 */
#include <string.h>

#include "fq.h"
#include "qdisc/flows.h"

#define BITS_PER_BYTE 8

static uint32_t count(const struct bq_instance *id)
{
	const struct fq_instance *q = (const void *)id;

	return __atomic_load_n(&q->flows.fresh, __ATOMIC_ACQUIRE);
}

/* Return for how long the flow's next packet has waited, in ns. */
static uint64_t delay(const struct fq_flow *f, const char *arena, uint64_t now)
{
	bq_ref head = f->queue.head ? f->queue.head : f->skew_heap;
	const struct bq_packet *p = (const void *)(arena + head);

	if (!head || !f->qlen)
		return 0;
	return now > p->arrived ? now - p->arrived : 0;
}

/* Copy the record. Return false if it is no flow, or became another one meanwhile. */
static bool copy(const struct fq_flow *from, struct fq_flow *f)
{
	memcpy(f, from, sizeof(*f));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return f->flow.key && f->flow.key == __atomic_load_n(&from->flow.key, __ATOMIC_RELAXED);
}

static bool read_flow(const struct bq_instance *id, const char *arena, uint32_t n, uint64_t now,
		      struct bqdisc_flow *flow)
{
	const struct fq_instance *q = (const void *)id;
	const struct fq_flow *flows = (const void *)(arena + q->flows.first);
	struct fq_flow f;

	if (!copy(&flows[n], &f))
		return false;
	*flow = (struct bqdisc_flow){
		/* A socket's key is its address, which the next socket may get. */
		.id = f.flow.key ^ (uint64_t)f.socket_hash << 32,
		.band = f.band,
		.backlog_packets = f.qlen,
		.backlog_bytes = f.qlen ? f.backlog : 0,
		.packets = f.packets,
		.bytes = f.bytes,
		.drops = f.drops,
		.throttled_ns = f.throttled_ns,
		.rate = f.rate == FQ_NO_RATE ? 0 : f.rate * BITS_PER_BYTE,
	};
	bq_flow_key_copy(&f.name, &flow->key);
	if (!f.qlen)
		return true;
	flow->state = f.place == FQ_THROTTLED ? BQDISC_FLOW_THROTTLED : BQDISC_FLOW_READY;
	flow->delay_ns = delay(&f, arena, now);
	if (f.place == FQ_THROTTLED && f.flow.wake.node.time > now)
		flow->next_send_ns = f.flow.wake.node.time - now;
	return true;
}

const struct bq_flow_reader bq_fq_flows = { count, read_flow };
