/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser for the in-tree fq's netlink options, as fq_change() of Linux 7.3 accepts them. It lets
 * netlink programs, and tc where bqdisc's kind owns the name, create an fq. All input is untrusted;
 * fq_configure() checks the ranges.
 */
#ifndef BQDISC_FQ_FQ_ATTRS_BPF_H
#define BQDISC_FQ_FQ_ATTRS_BPF_H

#include <bqdisc/attr.bpf.h>
#include <bqdisc/slots.bpf.h>
#include "fq.h"

/* Attribute types of linux/pkt_sched.h, whose older versions lack some of them. */
enum {
	NATIVE_LIMIT = 1,
	NATIVE_FLOW_LIMIT,
	NATIVE_QUANTUM,
	NATIVE_INITIAL_QUANTUM,
	NATIVE_PACING,
	NATIVE_DEFAULT_RATE, /* obsolete: ignored, as in-tree */
	NATIVE_MAXRATE,      /* bytes a second; ~0 for none */
	NATIVE_BUCKETS_LOG,
	NATIVE_REFILL_DELAY, /* us, as all times but the slack */
	NATIVE_ORPHAN_MASK,
	NATIVE_LOW_RATE_THRESHOLD,
	NATIVE_CE_THRESHOLD, /* ~0 for none */
	NATIVE_TIMER_SLACK,  /* ns */
	NATIVE_HORIZON,
	NATIVE_HORIZON_DROP, /* a byte */
	NATIVE_PRIOMAP,
	NATIVE_WEIGHTS,
	NATIVE_OFFLOAD_HORIZON,
	NATIVE_END,
};

#define NATIVE_NONE (~0u)
#define NATIVE_MOST_BUCKETS_LOG 18

/* Payload of an attribute of any type. */
union native_attr {
	u8 byte;
	u32 word;
	struct {
		u32 bands;
		u8 map[FQ_PRIORITIES];
	} priomap;
	u32 weights[FQ_BANDS];
};

/* Return the required payload length of attribute TYPE, in bytes. */
static __always_inline u32 native_size(u32 type)
{
	switch (type) {
	case NATIVE_HORIZON_DROP:
		return 1;
	case NATIVE_PRIOMAP:
		return sizeof(((union native_attr *)0)->priomap);
	case NATIVE_WEIGHTS:
		return sizeof(((union native_attr *)0)->weights);
	}
	return sizeof(u32);
}

static __always_inline u64 native_us(u32 us)
{
	return (u64)us * NSEC_PER_USEC;
}

static __always_inline void native_vectors(struct fq_config *c, u32 type,
					   const union native_attr *a)
{
	u32 i;

	if (type == NATIVE_WEIGHTS) {
		for (i = 0; i < FQ_BANDS; i++)
			c->weights[i] = a->weights[i];
		c->set_mask |= 1ull << FQ_WEIGHTS;
		return;
	}
	c->bands = a->priomap.bands;
	for (i = 0; i < FQ_PRIORITIES; i++)
		c->priomap[i] = a->priomap.map[i];
	c->set_mask |= 1ull << FQ_BANDS_ROW | 1ull << FQ_PRIOMAP;
}

/* Write the attribute into FIELD, which belongs to OPTION. */
#define NATIVE_TAKE(option, field, value)                                                          \
	do {                                                                                       \
		c->field = (value);                                                                \
		c->set_mask |= 1ull << (option);                                                   \
		return 0;                                                                          \
	} while (0)

/*
 * Store attribute TYPE in C. A netlink caller installs no egress program, so no packet is marked.
 */
static __always_inline int native_take(struct fq_config *c, u32 type, const union native_attr *a)
{
	u32 word = a->word;

	switch (type) {
	case NATIVE_LIMIT:
		NATIVE_TAKE(FQ_LIMIT, limit, word);
	case NATIVE_FLOW_LIMIT:
		NATIVE_TAKE(FQ_FLOW_LIMIT, flow_limit, word);
	case NATIVE_QUANTUM:
		NATIVE_TAKE(FQ_QUANTUM, quantum, word);
	case NATIVE_INITIAL_QUANTUM:
		NATIVE_TAKE(FQ_INITIAL_QUANTUM, initial_quantum, word);
	case NATIVE_PACING:
		NATIVE_TAKE(FQ_PACING, pacing, word);
	case NATIVE_MAXRATE:
		NATIVE_TAKE(FQ_MAXRATE, maxrate, word == NATIVE_NONE ? FQ_NO_RATE : word);
	case NATIVE_BUCKETS_LOG:
		if (word > NATIVE_MOST_BUCKETS_LOG || !word)
			return -EINVAL;
		NATIVE_TAKE(FQ_BUCKETS, buckets, 1u << (word & 31));
	case NATIVE_REFILL_DELAY:
		NATIVE_TAKE(FQ_REFILL_DELAY, refill_delay, native_us(word));
	case NATIVE_ORPHAN_MASK:
		NATIVE_TAKE(FQ_ORPHAN_MASK, orphan_mask, word);
	case NATIVE_LOW_RATE_THRESHOLD:
		NATIVE_TAKE(FQ_LOW_RATE_THRESHOLD, low_rate_threshold, word);
	case NATIVE_CE_THRESHOLD:
		return word == NATIVE_NONE ? 0 : -EOPNOTSUPP;
	case NATIVE_TIMER_SLACK:
		NATIVE_TAKE(FQ_TIMER_SLACK, timer_slack, word);
	case NATIVE_HORIZON:
		NATIVE_TAKE(FQ_HORIZON, horizon, native_us(word));
	case NATIVE_HORIZON_DROP:
		NATIVE_TAKE(FQ_HORIZON_DROP, horizon_drop, a->byte != 0);
	case NATIVE_PRIOMAP:
	case NATIVE_WEIGHTS:
		native_vectors(c, type, a);
		return 0;
	case NATIVE_OFFLOAD_HORIZON:
		NATIVE_TAKE(FQ_OFFLOAD_HORIZON, offload_horizon, native_us(word));
	}
	return 0;
}

/* Read one attribute; skip unknown ones. */
static __always_inline int native_read(struct fq_config *c, const struct bq_attr *attr)
{
	union native_attr a = {};

	if (!attr->type || attr->type >= NATIVE_END || attr->type == NATIVE_DEFAULT_RATE)
		return 0;
	if (attr->size < native_size(attr->type))
		return -ERANGE;
	return bq_attr_read(attr, &a, sizeof(a)) ?: native_take(c, attr->type, &a);
}

/* Read LEN bytes of the in-tree kind's options, for BQ_DEFINE_INIT. */
static __always_inline int fq_read_native(struct fq_instance *q, struct nlattr *opt, u32 len)
{
	u64 from = bq_address(&q->scratch, opt) + sizeof(struct nlattr), end = from + len;
	struct bq_attr attr = {};
	u32 i;
	int err;

	bpf_for(i, 0, BQ_MAX_ATTRS) {
		err = bq_attr_next(&attr, &from, end);
		if (err <= 0)
			return err;
		err = native_read(&q->config[0], &attr);
		if (err)
			return err;
	}
	return -EINVAL;
}

#endif
