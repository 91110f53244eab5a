/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of a queue among several (fifo.bpf.h), which lives in an instance. */
#ifndef BQDISC_FIFO_H
#define BQDISC_FIFO_H

#include <bqdisc/packets.h>

struct bq_fifo {
	bq_ref head, tail; /* tail is valid while there is a head */
	__u32 packets;
	__u32 reserved;
};

#endif
