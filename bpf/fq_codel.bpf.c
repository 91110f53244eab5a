// SPDX-License-Identifier: GPL-2.0-only
/*
 * fq_codel: fair queueing of flows, each with CoDel, after net/sched/sch_fq_codel.c of Linux 7.3
 * (RFC 8290).
 *
 * A packet's hash selects its flow, or its priority does, if that is a class of the qdisc. Deficit
 * round robin (DRR) serves a quantum of bytes at a time, and new flows once before old flows. CoDel
 * drops packets at the head of a flow whose packets wait for too long (codel.bpf.h). A packet
 * beyond limit or memory_limit makes the flow with the largest backlog drop up to half of that. A
 * packet that finds the qdisc empty bypasses the flows, as the core bypasses the in-tree qdisc.
 *
 * Differences from the in-tree qdisc:
 * - Packets are classified by the hash of hash.bpf.h, because the kernel's hash costs more than the
 *   rest of enqueue. Other packets collide than in-tree, but not more of them.
 * - There are no filters, as a BPF qdisc has no classes. A tc program can set the priority.
 * - A queued packet is read-only, so CoDel cannot mark it. fq_codel_egress.bpf.c marks the next
 *   packet that arrives in its flow. Without an egress program such packets are dropped.
 * - A lowered limit drops packets when the next one arrives; in-tree it does at once.
 * - The number of flows can change, up to that of attach. The packets of a flow may then pass
 *   others of the same connection once.
 * - The number of slots is bounded: a packet is dropped if no slot is free.
 */
#include <bqdisc/codel.bpf.h>
#include <bqdisc/drops.bpf.h>
#include <bqdisc/front.bpf.h>
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/spare.bpf.h>
#include "fq_codel/flow.bpf.h"
#include "fq_codel/fq_codel_attrs.bpf.h"
#include "fq_codel/schedule.bpf.h"

BQ_DEFINE_INSTANCES(struct fq_codel_instance)
BQ_DEFINE_INIT(struct fq_codel_instance)

static __always_inline const struct fq_codel_config *
fq_codel_config_of(const struct fq_codel_instance *q)
{
	return &q->config[bq_bank(&q->id)];
}

/* --- enqueue --- */

/* Return the packet's flow. Name the flow if it is idle, and was last used by another hash. */
static __always_inline bq_ref fq_codel_classify(struct fq_codel_instance *q,
						const struct fq_codel_config *c,
						struct sk_buff *skb)
{
	u32 flows = fq_codel_flows(q, c), n = fq_codel_class_of(q, skb->priority, flows);
	u32 hash = n ? n : bq_hash_of(&q->hash, skb);
	bq_ref ref = fq_codel_flow_of(q, n, hash, flows);
	bq_fair_flow *f = bq_fair_at(ref);

	if (!f->listed && (!f->named || f->hash != hash))
		bq_fair_name(ref, skb, hash);
	return ref;
}

/*
 * Drop packets of the flow with the largest backlog: up to drop_batch, and up to half of the
 * backlog. Return that flow.
 */
static __noinline bq_ref fq_codel_drop_fat(struct fq_codel_instance *q, struct Qdisc *sch,
					   struct bpf_sk_buff_ptr *to_free, u32 batch)
{
	struct fq_codel_fat fat = fq_codel_find_fat(q);
	bq_fair_flow *f = bq_fair_at(fat.ref);
	u32 len, dropped = 0, bytes = 0;
	struct sk_buff *skb;

	if (!fat.ref)
		return 0;
	do {
		if (!f->queue.head)
			break;
		skb = fq_codel_take(q, f);
		if (!skb)
			break;
		len = qdisc_pkt_len(skb);
		bytes += len;
		dropped++;
		qdisc_count_out(sch, len);
		bq_drop_noted(q, sch, skb, to_free, &q->stats.drop_overlimit);
	} while (dropped < batch && bytes < fat.backlog / 2 && can_loop);
	f->drops += dropped;
	f->codel.count += dropped;
	return fat.ref;
}

/* Drop packets after one of flow REF was stored beyond a limit. Return the value for enqueue. */
static __always_inline int fq_codel_shrink(struct fq_codel_instance *q, struct Qdisc *sch,
					   struct bpf_sk_buff_ptr *to_free, bq_ref ref, u32 batch,
					   bool over_memory)
{
	u64 before = q->stats.drop_overlimit;
	bq_ref fat = fq_codel_drop_fat(q, sch, to_free, batch);

	if (over_memory)
		q->stats.drop_overmemory += q->stats.drop_overlimit - before;
	return fat == ref ? NET_XMIT_CN : NET_XMIT_SUCCESS;
}

/* Store or drop the packet; the caller no longer owns it. */
static __always_inline int fq_codel_store(struct fq_codel_instance *q,
					  const struct fq_codel_config *c, struct Qdisc *sch,
					  struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free)
{
	bq_ref packet, ref = fq_codel_classify(q, c, skb);
	u32 len = qdisc_pkt_len(skb), memory = bq_fair_memory_of(skb);
	bq_fair_flow *f = bq_fair_at(ref);
	bool over_memory;
	bq_packet *p;

	if (bq_packets_are_full(&q->packets) && !bq_packets_extend(&q->id, &q->packets))
		bq_packets_grow(&q->id, &q->packets);
	skb = bq_packet_store(&q->packets, skb, &packet);
	if (skb) {
		f->drops++;
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_no_slot);
	}
	p = bq_packet_at(packet);
	p->arrived = bpf_ktime_get_ns();
	p->left = len;
	p->order = memory;
	fq_codel_put(q, sch, f, packet);
	fq_codel_enlist(q, ref, c->quantum);
	over_memory = q->stats.memory_used > c->memory_limit;
	if ((sch->q.qlen <= c->limit && !over_memory) || bq_expired(&q->id))
		return NET_XMIT_SUCCESS;
	return fq_codel_shrink(q, sch, to_free, ref, c->drop_batch, over_memory);
}

SEC("struct_ops")
int BPF_PROG(fq_codel_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	struct fq_codel_instance *q = bq_instance_of(sch);
	const struct fq_codel_config *c;
	struct bq_front *front;

	BQ_USES_MEMORY();
	if (!q)
		return bq_spare_enqueue(sch, skb, to_free);
	bq_lengths_add(q->stats.queue_length, sch->q.qlen);
	c = fq_codel_config_of(q);
	front = c->limit ? bq_front_if_empty(sch) : NULL;
	if (!front)
		return fq_codel_store(q, c, sch, skb, to_free);
	bq_front_sample(front);
	qdisc_count_in(sch, qdisc_pkt_len(skb));
	bq_front_store(front, skb, to_free);
	return NET_XMIT_SUCCESS;
}

/* --- dequeue --- */

/* Count how long the packet that just left FRONT waited. */
static __always_inline void fq_codel_count_front(const struct Qdisc *sch, struct bq_front *front)
{
	struct fq_codel_instance *q = bq_instance_of(sch);

	if (q)
		bq_front_count(front, q->stats.sojourn);
}

/* Remove and return the next packet that is not in the front slot, or NULL. */
static __always_inline struct sk_buff *fq_codel_dequeue_next(struct Qdisc *sch)
{
	struct fq_codel_instance *q = bq_instance_of(sch);

	return q ? fq_codel_dequeue_flows(q, fq_codel_config_of(q), sch)
		 : bq_spare_take_packet(sch);
}

/*
 * Remove the flows from their lists when the core finds the qdisc empty, as in-tree, so that a flow
 * is new again with its next packet. Return NULL.
 */
static __always_inline struct sk_buff *fq_codel_retire_all(struct Qdisc *sch)
{
	struct fq_codel_instance *q = bq_instance_of(sch);

	if (!q || (!q->fresh.first && !q->old.first))
		return NULL;
	return fq_codel_dequeue_flows(q, fq_codel_config_of(q), sch);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(fq_codel_dequeue, struct Qdisc *sch)
{
	struct bq_front *front;
	struct sk_buff *skb;

	BQ_USES_MEMORY();
	if (!sch->q.qlen)
		return fq_codel_retire_all(sch);
	front = bq_front_of(sch);
	skb = bq_front_take(front);
	if (!skb)
		skb = fq_codel_dequeue_next(sch);
	else if (!bq_front_is_counted(front))
		fq_codel_count_front(sch, front);
	return bq_deliver(sch, skb);
}

/* --- lifecycle --- */

/* Free every packet and empty every flow. The core itself zeroes qlen and backlog. */
static __noinline void fq_codel_clear(struct fq_codel_instance *q)
{
	u64 __arena *words = bq_at(u64, q->flows);
	u32 i;

	bq_packets_purge(&q->packets);
	if (!q->flows)
		return;
	bpf_for(i, 0, q->id.units * (u32)(sizeof(struct bq_fair_flow) / sizeof(u64)))
		words[i] = 0;
	q->fresh.first = 0;
	q->old.first = 0;
	q->marks = 0;
	q->stats.memory_used = 0;
	q->stats.new_flows_len = 0;
	q->stats.old_flows_len = 0;
}

static __always_inline u32 fq_codel_area_bytes(u32 slots)
{
	return BQ_PACKETS_BYTES(slots);
}

static __always_inline int fq_codel_start(struct fq_codel_instance *q, struct Qdisc *sch)
{
	bool pool = bq_is_pool_instance(&q->id);
	int err =
		pool ? bq_memory_from_pool(&q->id, FQ_CODEL_POOL_BYTES, FQ_CODEL_DEFAULT_FLOWS) : 0;

	if (err)
		return err;
	bq_hash_init(&q->hash);
	q->flows = q->id.memory + FQ_CODEL_FLOWS_AT(q->id.slots);
	err = bq_packets_init_first(&q->id, &q->packets, q->id.memory);
	if (err)
		return err;
	fq_codel_clear(q);
	err = fq_codel_configure(q, sch);
	if (!err && pool)
		bq_pool_stock(&q->id, fq_codel_area_bytes);
	return err;
}

/* .init and .destroy may sleep, because they allocate and free a pool instance's memory. */
SEC("struct_ops.s")
int BPF_PROG(fq_codel_init, struct Qdisc *sch, struct nlattr *opt)
{
	int err;

	BQ_USES_MEMORY();
	err = bq_init(sch, opt, fq_codel_read_intree, fq_codel_start);
	return bq_init_or_spare(sch, opt, err);
}

SEC("struct_ops")
void BPF_PROG(fq_codel_reset, struct Qdisc *sch)
{
	struct fq_codel_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	bq_front_purge(sch);
	if (q)
		fq_codel_clear(q);
	else
		bq_spare_reset(sch);
}

/* Clear here too: the core may skip .reset, and packets left in slots would pin the device. */
SEC("struct_ops.s")
void BPF_PROG(fq_codel_destroy, struct Qdisc *sch)
{
	struct fq_codel_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (!q) {
		bq_spare_destroy(sch);
		return;
	}
	bq_front_purge(sch);
	fq_codel_clear(q);
	bq_memory_release(&q->id);
	bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops fq_codel = {
	.enqueue = (void *)fq_codel_enqueue,
	.dequeue = (void *)fq_codel_dequeue,
	.init = (void *)fq_codel_init,
	.reset = (void *)fq_codel_reset,
	.destroy = (void *)fq_codel_destroy,
	.id = "bq_fq_codel",
};

char _license[] SEC("license") = "GPL";
