// SPDX-License-Identifier: GPL-2.0-only
/*
 * edt: earliest departure time (carousel: A. Saeed et al., SIGCOMM 2017). A packet leaves at its
 * time stamp, written by its sender (SO_TXTIME, CLOCK_MONOTONIC) or a tc-bpf program. A packet
 * without a stamp leaves at once, after the packets that are due. The program that stamps does the
 * pacing.
 */
#include <bqdisc/kit.bpf.h>
#include <bqdisc/tfifo.bpf.h>

#define LONGEST_SLEEP 50000000ull /* ns: a change of the options does not wake the qdisc */

struct edt_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(PACKETS, "1", "100000", "10000", "most packets to hold");
	__u64 horizon BQ_OPTION(TIME, "1ms", "1h", "2s", "a packet that is due later is dropped");
	__u64 slack BQ_OPTION(TIME, "0ns", "10ms", "10us", "how late a timer may be");
};

struct edt_stats {
	__u64 enqueued BQ_COUNTER(PACKETS, "packets that were stored");
	__u64 drops_limit BQ_COUNTER(PACKETS, "packets refused because the limit was reached");
	__u64 drops_horizon BQ_COUNTER(PACKETS, "packets refused as due beyond the horizon");
	__u64 late[BQ_TIMES] BQ_HISTOGRAM(TIME, "how late packets left");
};

struct BQ_QDISC("earliest departure time", "Packets leave at their time stamps.") edt {
	struct bq_instance id;
	struct edt_config config[2], defaults;
	struct edt_stats stats;
	BQ_NEEDS(0, sizeof(struct bq_packet) + sizeof(struct bq_heap_entry), 1, BQ_HEAP_BYTES(0));
	struct bq_packets packets;
	struct bq_tfifo queue; /* ordered by time */
};

BQ_KIT(struct edt)

/* Place the heap's array after the packets' records. */
static __always_inline int edt_start(struct edt *q, struct Qdisc *sch)
{
	bq_packets_init(&q->id, &q->packets, q->id.memory);
	bq_tfifo_init(&q->queue, q->id.memory + q->id.slots * (u32)sizeof(struct bq_packet));
	return 0;
}

static __always_inline void edt_clear(struct edt *q)
{
	bq_packets_purge(&q->packets);
	if (q->queue.heap.entries)
		bq_tfifo_clear(&q->queue);
}

SEC("struct_ops")
int BPF_PROG(edt_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	u64 now = bpf_ktime_get_ns(), time = skb->tstamp;
	struct edt *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb);
	bq_ref ref;

	BQ_USES_MEMORY();
	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	if (sch->q.qlen >= bq_config(q)->limit)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	if (time < now)
		time = now;
	if (time > now + bq_config(q)->horizon)
		return bq_drop(sch, skb, to_free, &q->stats.drops_horizon);
	skb = bq_packet_store(&q->packets, skb, &ref);
	if (skb)
		return bq_drop(sch, skb, to_free, &q->stats.drops_limit);
	bq_packet_at(ref)->time = time;
	bq_tfifo_add(&q->queue, ref);
	q->stats.enqueued++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(edt_dequeue, struct Qdisc *sch)
{
	struct edt *q = bq_instance_of(sch);
	u64 now = bpf_ktime_get_ns(), due;
	bq_ref ref;

	BQ_USES_MEMORY();
	ref = q ? bq_tfifo_first(&q->queue) : 0;
	if (!ref)
		return NULL;
	due = bq_packet_at(ref)->time;
	if (due > now) {
		if (due > now + LONGEST_SLEEP)
			due = now + LONGEST_SLEEP;
		bpf_qdisc_watchdog_schedule(sch, due, bq_config(q)->slack);
		return NULL;
	}
	bq_times_add(q->stats.late, now - due);
	bq_tfifo_remove(&q->queue, ref);
	return bq_deliver(sch, bq_packet_take(&q->packets, ref));
}

BQ_KIT_OPS_MEMORY(edt, "edt");
