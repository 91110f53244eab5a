/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a ring of slots (ring.bpf.h), stored in an instance. */
#ifndef BQDISC_RING_H
#define BQDISC_RING_H

#include <bqdisc/instance.h>

/* Ring over a range of one map of slots. */
struct bq_ring_part {
	__u32 map;   /* key in the map `slots` */
	__u32 base;  /* first slot */
	__u32 size;  /* slots */
	__u32 head;  /* slot of the oldest packet, from base */
	__u32 count; /* packets held */
	__u32 reserved;
};

/*
 * Queue that can grow while it holds packets. Part n uses the slots of step n. New packets go to
 * part `fill`; the oldest are in part `drain`, which reaches `fill` when they have left.
 */
struct bq_ring {
	__u32 fill;
	__u32 drain;
	struct bq_ring_part parts[BQ_SLOTS_STEPS];
};

#endif
