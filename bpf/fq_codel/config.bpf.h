/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of fq_codel: defaults, and the ranges that the BPF program enforces. */
#ifndef BQDISC_FQ_CODEL_CONFIG_BPF_H
#define BQDISC_FQ_CODEL_CONFIG_BPF_H

#include <bqdisc/instance.bpf.h>
#include "fq_codel.h"

/* Return the bytes of a full packet, as the in-tree qdisc limits them. */
static __always_inline u32 fq_codel_mtu(const struct Qdisc *sch)
{
	const struct net_device *dev = sch->dev_queue->dev;
	u32 mtu = dev->mtu + dev->hard_header_len;

	return mtu < FQ_CODEL_MAX_QUANTUM ? mtu : FQ_CODEL_MAX_QUANTUM;
}

/* Write the in-tree qdisc's defaults to D. */
static __always_inline void fq_codel_write_defaults(struct fq_codel_config *d, u32 mtu)
{
	d->limit = FQ_CODEL_DEFAULT_LIMIT;
	d->flows = FQ_CODEL_DEFAULT_FLOWS;
	d->target = 5 * NSEC_PER_MSEC;
	d->interval = 100 * NSEC_PER_MSEC;
	d->quantum = mtu > FQ_CODEL_LEAST_QUANTUM ? mtu : FQ_CODEL_LEAST_QUANTUM;
	d->ecn = 1;
	d->ce_threshold = FQ_CODEL_NO_CE_THRESHOLD;
	d->memory_limit = 32 << 20;
	d->drop_batch = 64;
}

#define FILL(option, field)                                                                        \
	do {                                                                                       \
		if (!(c->set_mask >> (option)&1))                                                  \
			c->field = d->field;                                                       \
	} while (0)

/* Apply defaults to options that were not named. */
static __always_inline void fq_codel_fill_in(struct fq_codel_config *c,
					     const struct fq_codel_config *d)
{
	FILL(FQ_CODEL_LIMIT, limit);
	FILL(FQ_CODEL_FLOWS, flows);
	FILL(FQ_CODEL_TARGET, target);
	FILL(FQ_CODEL_INTERVAL, interval);
	FILL(FQ_CODEL_QUANTUM, quantum);
	FILL(FQ_CODEL_ECN, ecn);
	FILL(FQ_CODEL_CE_THRESHOLD, ce_threshold);
	FILL(FQ_CODEL_CE_SELECTOR, ce_selector);
	FILL(FQ_CODEL_CE_MASK, ce_mask);
	FILL(FQ_CODEL_MEMORY_LIMIT, memory_limit);
	FILL(FQ_CODEL_DROP_BATCH, drop_batch);
}

#undef FILL

/* Check the ranges of lib/qdisc/fq_codel.c, which an untrusted caller may violate. */
static __always_inline bool fq_codel_is_in_range(const struct fq_codel_config *c)
{
	if (c->ce_threshold > FQ_CODEL_MAX_TIME && c->ce_threshold != FQ_CODEL_NO_CE_THRESHOLD)
		return false;
	return c->target <= FQ_CODEL_MAX_TIME && c->interval <= FQ_CODEL_MAX_TIME && c->flows &&
	       c->flows <= FQ_CODEL_MAX_FLOWS && c->quantum >= FQ_CODEL_LEAST_QUANTUM &&
	       c->quantum <= FQ_CODEL_MAX_QUANTUM && c->ecn <= 1 && c->ce_selector <= 0xff &&
	       c->ce_mask <= 0xff && c->memory_limit <= FQ_CODEL_MAX_MEMORY && c->drop_batch;
}

/* Apply defaults to the named options and validate the result. */
static __always_inline int fq_codel_configure(struct fq_codel_instance *q, struct Qdisc *sch)
{
	q->mtu = fq_codel_mtu(sch);
	fq_codel_write_defaults(&q->defaults, q->mtu);
	fq_codel_fill_in(&q->config[0], &q->defaults);
	return fq_codel_is_in_range(&q->config[0]) ? 0 : -EINVAL;
}

#endif
