/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structs shared by an egress program, its qdisc and user space.
 *
 * An egress program runs on the egress hook (tcx) of a device that carries a bqdisc qdisc. It does
 * work that a qdisc program cannot: see egress.bpf.h. bq_instance.egress enables both sides: while
 * it holds the egress program's key, the program works and the qdisc accepts its verdicts.
 */
#ifndef BQDISC_EGRESS_H
#define BQDISC_EGRESS_H

#include <linux/types.h>

/* State of an egress program: its whole data section. */
struct bq_egress {
	__u64 key;       /* random; must equal bq_instance.egress */
	__u32 index;     /* of the instance; of several, the lowest */
	__u32 prog_id;   /* its own, to find its position on the hook */
	__u32 instances; /* number of instances; one for each queue of an mq */
	__u32 reserved;
	__u64 program; /* kernel address of the program with prog_id; 0: not read yet */
};

/*
 * Verdict on a packet, in the five words that __sk_buff calls cb and struct qdisc_skb_cb calls
 * data. Any program may write there, so the key authenticates it.
 */
struct bq_verdict {
	__u32 key[2];
	__u32 verdict[3]; /* meaning defined by the qdisc and its egress program */
};

#endif
