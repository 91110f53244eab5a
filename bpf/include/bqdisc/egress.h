/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structs shared by an egress program, its qdisc and user space.
 *
 * An egress program runs on the egress hook (tcx) of a device that carries a bqdisc qdisc. It does
 * work that a qdisc program cannot: see egress.bpf.h. One program serves all instances of a kind.
 * bq_instance.egress enables both sides: while it holds a key, the program works and writes the key
 * into its verdicts, and the qdisc accepts verdicts with this key.
 */
#ifndef BQDISC_EGRESS_H
#define BQDISC_EGRESS_H

#include <linux/types.h>

/* Number of hints, a power of two. With the rest of the state they fill no more than a page. */
#define BQ_EGRESS_HINTS 512

/* State of the egress program of a kind: its whole data section. */
struct bq_egress {
	__u64 program; /* kernel address of the program with prog_id; 0: not read yet */
	__u32 prog_id; /* its own, to find its position on the hook */
	/* Indices of instances, at places that the addresses of their devices give. */
	__u32 hints[BQ_EGRESS_HINTS];
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
