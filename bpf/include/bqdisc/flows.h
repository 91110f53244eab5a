/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a flow table (flows.bpf.h), stored in an instance. */
#ifndef BQDISC_FLOWS_H
#define BQDISC_FLOWS_H

#include <bqdisc/timers.h>

/* Head of every flow. */
struct bq_flow {
	struct bq_timer wake; /* a flow can wait for a time, or be in a list by wake.later */
	__u64 key;
	bq_ref chain; /* the next flow of the same bucket, or of the free ones */
	__s32 credit; /* bytes it may send; the qdisc's own */
};

struct bq_flows {
	bq_ref buckets; /* an array of links */
	__u32 mask;     /* number of buckets, rounded up to a power of two, less 1 */
	__u32 count;    /* number of buckets; it only grows */
	bq_ref first;   /* the array of flows */
	__u32 capacity; /* number of flows */
	__u32 fresh;    /* flows from here on were never used */
	bq_ref free;
	__u32 hand; /* next flow of the sweep for idle flows */
};

/* Flows in the order of service. */
struct bq_flow_list {
	bq_ref first, last; /* last is valid while there is a first */
};

#endif
