/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a wheel of buckets (wheel.bpf.h), stored in an instance. */
#ifndef BQDISC_WHEEL_H
#define BQDISC_WHEEL_H

#include <bqdisc/memory.h>

struct bq_wheel {
	__u64 edge;     /* next bucket, counted from time 0 */
	bq_ref buckets; /* last item of each, if its bit in `used` is set */
	bq_ref used;    /* a bit for each bucket */
	__u32 mask;     /* number of buckets, a power of two, less 1; 0: there are none */
	__u32 shift;    /* a bucket spans 2^shift ns */
	__u32 count;    /* items in buckets */
	__u32 reserved;
};

/* Number of buckets that pays for its memory with N items. */
#define BQ_WHEEL_BUCKETS(n)                                                                        \
	((n) >= 65536 ? 65536u : (n) >= 16384 ? 16384u : (n) >= 4096 ? 4096u : 1024u)

/* Bytes of the buckets for N items. */
#define BQ_WHEEL_BYTES(n) ((__u64)BQ_WHEEL_BUCKETS(n) * sizeof(bq_ref) + BQ_WHEEL_BUCKETS(n) / 8)

#endif
