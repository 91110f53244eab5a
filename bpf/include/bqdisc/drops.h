/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records of dropped packets (drops.bpf.h). */
#ifndef BQDISC_DROPS_H
#define BQDISC_DROPS_H

#include <bqdisc/flow_key.h>

/* A dropped packet. A member `drops` of the stats struct has the last one for each reason. */
struct bq_drop {
	__u64 time_ns; /* CLOCK_MONOTONIC; 0: none was dropped for a reason of this element */
	struct bq_flow_key flow;
	__u32 reason; /* offset of its counter in the instance */
	__u32 len;    /* bytes, as the core counts them */
};

/*
 * Message of a ring buffer in the map `followers`, which a process has put there to follow the
 * drops of instances. Their bq_instance.follower is its key.
 */
struct bq_drop_event {
	struct bq_drop drop;
	__u32 index;  /* of the instance */
	__u32 missed; /* earlier drops of the instance without a message, since it is followed */
};

/* Most messages a second of an instance. */
#define BQ_DROP_EVENTS 1000
#define BQ_FOLLOWERS 64

#endif
