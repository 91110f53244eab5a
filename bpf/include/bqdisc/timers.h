/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a set of timers (timers.bpf.h), stored in an instance. */
#ifndef BQDISC_TIMERS_H
#define BQDISC_TIMERS_H

#include <bqdisc/heap.h>

/* Head of every item that can wait for a time. */
struct bq_timer {
	struct bq_heap_node node; /* node.time: when to wake */
	bq_ref later, earlier;    /* in the run; `later` is free for use while it does not wait */
};

struct bq_timers {
	__u64 next;          /* time of the first item, or BQ_NEVER */
	bq_ref first, last;  /* the run */
	struct bq_heap heap; /* items that were earlier than the end of the run */
};

#endif
