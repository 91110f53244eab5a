/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A flow of a fair queue (fair.bpf.h). */
#ifndef BQDISC_FAIR_H
#define BQDISC_FAIR_H

#include <bqdisc/codel.h>
#include <bqdisc/flow_key.h>
#include <bqdisc/packets.h>

/* A flow: the packets whose hash selects it. All zero while it has never had one. */
struct bq_fair_flow {
	struct bq_queue queue;
	bq_ref next;   /* in a list of flows */
	__s32 deficit; /* bytes it may send */
	struct bq_codel codel;
	__u32 backlog; /* bytes */
	__u32 qlen;    /* packets */
	__u32 marks;   /* marks that CoDel has decided, for packets to come */
	__u8 listed;   /* it is in a list */
	__u8 named;
	__u16 reserved;
	/* For user space, since it was named: */
	__u32 hash; /* of the packet that named it */
	__u32 drops;
	__u64 packets, bytes; /* sent */
	struct bq_flow_key name;
};

/* Flows in the order of service. */
struct bq_fair_list {
	bq_ref first, last; /* last is valid while there is a first */
};

#endif
