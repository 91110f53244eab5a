/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser for the in-tree fq's netlink options, as fq_change() of Linux 7.3 accepts them. It lets
 * netlink programs, and tc where bqdisc's kind owns the name, create an fq. All input is untrusted;
 * fq_configure() checks the ranges. With ce_threshold, no packet is marked until the instance has
 * an egress program.
 */
#ifndef BQDISC_FQ_FQ_ATTRS_BPF_H
#define BQDISC_FQ_FQ_ATTRS_BPF_H

#include <bqdisc/attr.bpf.h>
#include <bqdisc/slots.bpf.h>
#include "fq/config.bpf.h"

/* Attribute types of linux/pkt_sched.h, whose older versions lack some of them. */
enum {
	INTREE_LIMIT = 1,
	INTREE_FLOW_LIMIT,
	INTREE_QUANTUM,
	INTREE_INITIAL_QUANTUM,
	INTREE_PACING,
	INTREE_DEFAULT_RATE, /* obsolete: ignored, as in-tree */
	INTREE_MAXRATE,      /* bytes a second; ~0 for none */
	INTREE_BUCKETS_LOG,
	INTREE_REFILL_DELAY, /* us, as all times but the slack */
	INTREE_ORPHAN_MASK,
	INTREE_LOW_RATE_THRESHOLD,
	INTREE_CE_THRESHOLD, /* ~0 for none */
	INTREE_TIMER_SLACK,  /* ns */
	INTREE_HORIZON,
	INTREE_HORIZON_DROP, /* a byte */
	INTREE_PRIOMAP,
	INTREE_WEIGHTS,
	INTREE_OFFLOAD_HORIZON,
};

#define INTREE_NONE (~0u)
#define INTREE_BUCKETS_LOG_MOST 18

/* struct tc_prio_qopt, whose bands have a sign. */
struct intree_priomap {
	u32 bands;
	u8 map[FQ_PRIORITIES];
};

static const struct bq_attr_policy intree_policy[] = {
	[INTREE_LIMIT] = { BQ_ATTR_U32 },
	[INTREE_FLOW_LIMIT] = { BQ_ATTR_U32 },
	[INTREE_QUANTUM] = { BQ_ATTR_U32 },
	[INTREE_INITIAL_QUANTUM] = { BQ_ATTR_MOST(FQ_MAX_QUANTUM) },
	[INTREE_PACING] = { BQ_ATTR_U32 },
	[INTREE_DEFAULT_RATE] = { BQ_ATTR_U32 },
	[INTREE_MAXRATE] = { BQ_ATTR_U32 },
	[INTREE_BUCKETS_LOG] = { BQ_ATTR_U32 },
	[INTREE_REFILL_DELAY] = { BQ_ATTR_U32 },
	[INTREE_ORPHAN_MASK] = { BQ_ATTR_U32 },
	[INTREE_LOW_RATE_THRESHOLD] = { BQ_ATTR_U32 },
	[INTREE_CE_THRESHOLD] = { BQ_ATTR_U32 },
	[INTREE_TIMER_SLACK] = { BQ_ATTR_STRICT(sizeof(u32)) },
	[INTREE_HORIZON] = { BQ_ATTR_STRICT(sizeof(u32)) },
	[INTREE_HORIZON_DROP] = { BQ_ATTR_STRICT(sizeof(u8)) },
	[INTREE_PRIOMAP] = { BQ_ATTR_BINARY(sizeof(struct intree_priomap)) },
	[INTREE_WEIGHTS] = { BQ_ATTR_BINARY(FQ_BANDS * sizeof(u32)) },
	[INTREE_OFFLOAD_HORIZON] = { BQ_ATTR_STRICT(sizeof(u32)) },
};

/* Store VALUE, which may use the word of attribute TYPE, in the FIELD of OPTION. */
#define INTREE_STORE(type, option, field, value)                                                   \
	do {                                                                                       \
		if (bq_attr_get(attrs, type, &word, sizeof(word))) {                               \
			c->field = (value);                                                        \
			c->set_mask |= 1ull << (option);                                           \
		}                                                                                  \
	} while (0)

static __always_inline u64 intree_us(u32 us)
{
	return (u64)us * NSEC_PER_USEC;
}

/* Return a number that fq_configure() refuses if the logarithm is out of range. */
static __always_inline u32 intree_buckets(u32 log)
{
	return log <= INTREE_BUCKETS_LOG_MOST && log ? 1u << (log & 31) : 0;
}

static __always_inline void intree_limits(struct fq_config *c, const struct bq_attrs *attrs)
{
	u32 word;

	INTREE_STORE(INTREE_LIMIT, FQ_LIMIT, limit, word);
	INTREE_STORE(INTREE_FLOW_LIMIT, FQ_FLOW_LIMIT, flow_limit, word);
	INTREE_STORE(INTREE_QUANTUM, FQ_QUANTUM, quantum,
		     fq_clamp(word, FQ_LEAST_QUANTUM, FQ_MAX_QUANTUM));
	INTREE_STORE(INTREE_INITIAL_QUANTUM, FQ_INITIAL_QUANTUM, initial_quantum, word);
	INTREE_STORE(INTREE_PACING, FQ_PACING, pacing, word);
	INTREE_STORE(INTREE_MAXRATE, FQ_MAXRATE, maxrate, word == INTREE_NONE ? FQ_NO_RATE : word);
	INTREE_STORE(INTREE_BUCKETS_LOG, FQ_BUCKETS, buckets, intree_buckets(word));
	INTREE_STORE(INTREE_ORPHAN_MASK, FQ_ORPHAN_MASK, orphan_mask, word);
	INTREE_STORE(INTREE_LOW_RATE_THRESHOLD, FQ_LOW_RATE_THRESHOLD, low_rate_threshold, word);
}

static __always_inline void intree_times(struct fq_config *c, const struct bq_attrs *attrs)
{
	u8 byte;
	u32 word;

	INTREE_STORE(INTREE_REFILL_DELAY, FQ_REFILL_DELAY, refill_delay, intree_us(word));
	INTREE_STORE(INTREE_CE_THRESHOLD, FQ_CE_THRESHOLD, ce_threshold,
		     word == INTREE_NONE ? FQ_NO_CE_THRESHOLD : intree_us(word));
	INTREE_STORE(INTREE_TIMER_SLACK, FQ_TIMER_SLACK, timer_slack, word);
	INTREE_STORE(INTREE_HORIZON, FQ_HORIZON, horizon, intree_us(word));
	INTREE_STORE(INTREE_OFFLOAD_HORIZON, FQ_OFFLOAD_HORIZON, offload_horizon, intree_us(word));
	if (bq_attr_get(attrs, INTREE_HORIZON_DROP, &byte, sizeof(byte))) {
		c->horizon_drop = byte != 0;
		c->set_mask |= 1ull << FQ_HORIZON_DROP;
	}
}

static __always_inline void intree_bands(struct fq_config *c, const struct bq_attrs *attrs)
{
	struct intree_priomap priomap;
	u32 i, weights[FQ_BANDS];

	if (bq_attr_get(attrs, INTREE_WEIGHTS, weights, sizeof(weights))) {
		for (i = 0; i < FQ_BANDS; i++)
			c->weights[i] = weights[i];
		c->set_mask |= 1ull << FQ_WEIGHTS;
	}
	if (bq_attr_get(attrs, INTREE_PRIOMAP, &priomap, sizeof(priomap))) {
		c->bands = priomap.bands;
		for (i = 0; i < FQ_PRIORITIES; i++)
			c->priomap[i] = priomap.map[i];
		c->set_mask |= 1ull << FQ_BANDS_ROW | 1ull << FQ_PRIOMAP;
	}
}

/* Read LEN bytes of the in-tree kind's options, for BQ_DEFINE_INIT. */
static __always_inline int fq_read_intree(struct fq_instance *q, struct nlattr *opt, u32 len)
{
	struct fq_config *c = &q->config[0];
	struct bq_attrs attrs = {};
	int err = bq_attrs_parse(&attrs, bq_address(&q->scratch, opt), BQ_ATTR_HEAD, len,
				 intree_policy, BQ_ATTR_TYPES(intree_policy));

	if (err)
		return err;
	intree_limits(c, &attrs);
	intree_times(c, &attrs);
	intree_bands(c, &attrs);
	return 0;
}

#endif
