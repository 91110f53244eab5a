/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header that every BPF qdisc includes: the five operations, the kernel's constants, and
 * helpers for a packet's length, the core's counters and addresses.
 *
 * All five operations are mandatory:
 *   enqueue(skb, sch, to_free)  owns skb: stores or drops it on every path
 *   dequeue(sch)                removes a packet from a queue and returns it, or NULL
 *   init(sch, opt)              0 or a negative errno; opt is untrusted and may be NULL
 *   reset(sch)                  frees every packet; may run on state that init never touched
 *   destroy(sch)                releases the state; likewise
 *
 * Guarantees: drops are counted as the core counts them. Cost: a few loads and stores.
 */
#ifndef BQDISC_QDISC_BPF_H
#define BQDISC_QDISC_BPF_H

#include <bqdisc/kernel.bpf.h>

#define NET_XMIT_SUCCESS 0
#define NET_XMIT_DROP 1
/* Congestion notification: this packet was stored, another one was dropped for it. */
#define NET_XMIT_CN 2

/*
 * Return the packet's length on the wire in bytes, as the core estimated it (size table, GSO
 * headers).
 */
static __always_inline u32 qdisc_pkt_len(const struct sk_buff *skb)
{
	/* The first member of struct qdisc_skb_cb, which one load reads. */
	return *(const u32 *)skb->cb;
}

/* Count a stored packet. The core reads q.qlen to detect pending packets, and dumps both. */
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

/* Drop a packet in enqueue, counted as the core counts it. */
static __always_inline void qdisc_drop(struct Qdisc *sch, struct sk_buff *skb,
				       struct bpf_sk_buff_ptr *to_free)
{
	sch->qstats.drops++;
	bpf_qdisc_skb_drop(skb, to_free);
}

/* Return an address as a number, through SCRATCH: the verifier forbids arithmetic on pointers. */
static __always_inline u64 bq_address(u64 *scratch, const void *pointer)
{
	*(volatile u64 *)scratch = (u64)pointer;
	return *(volatile u64 *)scratch;
}

#endif
