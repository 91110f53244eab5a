/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of a queue ordered by time (tfifo.bpf.h), which lives in an instance. */
#ifndef BQDISC_TFIFO_H
#define BQDISC_TFIFO_H

#include <bqdisc/heap.h>
#include <bqdisc/packets.h>
#include <bqdisc/wheel.h>

struct bq_tfifo {
	bq_ref first, last;    /* packets in the order of their times; 0: none */
	bq_ref near;           /* one of them that is due before what is in buckets; 0: not known */
	struct bq_heap heap;   /* packets that are to leave before one that came earlier, */
	struct bq_wheel wheel; /* and where they are many those that are not next */
};

#endif
