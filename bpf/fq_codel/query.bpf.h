/* SPDX-License-Identifier: GPL-2.0-only */
/* Classification of packets, for the qdisc and its egress program. */
#ifndef BQDISC_FQ_CODEL_QUERY_BPF_H
#define BQDISC_FQ_CODEL_QUERY_BPF_H

#include <bqdisc/fair.bpf.h>
#include <bqdisc/hash.bpf.h>
#include "fq_codel.h"

#define TC_H_MAJ_MASK 0xffff0000u
#define TC_H_MIN_MASK 0x0000ffffu

/* Return the number of flows in force. The memory for them is that of attach. */
static __always_inline u32 fq_codel_flows(const struct fq_codel_instance *q,
					  const struct fq_codel_config *c)
{
	return c->flows < q->id.units ? c->flows : q->id.units;
}

/* Return the number of the flow that the priority names as a class of the qdisc, plus 1, or 0. */
static __always_inline u32 fq_codel_class_of(const struct fq_codel_instance *q, u32 priority,
					     u32 flows)
{
	u32 minor = priority & TC_H_MIN_MASK;

	return (priority & TC_H_MAJ_MASK) == q->id.handle && minor <= flows ? minor : 0;
}

/* Return flow N, or that of HASH if N is 0. */
static __always_inline bq_ref fq_codel_flow_of(const struct fq_codel_instance *q, u32 n, u32 hash,
					       u32 flows)
{
	n = n ? n - 1 : (u64)hash * flows >> 32;
	return q->flows + n * (u32)sizeof(struct bq_fair_flow);
}

#endif
