/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser for the in-tree netem's netlink options, as netem_change() of Linux 7.3 accepts them. It
 * lets netlink programs, and tc where bqdisc's kind owns the name, create a netem. All input is
 * untrusted. It rejects options that need an egress program, because a netlink caller installs
 * none.
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
	INTREE_LATENCY64 = 10,
	INTREE_JITTER64,
	INTREE_SLOT,
	INTREE_SLOT_DIST,
	INTREE_PRNG_SEED,
};

enum { INTREE_LOSS_GI = 1, INTREE_LOSS_GE };

#define INTREE_TICK 64 /* ns */

struct intree_qopt {
	u32 latency, limit, loss, gap, duplicate, jitter;
};

/* Payload of an attribute of any type. */
union intree_attr {
	struct {
		u32 delay, loss, duplicate;
	} corr;
	struct {
		u32 probability, correlation;
	} chance;
	struct {
		u32 type; /* length and type of the nested attribute */
		u32 p13, p31, p32, p14, p23;
	} loss;
	struct {
		u32 rate;
		s32 overhead;
		u32 cell_size;
		s32 cell_overhead;
	} rate;
	struct {
		s64 min, max;
		s32 packets, bytes;
		s64 delay, jitter;
	} slot;
	u32 word;
	u64 number;
};

static __always_inline void intree_set(struct netem_config *c, enum netem_option option)
{
	c->all.set_mask |= 1ull << option;
}

static __always_inline void intree_qopt(struct netem_config *c, const struct intree_qopt *o)
{
	c->limit = o->limit;
	c->all.delay = (u64)o->latency * INTREE_TICK;
	c->all.jitter = (u64)o->jitter * INTREE_TICK;
	c->all.loss = o->loss;
	c->all.gap = o->gap;
	c->all.duplicate = o->duplicate;
	c->all.set_mask = 1ull << NETEM_LIMIT | 1ull << NETEM_DELAY | 1ull << NETEM_JITTER;
	if (o->loss)
		intree_set(c, NETEM_LOSS);
	if (o->gap)
		intree_set(c, NETEM_GAP);
}

static __always_inline int intree_corr(struct netem_config *c, const union intree_attr *a)
{
	c->all.delay_corr = a->corr.delay;
	c->all.loss_corr = a->corr.loss;
	c->all.duplicate_corr = a->corr.duplicate;
	if (a->corr.delay)
		intree_set(c, NETEM_DELAY_CORR);
	if (a->corr.loss && c->all.loss)
		intree_set(c, NETEM_LOSS_CORR);
	return 0;
}

/* Without a gap nothing is reordered, so the probability is then ignored. */
static __always_inline int intree_reorder(struct netem_config *c, const union intree_attr *a)
{
	c->all.reorder = a->chance.probability;
	c->all.reorder_corr = a->chance.correlation;
	if (c->all.gap)
		c->all.set_mask |= 1ull << NETEM_REORDER | 1ull << NETEM_REORDER_CORR;
	return 0;
}

/* Store a nested attribute of a loss model; SIZE bytes with its header. */
static __always_inline int intree_loss(struct netem_config *c, const union intree_attr *a, u32 size)
{
	u32 type = a->loss.type >> 16 & BQ_ATTR_TYPE_MASK, len = (u16)a->loss.type;

	if (len > size)
		return -EINVAL;
	if (type == INTREE_LOSS_GI && len >= 24) {
		c->all.p13 = a->loss.p13;
		c->all.p31 = a->loss.p31;
		c->all.p32 = a->loss.p32;
		c->all.p14 = a->loss.p14;
		c->all.p23 = a->loss.p23;
		c->all.set_mask |= 1ull << NETEM_P13 | 1ull << NETEM_P31 | 1ull << NETEM_P32 |
				   1ull << NETEM_P23 | 1ull << NETEM_P14;
		return 0;
	}
	if (type != INTREE_LOSS_GE || len < 20)
		return -EINVAL;
	/* The attribute holds p, r, h and k1; h is the share that passes in the bad state. */
	c->all.ge_p = a->loss.p13;
	c->all.ge_r = a->loss.p31;
	c->all.ge_bad = NETEM_ALWAYS - a->loss.p32;
	c->all.ge_good = a->loss.p14;
	c->all.set_mask |= 1ull << NETEM_GE_P | 1ull << NETEM_GE_R | 1ull << NETEM_GE_BAD |
			   1ull << NETEM_GE_GOOD;
	return 0;
}

static __always_inline int intree_slot(struct netem_config *c, const union intree_attr *a)
{
	if (a->slot.min < 0 || a->slot.max < 0 || a->slot.delay < 0 || a->slot.jitter < 0 ||
	    a->slot.packets < 0 || a->slot.bytes < 0 || a->slot.min > a->slot.max)
		return -EINVAL;
	c->slot_min = a->slot.min;
	c->slot_max = a->slot.max;
	c->slot_packets = a->slot.packets;
	c->slot_bytes = a->slot.bytes;
	c->slot_delay = a->slot.delay;
	c->slot_jitter =
		a->slot.jitter > (s64)NETEM_MAX_JITTER ? NETEM_MAX_JITTER : (u64)a->slot.jitter;
	c->all.set_mask |= 1ull << NETEM_SLOT_MIN | 1ull << NETEM_SLOT_MAX;
	if (a->slot.packets)
		intree_set(c, NETEM_SLOT_PACKETS);
	if (a->slot.bytes)
		intree_set(c, NETEM_SLOT_BYTES);
	return 0;
}

static __always_inline int intree_rate(struct netem_config *c, const union intree_attr *a)
{
	if (c->all.rate < a->rate.rate)
		c->all.rate = a->rate.rate;
	c->all.overhead = a->rate.overhead;
	c->all.cell_size = a->rate.cell_size;
	c->all.cell_overhead = a->rate.cell_overhead;
	c->all.set_mask |= 1ull << NETEM_RATE | 1ull << NETEM_OVERHEAD | 1ull << NETEM_CELL_SIZE |
			   1ull << NETEM_CELL_OVERHEAD;
	return 0;
}

/* Store a 64-bit time, which must not be negative. */
static __always_inline int intree_time(u64 *field, u64 value, u64 most)
{
	if ((s64)value < 0)
		return -EINVAL;
	*field = value < most ? value : most;
	return 0;
}

/* Store attribute TYPE, of SIZE bytes without its header, in C. */
static __always_inline int intree_store(struct netem_config *c, u32 type,
					const union intree_attr *a, u32 size)
{
	/* Least payload in bytes; 255: not checked here. */
	static const u8 least[] = { 255, 12, 255, 8, 8, 20, 16, 4, 8, 255, 8, 8, 40, 255, 8 };

	if (type >= sizeof(least) || least[type] == 255)
		return 0;
	if (size < least[type])
		return type == INTREE_LOSS ? -EINVAL : -ERANGE;
	switch (type) {
	case INTREE_CORR:
		return intree_corr(c, a);
	case INTREE_REORDER:
		return intree_reorder(c, a);
	case INTREE_CORRUPT:
		return a->chance.probability ? -EOPNOTSUPP : 0;
	case INTREE_LOSS:
		return intree_loss(c, a, size);
	case INTREE_RATE:
		return intree_rate(c, a);
	case INTREE_ECN:
		return a->word ? -EOPNOTSUPP : 0;
	case INTREE_RATE64:
		if (c->all.rate < a->number)
			c->all.rate = a->number;
		return 0;
	case INTREE_LATENCY64:
		return intree_time(&c->all.delay, a->number, NETEM_MAX_TIME);
	case INTREE_JITTER64:
		return intree_time(&c->all.jitter, a->number, NETEM_MAX_JITTER);
	case INTREE_SLOT:
		return intree_slot(c, a);
	}
	c->seed = a->number;
	intree_set(c, NETEM_SEED);
	return 0;
}

/* Copy a table of SIZE bytes from FROM to TO. Return its number of values. */
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

static __always_inline int intree_read(void *object, const struct bq_attr *attr)
{
	struct netem_instance *q = object;
	bq_ref tables = q->id.memory + NETEM_POOL_TABLES_AT;
	union intree_attr a = {};
	int n;

	if (attr->type == INTREE_DELAY_DIST) {
		n = intree_table(tables, attr->from, attr->size);
		q->delay_values = n > 0 ? n : 0;
		intree_set(&q->config[0], NETEM_DISTRIBUTION);
		return n < 0 ? n : 0;
	}
	if (attr->type == INTREE_SLOT_DIST) {
		n = intree_table(tables + NETEM_TABLE_BYTES, attr->from, attr->size);
		q->slot_values = n > 0 ? n : 0;
		intree_set(&q->config[0], NETEM_SLOT_TABLE);
		return n < 0 ? n : 0;
	}
	if (bq_attr_read(attr, &a, sizeof(a)))
		return -EINVAL;
	return intree_store(&q->config[0], attr->type, &a, attr->size);
}

/* Read LEN bytes of the in-tree kind's options, for BQ_DEFINE_INIT. */
static __always_inline int netem_read_intree(struct netem_instance *q, struct nlattr *opt, u32 len)
{
	u64 from = bq_address(&q->scratch, opt) + sizeof(struct nlattr);
	struct netem_config *c = &q->config[0];
	struct intree_qopt o = {};
	int err;

	if (len < sizeof(o) || bpf_probe_read_kernel(&o, sizeof(o), (void *)from))
		return -EINVAL;
	if (o.duplicate)
		return -EOPNOTSUPP;
	intree_qopt(c, &o);
	err = bq_memory_from_pool(&q->id, NETEM_POOL_BYTES, 1);
	if (err)
		return err;
	err = bq_attrs_each(from + sizeof(o), from + len, intree_read, q);
	if (c->all.jitter > NETEM_MAX_JITTER)
		c->all.jitter = NETEM_MAX_JITTER;
	return err;
}

#endif
