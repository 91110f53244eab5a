/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an egress program, the qdisc beside which it works, and user space agree on.
 *
 * An egress program is a program on the egress hook (tcx) of a device that carries one of our
 * qdiscs. It does what a qdisc program cannot: see egress.bpf.h. The word `egress program` of the
 * instance switches both: while it holds the egress program's key, the egress program works and the
 * qdisc believes the words that it sends.
 */
#ifndef BQDISC_EGRESS_H
#define BQDISC_EGRESS_H

#include <linux/types.h>

/* An egress program's state: the whole of its data section. */
struct bq_egress {
	__u64 key;       /* random; what the instance's word must be */
	__u32 index;     /* of the instance; of several, the lowest */
	__u32 prog_id;   /* its own, to see whether it is the first on the hook */
	__u32 instances; /* how many it works for: under an mq, one for each queue */
	__u32 reserved;
	__u64 program; /* where the kernel has it: what prog_id was found in; 0: not looked yet */
};

/*
 * What an egress program tells the qdisc of a packet, in the five words that __sk_buff calls cb and
 * struct qdisc_skb_cb data. Any program may write there: hence the key.
 */
struct bq_verdict {
	__u32 key[2];
	__u32 verdict[3]; /* what they mean is between the qdisc and its egress program */
};

#endif
