// SPDX-License-Identifier: GPL-2.0-only
/*
 * hfq, hierarchical fair queueing: a tree of classes that share a link, with the guarantees of
 * net/sched/sch_htb.c of Linux 7.3, matches as those of netem, and in each leaf fair queueing of
 * flows with CoDel, in one qdisc.
 *
 * A packet belongs to the leaf whose match is the first to hold, else to the default class. A class
 * gets its rate whatever others do, may borrow up to its ceil from the nearest class above it that
 * has something left, in proportion to its weight among classes of its prio, and lower prios borrow
 * first. schedule.bpf.h has the algorithm.
 *
 * A packet that finds the qdisc empty waits in the front slot. If its class may send at once, it
 * leaves without another queue.
 *
 * Differences from htb with leaf qdiscs:
 * - All bytes obey the root's rate, also those within the rate of a class. The rates of the classes
 *   below a class cannot exceed its own, so none of them is violated by that.
 * - Loans are divided by weight at each class on the way down; htb divides them at the leaf's
 *   parent only.
 * - CoDel drops packets, and does not mark them: a queued packet is read-only.
 * - A change may take HFQ_LONGEST_SLEEP to have an effect, if no packet comes.
 */
#include <bqdisc/drops.bpf.h>
#include <bqdisc/front.bpf.h>
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include "hfq/config.bpf.h"
#include "hfq/enqueue.bpf.h"
#include "hfq/link.bpf.h"
#include "hfq/sync_config.bpf.h"

/* Longest sleep in ns. A map write does not wake the qdisc, and the documented limit is 50 ms. */
#define HFQ_LONGEST_SLEEP (40 * NSEC_PER_MSEC)

BQ_DEFINE_INSTANCES(struct hfq_instance)
BQ_DEFINE_INIT(struct hfq_instance)

SEC("struct_ops")
int BPF_PROG(hfq_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct hfq_instance *q = bq_instance_of(sch);
	const struct hfq_config *c;
	struct bq_front *front;
	bq_ref leaf;

	BQ_USES_MEMORY();
	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	bq_lengths_add(q->stats.queue_length, sch->q.qlen);
	c = hfq_sync_config(q);
	leaf = hfq_classify(q, skb);
	front = c->limit ? bq_front_if_empty(sch) : NULL;
	if (!front)
		return hfq_store(q, c, sch, leaf, skb, to_free);
	bq_front_sample(front);
	q->front = leaf;
	qdisc_count_in(sch, qdisc_pkt_len(skb));
	bq_front_store(front, skb, to_free);
	return NET_XMIT_SUCCESS;
}

/* --- dequeue --- */

/* Return the time that counts for the rates at NOW. */
static __always_inline u64 hfq_time(const struct hfq_instance *q, u64 now)
{
	return bq_expired(&q->id) ? HFQ_EXPIRED : now;
}

/* Sleep until a class may send. */
static __noinline int hfq_sleep(struct hfq_instance *q, struct Qdisc *sch, u64 now)
{
	u64 time = hfq_root(q)->ceil_at, latest = now + HFQ_LONGEST_SLEEP;

	if (time <= now)
		time = bq_heap_first_time(&q->waiting);
	sch->qstats.overlimits++;
	bpf_qdisc_watchdog_schedule(sch, bq_wake_by(&q->id, time < latest ? time : latest), 0);
	return 0;
}

/* Note that a leaf has no packets. */
static __always_inline void hfq_leave(bq_ref leaf)
{
	hfq_class *class = hfq_class_at(leaf);

	class->active = 0;
	hfq_retire_all(class);
}

/* Charge the packet to the classes of CHOICE. */
static __always_inline void hfq_charge_packet(const struct hfq_config *c,
					      const struct hfq_choice *choice,
					      const struct sk_buff *skb, u64 time)
{
	u32 len = qdisc_pkt_len(skb);

	hfq_charge(choice, len, hfq_cost_of(c, skb, len), time);
}

/* Remove and return the next packet of the leaves, or NULL if none may send. */
static __always_inline struct sk_buff *hfq_pop(struct hfq_instance *q, const struct hfq_config *c,
					       struct Qdisc *sch, u64 now)
{
	struct hfq_choice choice = {};
	u64 time = hfq_time(q, now);
	struct sk_buff *skb;

	while (hfq_root(q)->ceil_at <= time && can_loop) {
		hfq_choose(q, &choice, time);
		if (!choice.leaf)
			break;
		skb = hfq_dequeue_leaf(q, c, sch, choice.leaf, now);
		if (!hfq_class_at(choice.leaf)->stats.backlog_packets)
			hfq_leave(choice.leaf);
		if (!skb)
			continue;
		hfq_charge_packet(c, &choice, skb, time);
		return skb;
	}
	if (sch->q.qlen)
		hfq_sleep(q, sch, now);
	return NULL;
}

/* Remove and return the packet of FRONT if its class may send at once. Else queue it. */
static __always_inline struct sk_buff *
hfq_pop_front(struct hfq_instance *q, const struct hfq_config *c, struct bq_front *front, u64 now)
{
	struct hfq_choice choice = {};
	u64 time = hfq_time(q, now);
	struct sk_buff *skb;

	if (!hfq_choose_only(q, q->front, time, &choice)) {
		hfq_queue_front(q, now);
		return NULL;
	}
	skb = bq_front_take(front);
	if (!skb)
		return NULL;
	if (!bq_front_is_counted(front))
		bq_front_count(front, q->stats.sojourn);
	hfq_charge_packet(c, &choice, skb, time);
	return skb;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(hfq_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb = NULL;
	const struct hfq_config *c;
	struct hfq_instance *q;
	struct bq_front *front;
	u64 now;

	BQ_USES_MEMORY();
	if (!sch->q.qlen)
		return NULL;
	q = bq_instance_of(sch);
	if (!q)
		return NULL;
	c = hfq_sync_config(q);
	now = bpf_ktime_get_ns();
	front = bq_front_of(sch);
	if (front && front->slot.skb)
		skb = hfq_pop_front(q, c, front, now);
	if (!skb)
		skb = hfq_pop(q, c, sch, now);
	return bq_deliver(sch, skb);
}

/* --- life --- */

/* Free every packet and empty every class. The core itself zeroes qlen and backlog. */
__noinline int hfq_clear(struct hfq_instance *q)
{
	u32 i, units;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	units = q->id.units;
	bq_packets_purge(&q->packets);
	if (!q->classes)
		return 0;
	bpf_for(i, 0, units)
		hfq_zero(hfq_class_nth(q, i), sizeof(struct hfq_class));
	bpf_for(i, 0, HFQ_FLOWS(units))
		hfq_zero(q->flows + i * (u32)sizeof(struct hfq_flow), sizeof(struct hfq_flow));
	hfq_sync(q, q->id.generation);
	return 0;
}

static __always_inline int hfq_start(struct hfq_instance *q, struct Qdisc *sch)
{
	u32 memory = q->id.memory, units = q->id.units;
	int err = hfq_configure(q, sch);

	/* Only user space makes trees. */
	if (err || bq_is_pool_instance(&q->id))
		return -EINVAL;
	bq_hash_init(&q->hash);
	q->rows = memory + (u32)HFQ_ROWS_AT(units);
	q->classes = memory + (u32)HFQ_CLASSES_AT(units);
	q->waiting.entries = memory + (u32)HFQ_HEAP_AT(units);
	q->flows = memory + (u32)HFQ_FLOWS_AT(units);
	q->flows_mask = HFQ_FLOWS(units) - 1;
	q->synced = q->id.generation;
	err = bq_packets_init_first(&q->id, &q->packets, memory + (u32)HFQ_PACKETS_AT(units));
	return err ? err : hfq_clear(q);
}

static __always_inline int hfq_read_intree(struct hfq_instance *q, struct nlattr *opt, u32 len)
{
	return -EINVAL;
}

/* .init and .destroy may sleep, because .init may allocate memory. */
SEC("struct_ops.s")
int BPF_PROG(hfq_init, struct Qdisc *sch, struct nlattr *opt)
{
	BQ_USES_MEMORY();
	return bq_init(sch, opt, hfq_read_intree, hfq_start);
}

SEC("struct_ops")
void BPF_PROG(hfq_reset, struct Qdisc *sch)
{
	struct hfq_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (!q)
		return;
	bq_front_purge(sch);
	hfq_clear(q);
}

/* Clear here too: the core may skip .reset, and packets left in slots would pin the device. */
SEC("struct_ops.s")
void BPF_PROG(hfq_destroy, struct Qdisc *sch)
{
	struct hfq_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (!q)
		return;
	bq_front_purge(sch);
	hfq_clear(q);
	bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops hfq = {
	.enqueue = (void *)hfq_enqueue,
	.dequeue = (void *)hfq_dequeue,
	.init = (void *)hfq_init,
	.reset = (void *)hfq_reset,
	.destroy = (void *)hfq_destroy,
	.id = "bq_hfq",
};

char _license[] SEC("license") = "GPL";
