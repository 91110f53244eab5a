/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is written about packets that wait in slots (packets.bpf.h). */
#ifndef BQDISC_PACKETS_H
#define BQDISC_PACKETS_H

#include <bqdisc/instance.h>
#include <bqdisc/memory.h>

/* A packet that waits; the packet itself is in the slot of the same number. */
struct bq_packet {
	__u64 time;    /* not to be sent before, CLOCK_MONOTONIC ns */
	__u64 arrived; /* CLOCK_MONOTONIC ns */
	bq_ref next;   /* in a queue; the right child in a pile */
	bq_ref left;   /* in a pile */
	__u32 order;   /* of arrival, for equal times in a pile */
	__u8 band;     /* these two are the qdisc's own */
	__u8 flags;
	__u8 part; /* which of bq_packets.parts it belongs to */
	__u8 reserved;
};

/* Slots that an instance was given at one time, and their records. */
struct bq_packets_part {
	bq_ref first;   /* the record of slot 0 */
	__u32 fresh;    /* slots from here on were never used */
	__u32 capacity; /* slots */
	__u32 map;      /* their key in the map `slots` */
	__u32 base;     /* the first of them in that map */
};

/* Where an instance's packets are written down. */
struct bq_packets {
	bq_ref free; /* records that were used and are free, linked by `next` */
	__u32 fill;  /* the part whose records are used next */
	__u32 last;  /* the newest part */
	__u32 step;  /* bq_instance.slots_step when it came */
	struct bq_packets_part parts[BQ_SLOTS_STEPS];
};

/* First in, first out. */
struct bq_queue {
	bq_ref head, tail; /* tail is valid while there is a head */
};

#define BQ_PACKETS_BYTES(n) ((__u64)(n) * sizeof(struct bq_packet))

#endif
