/* SPDX-License-Identifier: GPL-2.0-only */
/* What fq knows of a packet that arrives: its band, and when it is to be sent. */
#ifndef BQDISC_FQ_ARRIVAL_BPF_H
#define BQDISC_FQ_ARRIVAL_BPF_H

#include <bqdisc/kernel.bpf.h>
#include "fq.h"

/* Kernel constants: sk_buff.tstamp_type. */
#define SKB_CLOCK_REALTIME 0
#define SKB_CLOCK_TAI 2

struct fq_arrival {
	u64 now;  /* 0: not looked at yet */
	u64 time; /* to be sent then; 0: at once */
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
 * The packet's time stamp as CLOCK_MONOTONIC. The difference between TAI and CLOCK_REALTIME is not
 * to be had here: it is taken for 0, as it is unless a time daemon has set it. A stamp that a
 * tc-bpf program wrote into a packet without one is monotonic, but says CLOCK_REALTIME: it is told
 * by being decades away from that.
 */
static __always_inline u64 fq_stamp(const struct sk_buff *skb, u64 now)
{
	u32 clock = BPF_CORE_READ_BITFIELD(skb, tstamp_type);
	u64 stamp = skb->tstamp, tai;

	if (clock != SKB_CLOCK_TAI && clock != SKB_CLOCK_REALTIME)
		return stamp;
	tai = bpf_ktime_get_tai_ns();
	if (clock == SKB_CLOCK_REALTIME && stamp < now + (tai - now) / 2)
		return stamp;
	stamp -= tai - now;
	return (s64)stamp > 0 ? stamp : 1;
}

/* Reads when the packet is to be sent. False: it is beyond the horizon and to be dropped. */
static __always_inline bool fq_read_stamp(struct fq_instance *q, const struct fq_config *c,
					  struct sk_buff *skb, struct fq_arrival *a)
{
	u64 now = fq_now(a), limit = now + c->horizon;

	a->time = fq_stamp(skb, now);
	if ((s64)(a->time - limit) <= 0)
		return true;
	if (c->horizon_drop)
		return false;
	q->stats.horizon_caps++;
	a->time = limit;
	skb->tstamp = limit;
	return true;
}

#endif
