/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one header a BPF qdisc includes: the five operations, the kernel's constants, and small words
 * for what every qdisc does with a packet's length, with the core's counters and with addresses.
 *
 * All five operations are mandatory:
 *   enqueue(skb, sch, to_free)  owns skb: stores or drops it on every path
 *   dequeue(sch)                hands back a packet it took out of a queue, or NULL
 *   init(sch, opt)              0 or a negative errno; opt is untrusted and may be NULL
 *   reset(sch)                  frees every packet; may run on state that init never touched
 *   destroy(sch)                gives the state back; likewise
 *
 * Guarantees: what is dropped here is counted as the core counts it. Cost: a few loads and stores.
 */
#ifndef BQDISC_QDISC_BPF_H
#define BQDISC_QDISC_BPF_H

#include <bqdisc/kernel.bpf.h>

#define NET_XMIT_SUCCESS 0
#define NET_XMIT_DROP 1
/* Congestion notification: this packet was taken, another one was dropped for it. */
#define NET_XMIT_CN 2

/* Length of a packet on the wire in bytes, as the core estimated it (size table, GSO headers). */
static __always_inline u32 qdisc_pkt_len(const struct sk_buff *skb)
{
	return ((const struct qdisc_skb_cb *)skb->cb)->pkt_len;
}

/* The core reads q.qlen to know whether there is something to send, and dumps both. */
static __always_inline void qdisc_count_in(struct Qdisc *sch, u32 len)
{
	sch->q.qlen++;
	sch->qstats.backlog += len;
}

static __always_inline void qdisc_count_out(struct Qdisc *sch, u32 len)
{
	sch->q.qlen--;
	sch->qstats.backlog -= len;
}

/* Drops a packet in enqueue, counted as the core counts it. */
static __always_inline void qdisc_drop(struct Qdisc *sch, struct sk_buff *skb,
				       struct bpf_sk_buff_ptr *to_free)
{
	sch->qstats.drops++;
	bpf_qdisc_skb_drop(skb, to_free);
}

/* An address as a number, by way of SCRATCH: the verifier lets no pointer be reckoned with. */
static __always_inline u64 bq_address(u64 *scratch, const void *pointer)
{
	*(volatile u64 *)scratch = (u64)pointer;
	return *(volatile u64 *)scratch;
}

#endif
