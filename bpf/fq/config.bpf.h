/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of fq: defaults, and the ranges that the BPF program enforces. */
#ifndef BQDISC_FQ_CONFIG_BPF_H
#define BQDISC_FQ_CONFIG_BPF_H

#include <bqdisc/instance.bpf.h>
#include "fq.h"

static const u32 fq_priomap[FQ_PRIORITIES] = { 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 };

static __always_inline u32 fq_clamp(u32 value, u32 min, u32 max)
{
	return value < min ? min : value > max ? max : value;
}

/* Write the in-tree qdisc's defaults to D. */
static __always_inline void fq_write_defaults(struct fq_config *d, const struct Qdisc *sch)
{
	const struct net_device *dev = sch->dev_queue->dev;
	u32 i, mtu = dev->mtu + dev->hard_header_len;

	d->limit = 10000;
	d->flow_limit = 100;
	d->quantum = fq_clamp(2 * mtu, FQ_LEAST_QUANTUM, FQ_MAX_QUANTUM);
	d->initial_quantum = fq_clamp(10 * mtu, 0, FQ_MAX_QUANTUM);
	d->maxrate = FQ_NO_RATE;
	d->pacing = 1;
	d->buckets = FQ_DEFAULT_BUCKETS;
	d->orphan_mask = 1023;
	d->low_rate_threshold = 550000 / 8;
	d->ce_threshold = FQ_NO_CE_THRESHOLD;
	d->timer_slack = 10 * NSEC_PER_USEC;
	d->horizon = 10 * NSEC_PER_SEC;
	d->horizon_drop = 1;
	d->refill_delay = 40 * NSEC_PER_MSEC;
	d->bands = FQ_BANDS;
	for (i = 0; i < FQ_PRIORITIES; i++)
		d->priomap[i] = fq_priomap[i];
	d->weights[0] = 9 << 16;
	d->weights[1] = 3 << 16;
	d->weights[2] = 1 << 16;
}

#define FILL(option, field)                                                                        \
	do {                                                                                       \
		if (!(c->set_mask >> (option)&1))                                                  \
			__builtin_memcpy(&c->field, &d->field, sizeof(c->field));                  \
	} while (0)

/* Apply defaults to options that were not named. */
static __always_inline void fq_fill_in(struct fq_config *c, const struct fq_config *d)
{
	FILL(FQ_LIMIT, limit);
	FILL(FQ_FLOW_LIMIT, flow_limit);
	FILL(FQ_QUANTUM, quantum);
	FILL(FQ_INITIAL_QUANTUM, initial_quantum);
	FILL(FQ_MAXRATE, maxrate);
	FILL(FQ_PACING, pacing);
	FILL(FQ_BUCKETS, buckets);
	FILL(FQ_ORPHAN_MASK, orphan_mask);
	FILL(FQ_LOW_RATE_THRESHOLD, low_rate_threshold);
	FILL(FQ_CE_THRESHOLD, ce_threshold);
	FILL(FQ_TIMER_SLACK, timer_slack);
	FILL(FQ_HORIZON, horizon);
	FILL(FQ_HORIZON_DROP, horizon_drop);
	FILL(FQ_REFILL_DELAY, refill_delay);
	FILL(FQ_BANDS_ROW, bands);
	FILL(FQ_PRIOMAP, priomap);
	FILL(FQ_WEIGHTS, weights);
	FILL(FQ_OFFLOAD_HORIZON, offload_horizon);
}

/* Check the ranges of lib/qdisc/fq.c, which an untrusted caller may violate. */
static __always_inline bool fq_is_in_range(const struct fq_config *c)
{
	if (c->maxrate > FQ_MAX_RATE && c->maxrate != FQ_NO_RATE)
		return false;
	if (c->ce_threshold > FQ_MAX_TIME && c->ce_threshold != FQ_NO_CE_THRESHOLD)
		return false;
	return c->low_rate_threshold <= FQ_MAX_LOW_RATE && c->timer_slack <= FQ_MAX_SLACK &&
	       c->horizon <= FQ_MAX_TIME && c->refill_delay <= FQ_MAX_TIME &&
	       c->offload_horizon <= FQ_MAX_TIME && c->pacing <= 1 && c->horizon_drop <= 1 &&
	       c->buckets && c->buckets <= FQ_MAX_BUCKETS;
}

/* Reject values of an untrusted caller that would make a loop endless or an index too large. */
static __always_inline bool fq_is_sane(const struct fq_config *c, const struct Qdisc *sch)
{
	u32 i;

	if (!fq_is_in_range(c) || c->bands != FQ_BANDS || !c->quantum ||
	    c->quantum > FQ_MAX_QUANTUM || c->initial_quantum > FQ_MAX_QUANTUM)
		return false;
	for (i = 0; i < FQ_PRIORITIES; i++)
		if (c->priomap[i] >= FQ_BANDS)
			return false;
	for (i = 0; i < FQ_BANDS; i++)
		if ((s32)c->weights[i] < (s32)FQ_LEAST_WEIGHT)
			return false;
	if (!c->offload_horizon)
		return true;
	return bpf_core_field_exists(struct net_device, max_pacing_offload_horizon) &&
	       c->offload_horizon <= sch->dev_queue->dev->max_pacing_offload_horizon;
}

/* Apply defaults to the named options and validate the result. */
static __always_inline int fq_configure(struct fq_instance *q, struct Qdisc *sch)
{
	fq_write_defaults(&q->defaults, sch);
	fq_fill_in(&q->config[0], &q->defaults);
	return fq_is_sane(&q->config[0], sch) ? 0 : -EINVAL;
}

#endif
