/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of a ring of slots (ring.bpf.h), which lives in an instance. */
#ifndef BQDISC_RING_H
#define BQDISC_RING_H

#include <bqdisc/instance.h>

/* A ring over a stretch of one map of slots. */
struct bq_ring_part {
	__u32 map;   /* key in the map `slots` */
	__u32 base;  /* first slot */
	__u32 size;  /* slots */
	__u32 head;  /* slot of the oldest packet, from base */
	__u32 count; /* packets held */
	__u32 reserved;
};

/*
 * A queue that can be given more slots while it holds packets. Part n lies in the slots that the
 * instance was given at step n; new packets go to part `fill`, and the oldest are in part `drain`,
 * which comes up with it when they have left.
 */
struct bq_ring {
	__u32 fill;
	__u32 drain;
	struct bq_ring_part parts[BQ_SLOTS_STEPS];
};

#endif
