/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of a queue ordered by time (tfifo.bpf.h), which lives in an instance. */
#ifndef BQDISC_TFIFO_H
#define BQDISC_TFIFO_H

#include <bqdisc/heap.h>
#include <bqdisc/packets.h>

struct bq_tfifo {
	bq_link first, last;  /* packets that came in the order of their times; 0: none */
	struct bq_heap early; /* packets that are to leave before one that came earlier */
};

#endif
