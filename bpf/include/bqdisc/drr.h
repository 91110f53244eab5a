/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a weighted round robin (drr.bpf.h). */
#ifndef BQDISC_DRR_H
#define BQDISC_DRR_H

#include <bqdisc/packets.h>

/* Class in the instance's memory: an element of an array of units, or the head of one. */
struct bq_drr_class {
	struct bq_queue queue;
	bq_ref next;    /* in the DRR list */
	__s32 credit;   /* bytes that it may still send in this round */
	__u32 weight;   /* bytes that it may send in each; written by the qdisc */
	__u32 in_round; /* 1: in the DRR list, because it has packets */
};

/* Classes that have packets, in the order of service. */
struct bq_drr {
	bq_ref first, last; /* last is valid while there is a first */
};

#endif
