// SPDX-License-Identifier: GPL-2.0-only
/*
 * prio8: strict priority with 8 bands. A packet's priority (SO_PRIORITY, or set by a tc filter)
 * selects its band. Band 7 is the most urgent; higher priorities count as 7. A band is served only
 * while all higher bands are empty. Each has its own limit, so that lower bands cannot block it.
 */
#include <bqdisc/fifo.bpf.h>
#include <bqdisc/kit.bpf.h>

#define BANDS 8
#define BAND_LIMIT_MAX 4096

struct prio8_config {
	__u64 set_mask;
	__u64 band_limit BQ_OPTION(PACKETS, "1", "4096", "1000", "most packets to hold in a band");
};

struct prio8_stats {
	__u64 enqueued[BANDS] BQ_COUNTER(PACKETS, "packets stored, for each band");
	__u64 drops_band[BANDS] BQ_COUNTER(PACKETS, "packets refused by a full band, for each");
	__u64 drops_no_slot BQ_COUNTER(PACKETS, "packets refused because no slot was free");
};

struct BQ_QDISC("strict priority, 8 bands",
		"Band 7 is served before band 6, and so on to 0.") prio8 {
	struct bq_instance id;
	struct prio8_config config[2], defaults;
	struct prio8_stats stats;
	BQ_NEEDS(BANDS *BAND_LIMIT_MAX, sizeof(struct bq_packet), 0, 0);
	struct bq_packets packets;
	struct bq_fifo bands[BANDS];
};

BQ_KIT(struct prio8)

static __always_inline int prio8_start(struct prio8 *q, struct Qdisc *sch)
{
	bq_packets_init(&q->id, &q->packets, q->id.memory);
	__builtin_memset(q->bands, 0, sizeof(q->bands));
	return 0;
}

static __always_inline void prio8_clear(struct prio8 *q)
{
	bq_packets_purge(&q->packets);
	__builtin_memset(q->bands, 0, sizeof(q->bands));
}

SEC("struct_ops")
int BPF_PROG(prio8_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct prio8 *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb), band = skb->priority;

	BQ_USES_MEMORY();
	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	band = (band < BANDS ? band : BANDS - 1) & (BANDS - 1);
	if (q->bands[band].packets >= bq_config(q)->band_limit)
		return bq_drop(sch, skb, to_free, &q->stats.drops_band[band]);
	skb = bq_fifo_push(&q->packets, &q->bands[band], skb);
	if (skb)
		return bq_drop(sch, skb, to_free, &q->stats.drops_no_slot);
	q->stats.enqueued[band]++;
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(prio8_dequeue, struct Qdisc *sch)
{
	struct prio8 *q = bq_instance_of(sch);
	int band;

	BQ_USES_MEMORY();
	if (!q)
		return NULL;
	for (band = BANDS - 1; band >= 0; band--)
		if (q->bands[band].head)
			return bq_deliver(sch, bq_fifo_pop(&q->packets, &q->bands[band]));
	return NULL;
}

BQ_KIT_OPS_MEMORY(prio8, "prio8");
