/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser for the in-tree tbf's netlink options, as tbf_change() of Linux 7.3 accepts them. All
 * input is untrusted; tbf_start() checks the result. As in-tree, the rate tables only tell if the
 * link has ATM cells, where a caller does not say it.
 */
#ifndef BQDISC_TBF_TBF_ATTRS_BPF_H
#define BQDISC_TBF_TBF_ATTRS_BPF_H

#include <bqdisc/attr.bpf.h>
#include "tbf.h"

/* Attribute types of linux/pkt_sched.h. */
enum {
	INTREE_PARMS = 1,
	INTREE_RTAB,
	INTREE_PTAB,
	INTREE_RATE64,
	INTREE_PRATE64,
	INTREE_BURST,
	INTREE_PBURST,
	INTREE_PAD,
};

#define INTREE_TABLE 256 /* values */
#define INTREE_TICK_SHIFT 6
#define INTREE_LAYER_MASK 0x0f
#define INTREE_MOST (~0u)

/* struct tc_ratespec */
struct intree_rate {
	u8 cell_log;
	u8 linklayer;
	u16 overhead;
	u16 cell_align;
	u16 mpu;
	u32 rate; /* bytes a second */
};

/* struct tc_tbf_qopt; buffer and mtu are ticks of 64 ns */
struct intree_parms {
	struct intree_rate rate, peak;
	u32 limit;
	u32 buffer;
	u32 mtu;
};

static const struct bq_attr_policy intree_policy[] = {
	[INTREE_PARMS] = { BQ_ATTR_LEAST(sizeof(struct intree_parms)) },
	[INTREE_RTAB] = { BQ_ATTR_UP_TO(INTREE_TABLE * sizeof(u32)) },
	[INTREE_PTAB] = { BQ_ATTR_UP_TO(INTREE_TABLE * sizeof(u32)) },
	[INTREE_RATE64] = { BQ_ATTR_U64 },
	[INTREE_PRATE64] = { BQ_ATTR_U64 },
	[INTREE_BURST] = { BQ_ATTR_U32 },
	[INTREE_PBURST] = { BQ_ATTR_U32 },
	[INTREE_PAD] = {},
};

/* Return value N of a rate table. */
static __always_inline u32 intree_value(const struct bq_attrs *attrs, u32 table, u32 n)
{
	u32 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value),
			      (void *)(attrs->base + attrs->types[table].at + n * sizeof(value)));
	return value;
}

/* Return true if packets of the first and the last length of a cell take the same time. */
static __always_inline bool intree_has_cells(const struct bq_attrs *attrs, u32 table,
					     const struct intree_rate *r)
{
	u32 low = (r->mpu + 47) / 48 * 48, first = low >> (r->cell_log & 31);
	u32 last = ((low + 48) >> (r->cell_log & 31)) - 1;

	if (!attrs->types[table].at || attrs->types[table].size != INTREE_TABLE * sizeof(u32) ||
	    !r->rate || !r->cell_log || r->cell_log >= 32)
		return false;
	/* Above 100 Mbit/s the ticks of the table are too coarse. */
	if (r->rate > 100000000 / 8 || !intree_value(attrs, table, 0))
		return false;
	return (s32)last > (s32)first && (s32)last < INTREE_TABLE &&
	       intree_value(attrs, table, first) == intree_value(attrs, table, last);
}

/* Set what does not depend on the burst, with the rate of the 64-bit attribute WIDE if higher. */
static __always_inline void intree_rate(struct tbf_rate *r, const struct intree_rate *from,
					const struct bq_attrs *attrs, u32 wide, u32 table)
{
	u64 rate = 0;
	bool cells = from->linklayer ? (from->linklayer & INTREE_LAYER_MASK) == TBF_ATM
				     : intree_has_cells(attrs, table, from);

	bq_attr_get(attrs, wide, &rate, sizeof(rate));
	r->bytes_per_s = rate > from->rate ? rate : from->rate;
	r->overhead = from->overhead;
	r->mpu = from->mpu;
	r->linklayer = cells ? TBF_ATM : TBF_ETHERNET;
}

/* Return the bytes that leave in NS, as psched_ns_t2l(). The product wraps, as in-tree. */
static __always_inline u32 intree_bytes(const struct tbf_rate *r, u64 ns)
{
	u64 len = (ns < INTREE_MOST ? ns : INTREE_MOST) * r->bytes_per_s / NSEC_PER_SEC;

	if (r->linklayer == TBF_ATM)
		len = len / 53 * 48;
	len = len > r->overhead ? len - r->overhead : 0;
	return len < INTREE_MOST ? len : INTREE_MOST;
}

/* Set the burst: bytes, of the attribute TYPE, or TICKS if there is none. */
static __always_inline void intree_burst(struct tbf_rate *r, const struct bq_attrs *attrs, u32 type,
					 u32 ticks)
{
	u64 ns = (u64)ticks << INTREE_TICK_SHIFT;

	if (bq_attr_get(attrs, type, &r->burst, sizeof(r->burst)))
		return;
	r->burst = intree_bytes(r, ns);
	r->burst_ns = ns;
}

/* Mark the options that a command would have named. */
static __always_inline u64 intree_set_mask(const struct tbf_config *c)
{
	u64 mask = 1ull << TBF_RATE | 1ull << TBF_BURST | 1ull << TBF_LIMIT;

	if (c->peak.bytes_per_s)
		mask |= 1ull << TBF_PEAKRATE | 1ull << TBF_MTU;
	if (c->rate.mpu)
		mask |= 1ull << TBF_MPU;
	if (c->rate.overhead)
		mask |= 1ull << TBF_OVERHEAD;
	if (c->rate.linklayer == TBF_ATM)
		mask |= 1ull << TBF_LINKLAYER;
	return mask;
}

/* Read LEN bytes of the in-tree kind's options, for BQ_DEFINE_INIT. */
static __always_inline int tbf_read_intree(struct tbf_instance *q, struct nlattr *opt, u32 len)
{
	struct tbf_config *c = &q->config[0];
	struct bq_attrs attrs = {};
	struct intree_parms parms;
	int err = bq_attrs_parse(&attrs, bq_address(&q->scratch, opt), BQ_ATTR_HEAD, len,
				 intree_policy, BQ_ATTR_TYPES(intree_policy));

	if (err)
		return err;
	if (!bq_attr_get(&attrs, INTREE_PARMS, &parms, sizeof(parms)))
		return -EINVAL;
	c->limit = parms.limit;
	intree_rate(&c->rate, &parms.rate, &attrs, INTREE_RATE64, INTREE_RTAB);
	intree_burst(&c->rate, &attrs, INTREE_BURST, parms.buffer);
	if (parms.peak.rate) {
		intree_rate(&c->peak, &parms.peak, &attrs, INTREE_PRATE64, INTREE_PTAB);
		intree_burst(&c->peak, &attrs, INTREE_PBURST, parms.mtu);
	}
	c->set_mask = intree_set_mask(c);
	return 0;
}

#endif
