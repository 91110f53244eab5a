/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser for the in-tree netem's netlink options, as netem_change() of Linux 7.3 accepts them. It
 * lets netlink programs, and tc where bqdisc's kind owns the name, create a netem. All input is
 * untrusted. Packets are not duplicated, corrupted or marked until the instance has an egress
 * program.
 *
 * Values that netem.h limits are lowered: times to NETEM_MAX_TIME, jitter as in-tree to
 * NETEM_MAX_JITTER, and rates to NETEM_MAX_RATE.
 */
#ifndef BQDISC_NETEM_NETEM_ATTRS_BPF_H
#define BQDISC_NETEM_NETEM_ATTRS_BPF_H

#include <bqdisc/attr.bpf.h>
#include <bqdisc/memory.bpf.h>
#include <bqdisc/slots.bpf.h>
#include "netem/ruleset.h"

/* Attribute types of linux/pkt_sched.h, whose older versions lack some of them. */
enum {
	INTREE_CORR = 1,
	INTREE_DELAY_DIST,
	INTREE_REORDER,
	INTREE_CORRUPT,
	INTREE_LOSS,
	INTREE_RATE,
	INTREE_ECN,
	INTREE_RATE64,
	INTREE_PAD,
	INTREE_LATENCY64,
	INTREE_JITTER64,
	INTREE_SLOT,
	INTREE_SLOT_DIST,
	INTREE_PRNG_SEED,
};

enum { INTREE_LOSS_GI = 1, INTREE_LOSS_GE };

#define INTREE_TICK 64 /* ns */

/* Options of the loss models. */
#define INTREE_GI_BITS                                                                             \
	(1ull << NETEM_P13 | 1ull << NETEM_P31 | 1ull << NETEM_P32 | 1ull << NETEM_P23 |           \
	 1ull << NETEM_P14)
#define INTREE_GE_BITS                                                                             \
	(1ull << NETEM_GE_P | 1ull << NETEM_GE_R | 1ull << NETEM_GE_BAD | 1ull << NETEM_GE_GOOD)

/* Attributes of a loss, of which the last model counts; as many as its payload can hold. */
#define INTREE_LOSSES (1u << 14)

/* Structs of linux/pkt_sched.h. */
struct intree_qopt {
	u32 latency, limit, loss, gap, duplicate, jitter;
};

struct intree_corr {
	u32 delay, loss, duplicate;
};

/* TCA_NETEM_REORDER and TCA_NETEM_CORRUPT */
struct intree_chance {
	u32 probability, correlation;
};

struct intree_gimodel {
	u32 p13, p31, p32, p14, p23;
};

struct intree_gemodel {
	u32 p, r, h, k1;
};

struct intree_rate {
	u32 rate;
	s32 overhead;
	u32 cell_size;
	s32 cell_overhead;
};

struct intree_slot {
	s64 min, max;
	s32 packets, bytes;
	s64 delay, jitter;
};

static const struct bq_attr_policy intree_policy[] = {
	[INTREE_CORR] = { BQ_ATTR_LEAST(sizeof(struct intree_corr)) },
	[INTREE_REORDER] = { BQ_ATTR_LEAST(sizeof(struct intree_chance)) },
	[INTREE_CORRUPT] = { BQ_ATTR_LEAST(sizeof(struct intree_chance)) },
	[INTREE_LOSS] = { BQ_ATTR_NEST },
	[INTREE_RATE] = { BQ_ATTR_LEAST(sizeof(struct intree_rate)) },
	[INTREE_ECN] = { BQ_ATTR_U32 },
	[INTREE_RATE64] = { BQ_ATTR_U64 },
	[INTREE_LATENCY64] = { BQ_ATTR_U64 },
	[INTREE_JITTER64] = { BQ_ATTR_U64 },
	[INTREE_SLOT] = { BQ_ATTR_LEAST(sizeof(struct intree_slot)) },
	[INTREE_PRNG_SEED] = { BQ_ATTR_U64 },
};

static __always_inline u64 intree_least(u64 value, u64 most)
{
	return value < most ? value : most;
}

static __always_inline void intree_set(struct netem_config *c, enum netem_option option)
{
	c->all.set_mask |= 1ull << option;
}

/* Name the option unless its VALUE is 0, the default. Return VALUE. */
static __always_inline u32 intree_value(struct netem_config *c, enum netem_option option, u32 value)
{
	if (value)
		intree_set(c, option);
	return value;
}

static __always_inline void intree_qopt(struct netem_config *c, const struct intree_qopt *o)
{
	c->limit = o->limit;
	c->all.delay = (u64)o->latency * INTREE_TICK;
	c->all.jitter = intree_least((u64)o->jitter * INTREE_TICK, NETEM_MAX_JITTER);
	c->all.set_mask = 1ull << NETEM_LIMIT | 1ull << NETEM_DELAY | 1ull << NETEM_JITTER;
	c->all.loss = intree_value(c, NETEM_LOSS, o->loss);
	c->all.gap = intree_value(c, NETEM_GAP, o->gap);
	if (o->gap)
		c->all.reorder = intree_value(c, NETEM_REORDER, NETEM_ALWAYS);
	c->all.duplicate = intree_value(c, NETEM_DUPLICATE, o->duplicate);
}

/* Correlations of chances that are 0 have no effect and no option. */
static __always_inline void intree_corr(struct netem_config *c, const struct bq_attrs *attrs)
{
	struct netem_impairment *w = &c->all;
	struct intree_corr corr;

	if (!bq_attr_get(attrs, INTREE_CORR, &corr, sizeof(corr)))
		return;
	w->delay_corr = intree_value(c, NETEM_DELAY_CORR, corr.delay);
	if (w->loss)
		w->loss_corr = intree_value(c, NETEM_LOSS_CORR, corr.loss);
	if (w->duplicate)
		w->duplicate_corr = intree_value(c, NETEM_DUPLICATE_CORR, corr.duplicate);
}

/* Without a gap nothing is reordered, so the probability is then ignored. */
static __always_inline void intree_chances(struct netem_config *c, const struct bq_attrs *attrs)
{
	struct netem_impairment *w = &c->all;
	struct intree_chance chance;
	u32 ecn;

	if (bq_attr_get(attrs, INTREE_REORDER, &chance, sizeof(chance)) && w->gap) {
		w->reorder = chance.probability;
		w->reorder_corr = intree_value(c, NETEM_REORDER_CORR, chance.correlation);
	}
	if (bq_attr_get(attrs, INTREE_CORRUPT, &chance, sizeof(chance)) && chance.probability) {
		w->corrupt = intree_value(c, NETEM_CORRUPT, chance.probability);
		w->corrupt_corr = intree_value(c, NETEM_CORRUPT_CORR, chance.correlation);
	}
	if (bq_attr_get(attrs, INTREE_ECN, &ecn, sizeof(ecn)))
		w->ecn = intree_value(c, NETEM_ECN, ecn != 0);
}

/* Name the options BITS of a loss model, which replaces any other and the random loss. */
static __always_inline void intree_set_model(struct netem_config *c, u64 bits)
{
	c->all.set_mask &=
		~(INTREE_GI_BITS | INTREE_GE_BITS | 1ull << NETEM_LOSS | 1ull << NETEM_LOSS_CORR);
	c->all.set_mask |= bits;
}

static __always_inline int intree_gimodel(struct netem_config *c, u64 from, u32 size)
{
	struct intree_gimodel m;

	if (size < sizeof(m) || bpf_probe_read_kernel(&m, sizeof(m), (void *)from))
		return -EINVAL;
	c->all.p13 = m.p13;
	c->all.p31 = m.p31;
	c->all.p32 = m.p32;
	c->all.p14 = m.p14;
	c->all.p23 = m.p23;
	intree_set_model(c, INTREE_GI_BITS);
	return 0;
}

/* The attribute has the share that passes in the bad state, the option the share that is lost. */
static __always_inline int intree_gemodel(struct netem_config *c, u64 from, u32 size)
{
	struct intree_gemodel m;

	if (size < sizeof(m) || bpf_probe_read_kernel(&m, sizeof(m), (void *)from))
		return -EINVAL;
	c->all.ge_p = m.p;
	c->all.ge_r = m.r;
	c->all.ge_bad = NETEM_ALWAYS - m.h;
	c->all.ge_good = m.k1;
	intree_set_model(c, INTREE_GE_BITS);
	return 0;
}

/* Store the last of the nested loss models. */
static __always_inline int intree_loss(struct netem_config *c, const struct bq_attrs *attrs)
{
	struct bq_attr loss = attrs->types[INTREE_LOSS];
	struct bq_attr_walk w = { .at = loss.at, .end = loss.at + loss.size };
	int err = 0;
	u32 i;

	if (!loss.at)
		return 0;
	bpf_for(i, 0, INTREE_LOSSES) {
		if (!bq_attr_next(&w, attrs->base))
			break;
		if (w.type == INTREE_LOSS_GI)
			err = intree_gimodel(c, attrs->base + w.attr.at, w.attr.size);
		else if (w.type == INTREE_LOSS_GE)
			err = intree_gemodel(c, attrs->base + w.attr.at, w.attr.size);
		else
			err = -EINVAL;
		if (err)
			break;
	}
	return err;
}

static __always_inline void intree_rate(struct netem_config *c, const struct bq_attrs *attrs)
{
	struct intree_rate r = {};
	u64 rate = 0;
	bool is_long = bq_attr_get(attrs, INTREE_RATE64, &rate, sizeof(rate));

	if (!bq_attr_get(attrs, INTREE_RATE, &r, sizeof(r)) && !is_long)
		return;
	c->all.rate = intree_least(rate < r.rate ? r.rate : rate, NETEM_MAX_RATE);
	if (!c->all.rate)
		return;
	c->all.overhead = r.overhead;
	c->all.cell_size = r.cell_size;
	c->all.cell_overhead = r.cell_overhead;
	c->all.set_mask |= 1ull << NETEM_RATE | 1ull << NETEM_OVERHEAD | 1ull << NETEM_CELL_SIZE |
			   1ull << NETEM_CELL_OVERHEAD;
}

static __always_inline int intree_slot(struct netem_config *c, const struct bq_attrs *attrs)
{
	struct intree_slot s;

	if (!bq_attr_get(attrs, INTREE_SLOT, &s, sizeof(s)))
		return 0;
	if (s.min < 0 || s.max < 0 || s.delay < 0 || s.jitter < 0 || s.packets < 0 || s.bytes < 0 ||
	    s.min > s.max)
		return -EINVAL;
	c->slot_min = intree_least(s.min, NETEM_MAX_TIME);
	c->slot_max = intree_least(s.max, NETEM_MAX_TIME);
	c->slot_delay = intree_least(s.delay, NETEM_MAX_TIME);
	c->slot_jitter = intree_least(s.jitter, NETEM_MAX_JITTER);
	c->all.set_mask |= 1ull << NETEM_SLOT_MIN | 1ull << NETEM_SLOT_MAX;
	c->slot_packets = intree_value(c, NETEM_SLOT_PACKETS, s.packets);
	c->slot_bytes = intree_value(c, NETEM_SLOT_BYTES, s.bytes);
	return 0;
}

/* Store a time of 64 bits, which must not be negative. */
static __always_inline int intree_time(const struct bq_attrs *attrs, u32 type, u64 *field, u64 most)
{
	s64 ns;

	if (!bq_attr_get(attrs, type, &ns, sizeof(ns)))
		return 0;
	*field = intree_least(ns, most);
	return ns < 0 ? -EINVAL : 0;
}

/* Copy a table of SIZE bytes from FROM to TO. Return its number of values, or -EINVAL. */
static __noinline int intree_table(bq_ref to, u64 from, u32 size)
{
	u32 i, n = size / sizeof(__s16);
	__s16 value = 0;

	if (!n || n > NETEM_TABLE_MAX)
		return -EINVAL;
	bpf_for(i, 0, n) {
		if (bpf_probe_read_kernel(&value, sizeof(value), (void *)(from + i * 2)))
			return -EINVAL;
		*bq_nth(__s16, to, i) = value;
	}
	return n;
}

/* Store the table of OPTION, from attribute TYPE, at TO, and its number of values. */
static __always_inline int intree_dist(struct netem_config *c, const struct bq_attrs *attrs,
				       u32 type, enum netem_option option, bq_ref to, u32 *values)
{
	struct bq_attr table = attrs->types[type];
	int n;

	if (!table.at)
		return 0;
	n = intree_table(to, attrs->base + table.at, table.size);
	if (n < 0)
		return n;
	*values = n;
	intree_set(c, option);
	return 0;
}

static __always_inline int intree_dists(struct netem_instance *q, const struct bq_attrs *attrs)
{
	bq_ref tables = q->id.memory + NETEM_POOL_TABLES_AT;
	struct netem_config *c = &q->config[0];

	return intree_dist(c, attrs, INTREE_DELAY_DIST, NETEM_DISTRIBUTION, tables,
			   &q->delay_values)
		       ?: intree_dist(c, attrs, INTREE_SLOT_DIST, NETEM_SLOT_TABLE,
				      tables + NETEM_TABLE_BYTES, &q->slot_values);
}

static __always_inline int intree_read(struct netem_instance *q, const struct bq_attrs *attrs)
{
	struct netem_config *c = &q->config[0];

	intree_corr(c, attrs);
	intree_chances(c, attrs);
	intree_rate(c, attrs);
	if (bq_attr_get(attrs, INTREE_PRNG_SEED, &c->seed, sizeof(c->seed)))
		intree_set(c, NETEM_SEED);
	return intree_slot(c, attrs)
		       ?: intree_time(attrs, INTREE_LATENCY64, &c->all.delay, NETEM_MAX_TIME)
		       ?: intree_time(attrs, INTREE_JITTER64, &c->all.jitter, NETEM_MAX_JITTER)
		       ?: intree_loss(c, attrs);
}

/* Read LEN bytes of the in-tree kind's options, for BQ_DEFINE_INIT. */
static __always_inline int netem_read_intree(struct netem_instance *q, struct nlattr *opt, u32 len)
{
	u64 base = bq_address(&q->scratch, opt);
	struct bq_attrs attrs = {};
	struct intree_qopt o = {};
	int err;

	if (len < sizeof(o) || bpf_probe_read_kernel(&o, sizeof(o), (void *)(base + BQ_ATTR_HEAD)))
		return -EINVAL;
	err = bq_attrs_parse(&attrs, base, BQ_ATTR_HEAD + sizeof(o), len, intree_policy,
			     BQ_ATTR_TYPES(intree_policy));
	if (err)
		return err;
	intree_qopt(&q->config[0], &o);
	return intree_read(q, &attrs) ?: bq_memory_from_pool(&q->id, NETEM_POOL_BYTES, 1)
					 ?: intree_dists(q, &attrs);
}

#endif
