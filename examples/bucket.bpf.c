// SPDX-License-Identifier: GPL-2.0-only
/*
 * bucket: a token bucket. Packets leave at `rate`. After a pause up to `burst` bytes leave at once.
 * FIFO order.
 *
 * Tokens are time: the bucket is full when `ready` is in the past by the time of a burst at the
 * rate. It is empty when `ready` is now. A packet may leave when the bucket is not empty. It takes
 * out its length even if that is more than the content. Hence no packet is too long, and the
 * average rate is exact.
 */
#include <bqdisc/kit.bpf.h>
#include <bqdisc/ring.bpf.h>

#define NSEC_PER_SEC 1000000000ull
/* Longest sleep in ns: a change of the options does not wake the qdisc. */
#define LONGEST_SLEEP (NSEC_PER_SEC / 20)

struct bucket_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(PACKETS, "1", "100000", "1000", "most packets to hold");
	__u64 rate BQ_OPTION(RATE, "8kbit", "100gbit", "10mbit", "packets leave at that rate");
	__u64 burst BQ_OPTION(BYTES, "64", "1gb", "15kb", "bytes that may leave at once");
};

struct bucket_stats {
	__u64 enqueued BQ_COUNTER(PACKETS, "packets that were stored");
	__u64 drops_limit BQ_COUNTER(PACKETS, "packets refused because the limit was reached");
	__u64 waits BQ_COUNTER(COUNT, "times that a packet had to wait for tokens");
};

struct BQ_QDISC("a token bucket", "Packets leave at a rate, after a pause in a burst.") bucket {
	struct bq_instance id;
	struct bucket_config config[2], defaults;
	struct bucket_stats stats;
	struct bq_ring queue;
	__u64 ready; /* CLOCK_MONOTONIC, ns */
};

BQ_KIT(struct bucket)

static __always_inline int bucket_start(struct bucket *q, struct Qdisc *sch)
{
	bq_ring_init(&q->id, &q->queue);
	q->ready = 0;
	return 0;
}

static __always_inline void bucket_clear(struct bucket *q)
{
	bq_ring_purge(&q->queue);
}

/*
 * Return the time in ns of BYTES at the rate. 1 GiB at 8 kbit/s is 2^50 ns, so nothing overflows.
 */
static __always_inline u64 bucket_time(const struct bucket_config *c, u64 bytes)
{
	return bytes * 8 * 1000000 / (c->rate / 1000);
}

SEC("struct_ops")
int BPF_PROG(bucket_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct bucket *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb);

	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	if (sch->q.qlen >= bq_config(q)->limit)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	skb = bq_ring_push(&q->id, &q->queue, skb);
	if (skb)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	q->stats.enqueued++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(bucket_dequeue, struct Qdisc *sch)
{
	struct bucket *q = bq_instance_of(sch);
	u64 now = bpf_ktime_get_ns(), full, wake;
	const struct bucket_config *c;
	struct sk_buff *skb;

	if (!q || !sch->q.qlen)
		return NULL;
	c = bq_config(q);
	if (q->ready > now) {
		q->stats.waits++;
		wake = now + LONGEST_SLEEP;
		bpf_qdisc_watchdog_schedule(sch, q->ready < wake ? q->ready : wake, 0);
		return NULL;
	}
	skb = bq_ring_pop(&q->queue);
	if (!skb)
		return NULL;
	full = bucket_time(c, c->burst);
	full = full < now ? now - full : 0;
	if (q->ready < full)
		q->ready = full;
	q->ready += bucket_time(c, qdisc_pkt_len(skb));
	return bq_deliver(sch, skb);
}

BQ_KIT_OPS(bucket, "bucket");
