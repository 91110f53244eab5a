// SPDX-License-Identifier: GPL-2.0-only
/*
 * fq: fair queueing with pacing, after net/sched/sch_fq.c of Linux 7.3.
 *
 * Every connected socket is a flow; other packets are assigned to a flow by their hash. Deficit
 * round robin (DRR) serves a quantum of bytes at a time, and new flows once before old flows. A
 * packet's priority selects one of three bands, which share the device by weight. A flow is
 * throttled until its next packet is due, by time stamp, socket pacing rate or maxrate. A packet
 * that arrives while no other packet is ready bypasses classification, through the internal flow.
 *
 * Differences from the in-tree qdisc:
 * - sk_pacing_status is read-only for BPF, so TCP does not know that this qdisc paces. fq therefore
 *   paces at dequeue, by sk_pacing_rate, each TCP socket that does not pace itself. Packets of
 *   these sockets never bypass classification. fq does not pace a packet that another program has
 *   stamped with a later time.
 * - Packets without a connected socket are classified by the hash of hash.bpf.h, because the
 *   kernel's hash costs more than the rest of enqueue. Other packets collide than in-tree, but not
 *   more of them.
 * - refill_delay has a resolution of 1 ns; in-tree it is counted in jiffies.
 * - A lowered limit refuses new packets only; in-tree it also drops packets already queued.
 * - The flow table doubles on demand, up to the size reserved at attach. A packet that finds no
 *   free flow uses the internal flow, as in-tree when memory allocation fails.
 * - The number of slots is bounded: a packet is dropped if no slot is free.
 * - A queued packet is read-only, so the egress program sets ECN marks (ce_threshold) before
 *   enqueue; fq_egress.bpf.c describes the consequences.
 */
#include <bqdisc/drops.bpf.h>
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/spare.bpf.h>
#include "fq/bypass.bpf.h"
#include "fq/config.bpf.h"
#include "fq/fq_attrs.bpf.h"
#include "fq/schedule.bpf.h"

BQ_DEFINE_INSTANCES(struct fq_instance)
BQ_DEFINE_INIT(struct fq_instance)

static __always_inline const struct fq_config *fq_config_of(const struct fq_instance *q)
{
	return &q->config[bq_bank(&q->id)];
}

/* --- enqueue --- */

/* Store or drop the packet; the caller no longer owns it. */
static __always_inline int fq_store(struct fq_instance *q, struct Qdisc *sch, struct sk_buff *skb,
				    struct bpf_sk_buff_ptr *to_free, fq_flow *f,
				    struct fq_arrival *a)
{
	u32 len = qdisc_pkt_len(skb);
	bq_packet *p;
	bq_ref ref;

	if (bq_packets_are_full(&q->packets) && !bq_packets_extend(&q->id, &q->packets))
		bq_packets_grow(&q->id, &q->packets);
	skb = bq_packet_store(&q->packets, skb, &ref);
	if (skb)
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.drops_no_slot);
	p = bq_packet_at(ref);
	p->time = a->time;
	p->arrived = a->now;
	p->order = q->order++;
	p->band = a->band;
	p->flags = a->flags;
	fq_append(q, f, ref, a->time);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

static __always_inline int fq_store_internal(struct fq_instance *q, struct Qdisc *sch,
					     struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
					     struct fq_arrival *a)
{
	struct bq_front *front;

	/* Order by time. An only packet needs no time, and reading the clock is expensive. */
	if (!a->time) {
		front = bq_front_if_empty(sch);
		if (front) {
			bq_front_sample(front);
			qdisc_count_in(sch, qdisc_pkt_len(skb));
			bq_front_store(front, skb, to_free);
			return NET_XMIT_SUCCESS;
		}
		a->time = fq_now(a);
	}
	return fq_store(q, sch, skb, to_free, fq_flow_at(q->internal), a);
}

/*
 * Rates apply to packets without a time stamp, and to TCP's own stamps, which carry no departure
 * time. The socket's rate does not apply if another program spaces the packets: each then waits for
 * its own length at that program's rate. At the socket's rate, a short packet behind a 64 KiB GSO
 * packet would wait for the length of the GSO packet.
 */
static __always_inline u8 fq_flags_of(const struct sk_buff *skb, const struct fq_arrival *a)
{
	const struct sock *sk = skb->sk;

	if (!sk || !sk_is_full(sk))
		return skb->tstamp ? 0 : FQ_UNSTAMPED;
	if (!skb->tstamp)
		return FQ_UNSTAMPED | FQ_BY_SOCKET;
	if (sk_leaves_pacing_to_us(sk) && sk_stamp_is_own(sk, a->time, a->now))
		return FQ_UNSTAMPED | FQ_BY_SOCKET;
	return 0;
}

static __always_inline int fq_store_in_flow(struct fq_instance *q, const struct fq_config *c,
					    struct Qdisc *sch, struct sk_buff *skb,
					    struct bpf_sk_buff_ptr *to_free, bq_ref ref,
					    struct fq_arrival *a)
{
	fq_flow *f = fq_flow_at(ref);
	u32 len = qdisc_pkt_len(skb);
	int ret;

	if (f->qlen >= c->flow_limit && !bq_expired(&q->id)) {
		f->drops++;
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.flows_plimit);
	}
	a->flags = fq_flags_of(skb, a);
	if (f->place == FQ_DETACHED)
		fq_attach(q, c, ref, a->now);
	f->band = a->band;
	if (f->place == FQ_THROTTLED && !(a->flags & FQ_UNSTAMPED) &&
	    a->time < f->flow.wake.node.time && c->maxrate == FQ_NO_RATE)
		fq_wake_earlier(q, ref, a->time, a->now);
	ret = fq_store(q, sch, skb, to_free, f, a);
	if (ret != NET_XMIT_SUCCESS) {
		f->drops++;
		return ret;
	}
	f->backlog += len;
	q->stats.band_packets[a->band & 3]++;
	if (f->qlen == 1)
		q->stats.inactive_flows--;
	return ret;
}

SEC("struct_ops")
int BPF_PROG(fq_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct fq_instance *q = bq_instance_of(sch);
	const struct fq_config *c;
	struct fq_arrival a = {};
	bq_ref ref;

	BQ_USES_MEMORY();
	if (!q)
		return bq_spare_enqueue(sch, skb, to_free);
	bq_lengths_add(q->stats.queue_length, sch->q.qlen);
	c = fq_config_of(q);
	a.band = c->priomap[skb->priority & (FQ_PRIORITIES - 1)] & 3;
	if (q->stats.band_packets[a.band & 3] >= c->limit && !bq_expired(&q->id)) {
		fq_count_drop(q, c, skb);
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.band_drops[a.band & 3]);
	}
	if (skb->tstamp && !fq_read_stamp(q, c, skb, &a) && !bq_expired(&q->id)) {
		fq_count_drop(q, c, skb);
		return bq_drop_noted(q, sch, skb, to_free, &q->stats.horizon_drops);
	}
	if (fq_may_go_direct(q, c, sch, skb, &a)) {
		q->stats.fastpath_packets++;
		return fq_store_internal(q, sch, skb, to_free, &a);
	}
	fq_now(&a);
	if (!a.time)
		a.time = a.now;
	ref = fq_classify(q, c, skb, a.now);
	if (ref)
		return fq_store_in_flow(q, c, sch, skb, to_free, ref, &a);
	q->stats.allocation_errors++;
	return fq_store_internal(q, sch, skb, to_free, &a);
}

/* --- dequeue --- */

/* Count how long the packet that just left FRONT waited. */
static __always_inline void fq_count_front(const struct Qdisc *sch, struct bq_front *front)
{
	struct fq_instance *q = bq_instance_of(sch);

	if (q)
		bq_front_count(front, q->stats.sojourn);
}

/* Remove and return the next packet that is not in the front slot, or NULL. */
static __always_inline struct sk_buff *fq_dequeue_next(struct Qdisc *sch)
{
	struct fq_instance *q = bq_instance_of(sch);
	bq_ref ref;

	if (!q)
		return bq_spare_take_packet(sch);
	ref = fq_peek(fq_flow_at(q->internal));
	if (!ref)
		return fq_dequeue_flows(q, fq_config_of(q), sch);
	bq_times_add(q->stats.sojourn, bpf_ktime_get_ns() - bq_packet_at(ref)->arrived);
	return fq_take(q, fq_flow_at(q->internal), ref);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(fq_dequeue, struct Qdisc *sch)
{
	struct bq_front *front;
	struct sk_buff *skb;

	BQ_USES_MEMORY();
	if (!sch->q.qlen)
		return NULL;
	front = bq_front_of(sch);
	skb = bq_front_take(front);
	if (!skb)
		skb = fq_dequeue_next(sch);
	else if (!bq_front_is_counted(front))
		fq_count_front(sch, front);
	return bq_deliver(sch, skb);
}

/* --- lifecycle --- */

/* Delay of fq_grow() after a failed allocation, in ns. */
#define FQ_GROW_RETRY NSEC_PER_SEC

/* Allocate pages for flows FROM to TO of the table, with their buckets and heap entries. */
static __always_inline bool fq_populate(const struct fq_instance *q, u32 from, u32 to)
{
	bq_ref heap = q->delayed.heap.entries, buckets = q->flows.buckets, first = q->flows.first;

	return bq_populate(heap + BQ_HEAP_BYTES(from), heap + BQ_HEAP_BYTES(to)) &&
	       bq_populate(buckets + FQ_BUCKETS_BYTES(from), buckets + FQ_BUCKETS_BYTES(to)) &&
	       bq_populate(first + FQ_FLOWS_BYTES(from), first + FQ_FLOWS_BYTES(to));
}

/* Double the flow table. Runs concurrently with the qdisc, which reads `capacity`. */
static int fq_grow(void *map, int *key, void *value)
{
	struct fq_instance *q = bq_instance_at(*key);
	u32 from, to;

	if (!q)
		return 0;
	from = q->flows.capacity;
	to = from * 2 < q->id.units ? from * 2 : q->id.units;
	if (fq_populate(q, from, to)) {
		q->id.memory_held += (to - from) * FQ_FLOW_COST;
		__sync_lock_test_and_set(&q->flows.capacity, to);
	} else {
		q->retry_ns = bpf_ktime_get_ns() + FQ_GROW_RETRY;
	}
	bq_grown(&q->id);
	return 0;
}

/* Free every packet and flow. The core itself zeroes qlen and backlog. */
static __noinline void fq_clear(struct fq_instance *q)
{
	fq_flow *internal = fq_flow_at(q->internal);
	u32 i;

	bq_packets_purge(&q->packets);
	if (!q->internal)
		return;
	bq_flows_clear(&q->flows);
	bq_timers_clear(&q->delayed);
	internal->queue.head = 0;
	internal->skew_heap = 0;
	internal->qlen = 0;
	for (i = 0; i < FQ_BANDS; i++) {
		q->bands[i].fresh.first = 0;
		q->bands[i].old.first = 0;
		q->stats.band_packets[i] = 0;
	}
	q->listed = 0;
	q->stats.flows = 0;
	q->stats.inactive_flows = 0;
	q->stats.throttled_flows = 0;
	q->stats.next_wake = 0;
}

/*
 * Lay out the instance's memory. Everything in it is written before it is read. Return 0 or
 * -ENOMEM.
 */
static __always_inline int fq_lay_out(struct fq_instance *q)
{
	u32 slots = q->id.slots, flows = q->id.units;
	u32 first = flows < FQ_FIRST_FLOWS ? flows : FQ_FIRST_FLOWS;
	bq_ref memory = q->id.memory;

	q->delayed.heap.entries = memory + FQ_HEAP_AT(slots);
	q->flows.buckets = memory + FQ_BUCKETS_AT(slots, flows);
	q->flows.mask = first - 1;
	q->flows.count = first;
	q->flows.first = memory + FQ_FLOWS_AT(slots, flows);
	q->flows.capacity = first;
	q->internal = memory + FQ_INTERNAL_AT(slots);
	q->retry_ns = 0;
	bq_hash_init(&q->hash);
	q->band_nr = 0;
	q->order = 0;
	q->rested = 0;
	__builtin_memset(q->bands, 0, sizeof(q->bands));
	return bq_packets_init_first(&q->id, &q->packets, memory);
}

static __always_inline u32 fq_area_bytes(u32 slots)
{
	return BQ_PACKETS_BYTES(slots);
}

static __always_inline int fq_start(struct fq_instance *q, struct Qdisc *sch)
{
	bool pool = bq_is_pool_instance(&q->id);
	int err = pool ? bq_memory_from_pool(&q->id, FQ_POOL_BYTES, FQ_POOL_FLOWS) : 0;

	if (!err)
		err = fq_lay_out(q);
	if (err)
		return err;
	bq_grow_init(&q->id, fq_grow);
	fq_clear(q);
	err = fq_configure(q, sch);
	if (!err && pool)
		bq_pool_stock(&q->id, fq_area_bytes);
	return err;
}

/* .init and .destroy may sleep, because they allocate and free a pool instance's memory. */
SEC("struct_ops.s")
int BPF_PROG(fq_init, struct Qdisc *sch, struct nlattr *opt)
{
	int err;

	BQ_USES_MEMORY();
	err = bq_init(sch, opt, fq_read_intree, fq_start);
	return bq_init_or_spare(sch, opt, err);
}

SEC("struct_ops")
void BPF_PROG(fq_reset, struct Qdisc *sch)
{
	struct fq_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	bq_front_purge(sch);
	if (q)
		fq_clear(q);
	else
		bq_spare_reset(sch);
}

/* Clear here too: the core may skip .reset, and packets left in slots would pin the device. */
SEC("struct_ops.s")
void BPF_PROG(fq_destroy, struct Qdisc *sch)
{
	struct fq_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (!q) {
		bq_spare_destroy(sch);
		return;
	}
	bq_front_purge(sch);
	fq_clear(q);
	bq_memory_release(&q->id);
	bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops fq = {
	.enqueue = (void *)fq_enqueue,
	.dequeue = (void *)fq_dequeue,
	.init = (void *)fq_init,
	.reset = (void *)fq_reset,
	.destroy = (void *)fq_destroy,
	.id = "bq_fq",
};

char _license[] SEC("license") = "GPL";
