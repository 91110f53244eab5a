/* SPDX-License-Identifier: GPL-2.0-only */
/* Classification of an arriving packet: its band and its departure time. */
#ifndef BQDISC_FQ_ARRIVAL_BPF_H
#define BQDISC_FQ_ARRIVAL_BPF_H

#include <bqdisc/kernel.bpf.h>
#include "fq.h"

/* Values of sk_buff.tstamp_type in the kernel. */
#define SKB_CLOCK_REALTIME 0
#define SKB_CLOCK_TAI 2
/* Upper bound of CLOCK_MONOTONIC (TIME_UPTIME_SEC_MAX), in ns. */
#define FQ_LONGEST_UPTIME (30ull * 365 * 24 * 3600 * NSEC_PER_SEC)

struct fq_arrival {
	u64 now;  /* 0: not read yet */
	u64 time; /* departure time; 0: at once */
	u8 band;
	u8 flags;
};

static __always_inline u64 fq_now(struct fq_arrival *a)
{
	if (!a->now)
		a->now = bpf_ktime_get_ns();
	return a->now;
}

/*
 * Return the offset of the packet's stamp clock from CLOCK_MONOTONIC, in ns. A tc-bpf program
 * writes a monotonic stamp but cannot set tstamp_type. Such a stamp is recognised by its value,
 * because it is below 30 years of uptime.
 */
static __always_inline u64 fq_clock_offset(const struct fq_config *c, const struct sk_buff *skb,
					   u64 now)
{
	u32 clock = BPF_CORE_READ_BITFIELD(skb, tstamp_type);

	if (clock == SKB_CLOCK_TAI)
		return bpf_ktime_get_tai_ns() - now;
	if (clock == SKB_CLOCK_REALTIME && (s64)skb->tstamp > (s64)FQ_LONGEST_UPTIME)
		return bpf_ktime_get_tai_ns() - now - c->tai_offset * NSEC_PER_SEC;
	return 0;
}

/*
 * Read the departure time. Return false if it is beyond the horizon and the packet must be dropped.
 */
static __always_inline bool fq_read_stamp(struct fq_instance *q, const struct fq_config *c,
					  struct sk_buff *skb, struct fq_arrival *a)
{
	u64 now = fq_now(a), limit = now + c->horizon;
	u64 offset = fq_clock_offset(c, skb, now);
	s64 time = skb->tstamp - offset;

	a->time = time > 0 ? time : 1;
	if ((s64)(a->time - limit) <= 0)
		return true;
	if (c->horizon_drop)
		return false;
	q->stats.horizon_caps++;
	a->time = limit;
	skb->tstamp = limit + offset;
	return true;
}

#endif
