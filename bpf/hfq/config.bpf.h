/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of hfq: defaults, and the ranges that the BPF program enforces. */
#ifndef BQDISC_HFQ_CONFIG_BPF_H
#define BQDISC_HFQ_CONFIG_BPF_H

#include <bqdisc/instance.bpf.h>
#include "hfq.h"

/* Return the bytes of a full packet. */
static __always_inline u32 hfq_mtu(const struct Qdisc *sch)
{
	const struct net_device *dev = sch->dev_queue->dev;
	u32 mtu = dev->mtu + dev->hard_header_len;

	return mtu < HFQ_LEAST_QUANTUM ? HFQ_LEAST_QUANTUM
	       : mtu > HFQ_MAX_QUANTUM ? HFQ_MAX_QUANTUM
				       : mtu;
}

#define FILL(option, field)                                                                        \
	do {                                                                                       \
		if (!(c->set_mask >> (option)&1))                                                  \
			c->field = d->field;                                                       \
	} while (0)

/* Apply defaults to the named options and validate the result. */
static __always_inline int hfq_configure(struct hfq_instance *q, const struct Qdisc *sch)
{
	struct hfq_config *c = &q->config[0], *d = &q->defaults;

	q->mtu = hfq_mtu(sch);
	d->limit = HFQ_DEFAULT_LIMIT;
	d->target = 5 * NSEC_PER_MSEC;
	d->interval = 100 * NSEC_PER_MSEC;
	d->quantum = q->mtu;
	d->linklayer = HFQ_ETHERNET;
	FILL(HFQ_BANDWIDTH, bandwidth);
	FILL(HFQ_LIMIT, limit);
	FILL(HFQ_TARGET, target);
	FILL(HFQ_INTERVAL, interval);
	FILL(HFQ_QUANTUM, quantum);
	FILL(HFQ_OVERHEAD, overhead);
	FILL(HFQ_MPU, mpu);
	FILL(HFQ_LINKLAYER, linklayer);
	return c->target <= HFQ_MAX_TIME && c->interval <= HFQ_MAX_TIME &&
			       c->quantum >= HFQ_LEAST_QUANTUM && c->quantum <= HFQ_MAX_QUANTUM
		       ? 0
		       : -EINVAL;
}

#undef FILL

#endif
