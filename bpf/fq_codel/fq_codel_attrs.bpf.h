/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser for the in-tree fq_codel's netlink options, as fq_codel_change() of Linux 7.3 accepts
 * them.
 * All input is untrusted; fq_codel_configure() checks the ranges. No packet is marked until the
 * instance has an egress program: CoDel drops it instead.
 */
#ifndef BQDISC_FQ_CODEL_FQ_CODEL_ATTRS_BPF_H
#define BQDISC_FQ_CODEL_FQ_CODEL_ATTRS_BPF_H

#include <bqdisc/attr.bpf.h>
#include "fq_codel/config.bpf.h"

/* Attribute types of linux/pkt_sched.h, whose older versions lack some of them. */
enum {
	INTREE_TARGET = 1, /* us, as all times */
	INTREE_LIMIT,
	INTREE_INTERVAL,
	INTREE_ECN,
	INTREE_FLOWS,
	INTREE_QUANTUM,
	INTREE_CE_THRESHOLD,
	INTREE_DROP_BATCH,
	INTREE_MEMORY_LIMIT,
	INTREE_CE_SELECTOR, /* a byte, as the mask */
	INTREE_CE_MASK,
};

static const struct bq_attr_policy intree_policy[] = {
	[INTREE_TARGET] = { BQ_ATTR_U32 },
	[INTREE_LIMIT] = { BQ_ATTR_U32 },
	[INTREE_INTERVAL] = { BQ_ATTR_U32 },
	[INTREE_ECN] = { BQ_ATTR_U32 },
	[INTREE_FLOWS] = { BQ_ATTR_U32 },
	[INTREE_QUANTUM] = { BQ_ATTR_U32 },
	[INTREE_CE_THRESHOLD] = { BQ_ATTR_U32 },
	[INTREE_DROP_BATCH] = { BQ_ATTR_U32 },
	[INTREE_MEMORY_LIMIT] = { BQ_ATTR_U32 },
	[INTREE_CE_SELECTOR] = { BQ_ATTR_LEAST(sizeof(u8)) },
	[INTREE_CE_MASK] = { BQ_ATTR_LEAST(sizeof(u8)) },
};

/* Store VALUE, which may use the number of attribute TYPE in NUMBER, in the FIELD of OPTION. */
#define INTREE_STORE(type, option, field, number, value)                                           \
	do {                                                                                       \
		if (bq_attr_get(attrs, type, &(number), sizeof(number))) {                         \
			c->field = (value);                                                        \
			c->set_mask |= 1ull << (option);                                           \
		}                                                                                  \
	} while (0)

static __always_inline u64 intree_us(u32 us)
{
	return (u64)us * NSEC_PER_USEC;
}

static __always_inline u32 intree_least(u32 value, u32 least)
{
	return value > least ? value : least;
}

static __always_inline void intree_sizes(struct fq_codel_config *c, const struct bq_attrs *attrs)
{
	u32 word;

	INTREE_STORE(INTREE_LIMIT, FQ_CODEL_LIMIT, limit, word, word);
	INTREE_STORE(INTREE_FLOWS, FQ_CODEL_FLOWS, flows, word, word);
	INTREE_STORE(INTREE_QUANTUM, FQ_CODEL_QUANTUM, quantum, word,
		     intree_least(word, FQ_CODEL_LEAST_QUANTUM));
	INTREE_STORE(INTREE_MEMORY_LIMIT, FQ_CODEL_MEMORY_LIMIT, memory_limit, word,
		     word < FQ_CODEL_MAX_MEMORY ? word : FQ_CODEL_MAX_MEMORY);
	INTREE_STORE(INTREE_DROP_BATCH, FQ_CODEL_DROP_BATCH, drop_batch, word,
		     intree_least(word, 1));
}

static __always_inline void intree_codel(struct fq_codel_config *c, const struct bq_attrs *attrs)
{
	u8 byte;
	u32 word;

	INTREE_STORE(INTREE_TARGET, FQ_CODEL_TARGET, target, word, intree_us(word));
	INTREE_STORE(INTREE_INTERVAL, FQ_CODEL_INTERVAL, interval, word, intree_us(word));
	INTREE_STORE(INTREE_ECN, FQ_CODEL_ECN, ecn, word, word != 0);
	INTREE_STORE(INTREE_CE_THRESHOLD, FQ_CODEL_CE_THRESHOLD, ce_threshold, word,
		     intree_us(word));
	INTREE_STORE(INTREE_CE_SELECTOR, FQ_CODEL_CE_SELECTOR, ce_selector, byte, byte);
	INTREE_STORE(INTREE_CE_MASK, FQ_CODEL_CE_MASK, ce_mask, byte, byte);
}

#undef INTREE_STORE

/* Read LEN bytes of the in-tree kind's options, for BQ_DEFINE_INIT. */
static __always_inline int fq_codel_read_intree(struct fq_codel_instance *q, struct nlattr *opt,
						u32 len)
{
	struct fq_codel_config *c = &q->config[0];
	struct bq_attrs attrs = {};
	int err = bq_attrs_parse(&attrs, bq_address(&q->scratch, opt), BQ_ATTR_HEAD, len,
				 intree_policy, BQ_ATTR_TYPES(intree_policy));

	if (err)
		return err;
	intree_sizes(c, &attrs);
	intree_codel(c, &attrs);
	return 0;
}

#endif
