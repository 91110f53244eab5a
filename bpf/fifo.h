/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs that fifo.bpf.c and user space share: pfifo, bfifo and pfifo_head_drop. */
#ifndef BQDISC_QDISC_FIFO_H
#define BQDISC_QDISC_FIFO_H

#include <bqdisc/drops.h>
#include <bqdisc/histogram.h>
#include <bqdisc/instance.h>
#include <bqdisc/ring.h>

/* Bits of fifo_config.set_mask, in the order of the option rows. */
#define FIFO_SET_LIMIT (1ull << 0)

struct fifo_config {
	__u64 set_mask; /* named options; .init applies defaults to the others */
	__u32 limit;    /* packets (pfifo, pfifo_head_drop) or bytes (bfifo); any value is legal */
	__u32 reserved;
};

/*
 * Counters of this qdisc, in packets unless noted; the core counts bytes, packets, drops, backlog.
 */
struct fifo_stats {
	__u64 enqueued;             /* packets stored */
	__u64 drops_limit;          /* refused because the limit was reached */
	__u64 drops_oldest;         /* dropped from the head to make room (pfifo_head_drop) */
	__u64 drops_no_slot;        /* refused because all slots were in use */
	__u64 peak_backlog_packets; /* most packets held at once */
	__u64 peak_backlog_bytes;   /* most bytes held at once */
	__u64 sojourn[BQ_TIMES];
	__u64 queue_length[BQ_LENGTHS]; /* seen by each packet that arrived */
	struct bq_drop drops[3];        /* a reason each */
};

struct fifo_instance {
	struct bq_instance id;
	struct fifo_config config[2];
	struct fifo_config defaults; /* defaults of every option; set by .init */
	struct fifo_stats stats;
	struct bq_ring ring;
};

#endif
