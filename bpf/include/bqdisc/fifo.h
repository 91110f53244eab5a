/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of one of several queues (fifo.bpf.h), stored in an instance. */
#ifndef BQDISC_FIFO_H
#define BQDISC_FIFO_H

#include <bqdisc/packets.h>

struct bq_fifo {
	bq_ref head, tail; /* tail is valid while there is a head */
	__u32 packets;
	__u32 reserved;
};

#endif
