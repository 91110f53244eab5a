/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of CoDel for one queue (codel.bpf.h). */
#ifndef BQDISC_CODEL_H
#define BQDISC_CODEL_H

#include <linux/types.h>

/* CoDel's clock: units of 1024 ns, in 32 bits. It wraps after 73 minutes. */
#define BQ_CODEL_SHIFT 10

/* Times are in those units. All zero for a new queue. */
struct bq_codel {
	__u32 count;       /* signals since the queue began to signal */
	__u32 last_count;  /* `count` when it began */
	__u32 above_until; /* signal if the delay stays above target until then; 0: it is below */
	__u32 signal_next;
	__u32 delay;        /* of the packet that was last at the head */
	__u16 rec_inv_sqrt; /* 1 / sqrt(count), as a fraction of 2^16 */
	__u8 signalling;
	__u8 reserved;
};

#endif
