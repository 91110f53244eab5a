/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a heap ordered by time (heap.bpf.h), stored in an instance. */
#ifndef BQDISC_HEAP_H
#define BQDISC_HEAP_H

#include <bqdisc/memory.h>

/* Entry of one item in the heap's array. */
struct bq_heap_entry {
	__u64 time;
	bq_ref item; /* begins with a struct bq_heap_node */
	__u32 order; /* of arrival: among equal times the first in is the first out */
};

/* Head of every item that a heap can hold. */
struct bq_heap_node {
	__u64 time; /* when to wake, or to send */
	union {
		__u32 place; /* in a heap: index in the array */
		bq_ref next; /* in a wheel: next item of the bucket; the last one's is the first */
	};
	__u32 order; /* not used by heap and wheel: private to the caller */
};

struct bq_heap {
	bq_ref entries;
	__u32 count;
	__u32 order;
	__u32 reserved;
};

/* Bytes of the array for N items, with entries that make a bounds check of children unnecessary. */
#define BQ_HEAP_BYTES(n) (((__u64)(n) + 8) * sizeof(struct bq_heap_entry))

#endif
