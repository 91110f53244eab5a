/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a queue ordered by time (tfifo.bpf.h), stored in an instance. */
#ifndef BQDISC_TFIFO_H
#define BQDISC_TFIFO_H

#include <bqdisc/heap.h>
#include <bqdisc/packets.h>
#include <bqdisc/wheel.h>

struct bq_tfifo {
	bq_ref first, last;    /* packets ordered by time; 0: none */
	bq_ref near;           /* one of them due before all packets in buckets; 0: not known */
	struct bq_heap heap;   /* packets that depart before an earlier one */
	struct bq_wheel wheel; /* the later of these, if there are many */
};

#endif
