/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The state of a ring of slots (ring.bpf.h), which lives in an instance. */
#ifndef BQDISC_RING_H
#define BQDISC_RING_H

#include <linux/types.h>

struct bq_ring {
	__u32 head;  /* slot of the oldest packet */
	__u32 count; /* packets held; never more than the instance's slots */
};

#endif
