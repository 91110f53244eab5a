/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a companion, the qdisc beside which it works, and user space agree on.
 *
 * A companion is a program on the egress hook (tcx) of a device that carries one of our qdiscs. It
 * does what a qdisc program cannot: see companion.bpf.h. The word `companion` of the instance
 * switches both: while it holds the companion's key, the companion works and the qdisc believes
 * the words that it sends.
 */
#ifndef BQDISC_COMPANION_H
#define BQDISC_COMPANION_H

#include <linux/types.h>

/* A companion's state: the whole of its data section. */
struct bq_companion {
	__u64 key;       /* random; what the instance's word must be */
	__u32 index;     /* of the instance; of several, the lowest */
	__u32 prog_id;   /* its own, to see whether it is the first on the hook */
	__u32 instances; /* how many it works for: under an mq, one for each queue */
	__u32 reserved;
	__u64 program; /* where the kernel has it: what prog_id was found in; 0: not looked yet */
};

/*
 * What a companion tells the qdisc of a packet, in the five words that __sk_buff calls cb and
 * struct qdisc_skb_cb data. Any program may write there: hence the key.
 */
struct bq_word {
	__u32 key[2];
	__u32 verdict[3]; /* what they mean is between the qdisc and its companion */
};

#endif
