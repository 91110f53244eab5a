// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Flows of fq_codel. Programs change them meanwhile, but each field is valid by itself. */
#include <string.h>

#include "fq_codel.h"
#include "qdisc/flows.h"

static uint32_t count(const struct bq_instance *id)
{
	return id->units;
}

/* Return for how long the flow's next packet has waited, in ns. */
static uint64_t delay(const struct bq_fair_flow *f, const char *arena, uint64_t now)
{
	const struct bq_packet *p = (const void *)(arena + f->queue.head);

	return f->queue.head && f->qlen && now > p->arrived ? now - p->arrived : 0;
}

static bool read_flow(const struct bq_instance *id, const char *arena, uint32_t n, uint64_t now,
		      struct bqdisc_flow *flow)
{
	const struct fq_codel_instance *q = (const void *)id;
	const struct bq_fair_flow *flows = (const void *)(arena + q->flows);
	struct bq_fair_flow f;

	memcpy(&f, &flows[n], sizeof(f));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!f.named || f.hash != __atomic_load_n(&flows[n].hash, __ATOMIC_RELAXED))
		return false;
	*flow = (struct bqdisc_flow){
		/* Another connection may get the number. */
		.id = (uint64_t)f.hash << 32 | n,
		.state = f.qlen ? BQDISC_FLOW_READY : BQDISC_FLOW_IDLE,
		.backlog_packets = f.qlen,
		.backlog_bytes = f.qlen ? f.backlog : 0,
		.packets = f.packets,
		.bytes = f.bytes,
		.drops = f.drops,
		.delay_ns = delay(&f, arena, now),
	};
	bq_flow_key_copy(&f.name, &flow->key);
	return true;
}

const struct bq_flow_reader bq_fq_codel_flows = { count, read_flow };
