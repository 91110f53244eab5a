/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records of queued packets (packets.bpf.h). */
#ifndef BQDISC_PACKETS_H
#define BQDISC_PACKETS_H

#include <bqdisc/heap.h>
#include <bqdisc/instance.h>
#include <bqdisc/memory.h>

/* Record of a queued packet; the slot of the same number holds the packet itself. */
struct bq_packet {
	union {
		struct bq_heap_node node; /* in a tfifo, whose heap or wheel may hold it */
		struct {
			__u64 time;  /* earliest departure, CLOCK_MONOTONIC ns: also node.time */
			bq_ref left; /* in a skew heap: left child */
			__u32 order; /* in a skew heap: order of arrival, for equal times */
		};
	};
	__u64 arrived; /* CLOCK_MONOTONIC ns; private to the qdisc */
	bq_ref next;   /* in a queue; right child in a skew heap */
	__u8 band;     /* band and flags are private to the qdisc */
	__u8 flags;
	__u8 part; /* index in bq_packets.parts */
	__u8 reserved;
};

_Static_assert(__builtin_offsetof(struct bq_packet, time) ==
		       __builtin_offsetof(struct bq_packet, node.time),
	       "heap, wheel and skew heap order packets by one time");

/* Records that have pages from the start, and those that get pages at a time. */
#define BQ_RECORDS_FIRST 4096u
#define BQ_RECORDS_STEP 512u

/* Slots added in one step, and their records. */
struct bq_packets_part {
	bq_ref first;   /* the record of slot 0 */
	__u32 fresh;    /* slots from here on were never used */
	__u32 there;    /* slots whose records have pages */
	__u32 capacity; /* slots */
	__u32 map;      /* their key in the map `slots` */
	__u32 base;     /* the first of them in that map */
};

/* Records of an instance's packets. */
struct bq_packets {
	bq_ref free; /* records freed after use, linked by `next` */
	__u32 fill;  /* part whose records are used next */
	__u32 last;  /* the newest part */
	__u32 step;  /* bq_instance.slots_step of that part */
	struct bq_packets_part parts[BQ_SLOTS_STEPS];
};

/* FIFO queue. */
struct bq_queue {
	bq_ref head, tail; /* tail is valid while there is a head */
};

#define BQ_PACKETS_BYTES(n) ((__u64)(n) * sizeof(struct bq_packet))

#endif
