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
	INTREE_END,
};

#define INTREE_NONE (~0u)
#define INTREE_MOST_BUCKETS_LOG 18

/* Payload of an attribute of any type. */
union intree_attr {
	u8 byte;
	u32 word;
	struct {
		u32 bands;
		u8 map[FQ_PRIORITIES];
	} priomap;
	u32 weights[FQ_BANDS];
};

/* Return the required payload length of attribute TYPE, in bytes. */
static __always_inline u32 intree_size(u32 type)
{
	switch (type) {
	case INTREE_HORIZON_DROP:
		return 1;
	case INTREE_PRIOMAP:
		return sizeof(((union intree_attr *)0)->priomap);
	case INTREE_WEIGHTS:
		return sizeof(((union intree_attr *)0)->weights);
	}
	return sizeof(u32);
}

static __always_inline u64 intree_us(u32 us)
{
	return (u64)us * NSEC_PER_USEC;
}

static __always_inline void intree_vectors(struct fq_config *c, u32 type,
					   const union intree_attr *a)
{
	u32 i;

	if (type == INTREE_WEIGHTS) {
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
#define INTREE_STORE(option, field, value)                                                         \
	do {                                                                                       \
		c->field = (value);                                                                \
		c->set_mask |= 1ull << (option);                                                   \
		return 0;                                                                          \
	} while (0)

/*
 * Store attribute TYPE in C. A netlink caller installs no egress program, so no packet is marked.
 */
static __always_inline int intree_store(struct fq_config *c, u32 type, const union intree_attr *a)
{
	u32 word = a->word;

	switch (type) {
	case INTREE_LIMIT:
		INTREE_STORE(FQ_LIMIT, limit, word);
	case INTREE_FLOW_LIMIT:
		INTREE_STORE(FQ_FLOW_LIMIT, flow_limit, word);
	case INTREE_QUANTUM:
		INTREE_STORE(FQ_QUANTUM, quantum, word);
	case INTREE_INITIAL_QUANTUM:
		INTREE_STORE(FQ_INITIAL_QUANTUM, initial_quantum, word);
	case INTREE_PACING:
		INTREE_STORE(FQ_PACING, pacing, word);
	case INTREE_MAXRATE:
		INTREE_STORE(FQ_MAXRATE, maxrate, word == INTREE_NONE ? FQ_NO_RATE : word);
	case INTREE_BUCKETS_LOG:
		if (word > INTREE_MOST_BUCKETS_LOG || !word)
			return -EINVAL;
		INTREE_STORE(FQ_BUCKETS, buckets, 1u << (word & 31));
	case INTREE_REFILL_DELAY:
		INTREE_STORE(FQ_REFILL_DELAY, refill_delay, intree_us(word));
	case INTREE_ORPHAN_MASK:
		INTREE_STORE(FQ_ORPHAN_MASK, orphan_mask, word);
	case INTREE_LOW_RATE_THRESHOLD:
		INTREE_STORE(FQ_LOW_RATE_THRESHOLD, low_rate_threshold, word);
	case INTREE_CE_THRESHOLD:
		return word == INTREE_NONE ? 0 : -EOPNOTSUPP;
	case INTREE_TIMER_SLACK:
		INTREE_STORE(FQ_TIMER_SLACK, timer_slack, word);
	case INTREE_HORIZON:
		INTREE_STORE(FQ_HORIZON, horizon, intree_us(word));
	case INTREE_HORIZON_DROP:
		INTREE_STORE(FQ_HORIZON_DROP, horizon_drop, a->byte != 0);
	case INTREE_PRIOMAP:
	case INTREE_WEIGHTS:
		intree_vectors(c, type, a);
		return 0;
	case INTREE_OFFLOAD_HORIZON:
		INTREE_STORE(FQ_OFFLOAD_HORIZON, offload_horizon, intree_us(word));
	}
	return 0;
}

/* Read one attribute; skip unknown ones. */
static __always_inline int intree_read(void *q, const struct bq_attr *attr)
{
	struct fq_config *c = &((struct fq_instance *)q)->config[0];
	union intree_attr a = {};

	if (!attr->type || attr->type >= INTREE_END || attr->type == INTREE_DEFAULT_RATE)
		return 0;
	if (attr->size < intree_size(attr->type))
		return -ERANGE;
	return bq_attr_read(attr, &a, sizeof(a)) ?: intree_store(c, attr->type, &a);
}

/* Read LEN bytes of the in-tree kind's options, for BQ_DEFINE_INIT. */
static __always_inline int fq_read_intree(struct fq_instance *q, struct nlattr *opt, u32 len)
{
	u64 from = bq_address(&q->scratch, opt) + sizeof(struct nlattr);

	return bq_attrs_each(from, from + len, intree_read, q);
}

#endif
