/* SPDX-License-Identifier: GPL-2.0-only */
/* A qdisc with all types of options and counters. Each bad_ object breaks one part of it. */
#ifndef GOOD_BPF_H
#define GOOD_BPF_H

#include <bqdisc/kit.bpf.h>
#include <bqdisc/ring.bpf.h>

#ifndef GOOD_OPTION
#define GOOD_OPTION __u64 limit BQ_OPTION(PACKETS, "1", "100000", "1000", "most packets to hold")
#endif
#ifndef GOOD_COUNTER
#define GOOD_COUNTER __u64 stored BQ_COUNTER(PACKETS, "packets that were stored")
#endif
#ifndef GOOD_BANKS
#define GOOD_BANKS struct good_config config[2], defaults
#endif
#ifndef GOOD_MORE
#define GOOD_MORE
#endif
#ifndef GOOD_ID
#define GOOD_ID "good"
#endif

struct good_config {
	__u64 set_mask;
	GOOD_OPTION;
	__u64 size BQ_OPTION(BYTES, "0", "1mb", "15kb", "a size");
	__u64 pause BQ_OPTION(TIME, "0ns", "10s", "1.5ms", "a time");
	__u64 rate BQ_OPTION(RATE, "8bit", "100gbit", "10mbit", "a rate");
	__u64 tries BQ_OPTION(COUNT, "2", "9", "3", "a number");
	__u64 spare BQ_OPTION(FLAG, "0", "1", "1", "a choice");
};

struct good_stats {
	GOOD_COUNTER;
	__u64 lengths[8] BQ_COUNTER(PACKETS, "packets by length");
	__u64 last_seen BQ_COUNTER(TIME, "a time");
	__u64 untold;
};

struct BQ_QDISC("a qdisc for tests", "It says what it was told.") good {
	struct bq_instance id;
	GOOD_BANKS;
	struct good_stats stats;
	GOOD_MORE
	struct bq_ring queue;
};

BQ_KIT(struct good)

static __always_inline int good_start(struct good *q, struct Qdisc *sch)
{
	bq_ring_init(&q->id, &q->queue);
	return 0;
}

static __always_inline void good_clear(struct good *q)
{
	bq_ring_purge(&q->queue);
}

SEC("struct_ops")
int BPF_PROG(good_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct good *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb);

	if (q)
		skb = bq_ring_push(&q->id, &q->queue, skb);
	if (skb) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(good_dequeue, struct Qdisc *sch)
{
	struct good *q = bq_instance_of(sch);
	struct sk_buff *skb = q ? bq_ring_pop(&q->queue) : NULL;

	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

BQ_KIT_OPS(good, GOOD_ID);

#endif
