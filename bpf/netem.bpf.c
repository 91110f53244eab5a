// SPDX-License-Identifier: GPL-2.0-only
/*
 * netem: network emulation, after net/sched/sch_netem.c of Linux 7.3. Packets wait in one queue
 * ordered by departure time, which is drawn for each packet. netem/model.h makes the random
 * decisions.
 *
 * A rule in the instance's memory holds the impairments of its packets and the state of its random
 * numbers. The next enqueue or dequeue applies a changed configuration (netem/sync_config.bpf.h).
 */
#define BQ_HEAP_PLACES 0

#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/spare.bpf.h>
#include <bqdisc/tfifo.bpf.h>
#include <bqdisc/verdict.bpf.h>
#include "netem/sync_config.bpf.h"
#include "netem/lock.bpf.h"
#include "netem/netem_attrs.bpf.h"
#include "netem/packet.bpf.h"
#include "netem/verdict.h"
#include "netem/rules.bpf.h"
#include "netem/time_slots.bpf.h"
#include "netem/trace.bpf.h"

/* Longest sleep in ns. A map write does not wake the qdisc, and the documented limit is 50 ms. */
#define NETEM_LONGEST_SLEEP (40 * NSEC_PER_MSEC)

/*
 * Coalescing half-window in ns: packets due within twice this time share one wake-up. A timer and a
 * wake-up cost more than sending several packets. The timer covers the second half; a dequeue in
 * the first half sends the packets on time.
 */
#define NETEM_TOGETHER 5000

/* Longest holding time that the histogram tells from longer ones, in units of 2^10 ns. */
#define NETEM_LONGEST_COUNTED ((1u << (NETEM_DELAY_BUCKETS - 1)) - 1)

BQ_DEFINE_INSTANCES(struct netem_instance)
BQ_DEFINE_INIT(struct netem_instance)

/* Drop a packet and count it in REASON, a counter of struct netem_stats. */
static __always_inline int netem_drop(struct Qdisc *sch, struct sk_buff *skb,
				      struct bpf_sk_buff_ptr *to_free, u64 *reason)
{
	++*reason;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

/* --- enqueue --- */

/* Decisions about an arriving packet. */
struct netem_arrival {
	u64 now, time; /* ns */
	u32 rule;
	bool reordered_list; /* it leaves before all queued packets */
	bool bypass;         /* no rule matches it */
};

static __always_inline void netem_push_ahead(struct netem_instance *q, struct Qdisc *sch,
					     bq_ref ref)
{
	bq_packet_at(ref)->next = q->reordered_list;
	q->reordered_list = ref;
	q->stats.reordered++;
	sch->qstats.requeues++;
}

/*
 * Switch to the slots, heap and wheel that the instance was given since. Called when all slots are
 * in use. Global, as netem_adopt_rule() is.
 */
__noinline int netem_grow(struct netem_instance *q)
{
	struct bq_packets_part *part;
	u32 newest, slots;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	newest = q->packets.last;
	bq_packets_grow(&q->id, &q->packets);
	if (q->packets.last == newest)
		return 0;
	part = bq_packets_part(&q->packets, q->packets.last);
	slots = part->capacity;
	bq_tfifo_use(&q->queue, part->first + NETEM_GROWN_HEAP_AT(slots),
		     part->first + NETEM_GROWN_WHEEL_AT(slots), BQ_WHEEL_BUCKETS(slots));
	return 0;
}

/* Store or drop the packet; the caller no longer owns it. */
static __always_inline int netem_store(struct netem_instance *q, struct Qdisc *sch,
				       struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
				       const struct netem_arrival *a)
{
	u32 len = qdisc_pkt_len(skb);
	netem_packet *p;
	bq_ref ref;

	if (bq_packets_are_full(&q->packets))
		netem_grow(q);
	skb = bq_packet_store(&q->packets, skb, &ref);
	if (skb)
		return netem_drop(sch, skb, to_free, &q->stats.drops_no_slot);
	p = netem_packet_at(ref);
	p->time = a->time;
	p->arrived = a->now;
	p->len = len;
	p->rule = a->rule;
	if (a->reordered_list)
		netem_push_ahead(q, sch, ref);
	else if (a->bypass)
		netem_push_through(q, ref);
	else
		bq_tfifo_add(&q->queue, ref);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

/* Return true if the packet passes the link of a trace. */
static __always_inline bool netem_is_traced(const struct netem_instance *q,
					    const struct netem_arrival *a)
{
	return q->trace && !a->rule;
}

/* Return the lock of the random numbers if the egress program draws too, else NULL. */
static __always_inline struct bpf_spin_lock *netem_lock(const struct netem_instance *q,
							const struct Qdisc *sch)
{
	struct netem_lock *lock = q->written ? netem_lock_of(sch->limit) : NULL;

	return lock ? &lock->lock : NULL;
}

/*
 * Find the packet's rule and whether the packet is lost, from the egress program's verdict or from
 * the qdisc's own model.
 */
static __always_inline bool netem_judge(struct netem_instance *q, struct Qdisc *sch,
					struct sk_buff *skb, u32 *rule)
{
	const struct bq_verdict *word = q->written ? bq_verdict_read(&q->id, skb) : NULL;
	struct bpf_spin_lock *lock;
	netem_rule *r;
	bool lost;

	if (word && word->verdict[0] & NETEM_DECIDED) {
		*rule = word->verdict[1];
		return word->verdict[0] & NETEM_LOST;
	}
	if (q->classify)
		*rule = netem_rule_of(skb, q->rules, q->n_rules);
	if (*rule >= q->n_rules)
		return false;
	r = netem_rule_at(q, *rule);
	lock = netem_lock(q, sch);
	if (lock)
		bpf_spin_lock(lock);
	lost = netem_loses(&r->what, &r->state);
	if (lock)
		bpf_spin_unlock(lock);
	return lost;
}

/* Count the packet for its rule. A single rule needs no counter: the core counts its packets. */
static __always_inline void netem_count(struct netem_instance *q, u32 rule, u32 len)
{
	struct netem_rule_stats *s = &q->rule_stats[rule % NETEM_RULES];

	if (!q->classify)
		return;
	s->packets++;
	s->bytes += len;
}

/* Draw whether the packet is reordered, and if not its departure time, counted from FROM. */
static __always_inline s64 netem_draw_time(netem_rule *r, u64 from, u32 len,
					   struct netem_arrival *a)
{
	s64 delay = 0;

	a->reordered_list = netem_goes_ahead(&r->what, &r->state);
	if (!a->reordered_list)
		a->time = netem_time(&r->what, &r->state, bq_at(const __s16, r->state.table), from,
				     len, &delay);
	return delay;
}

/* Set the packet's departure time. */
static __always_inline void netem_schedule(struct netem_instance *q, struct Qdisc *sch, u32 len,
					   struct netem_arrival *a)
{
	u64 from = netem_is_traced(q, a) ? q->passage.leaves + q->passage.delay : a->now;
	struct bpf_spin_lock *lock = netem_lock(q, sch);
	s64 delay;

	if (lock)
		bpf_spin_lock(lock);
	delay = netem_draw_time(netem_rule_at(q, a->rule), from, len, a);
	if (lock)
		bpf_spin_unlock(lock);
	if (!a->reordered_list && (delay || from > a->now))
		q->stats.delayed++;
}

/* Drop the packet and report success, because the sender must not notice a loss on the path. */
static __always_inline int netem_lose(struct netem_instance *q, struct Qdisc *sch,
				      struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
				      u32 rule, u64 *reason)
{
	q->rule_stats[rule % NETEM_RULES].dropped++;
	netem_drop(sch, skb, to_free, reason);
	return NET_XMIT_SUCCESS;
}

/* Enqueue a packet that needs a rule lookup or may be lost. */
static __always_inline int
netem_enqueue_judged(struct netem_instance *q, const struct netem_config *c, struct Qdisc *sch,
		     struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free, struct netem_arrival *a)
{
	u32 len = qdisc_pkt_len(skb);
	bool lost = netem_judge(q, sch, skb, &a->rule);
	u64 *reason;

	a->bypass = a->rule >= q->n_rules;
	if (a->bypass)
		return netem_store(q, sch, skb, to_free, a);
	netem_count(q, a->rule, len);
	if (lost)
		return netem_lose(q, sch, skb, to_free, a->rule, &q->stats.dropped);
	if (sch->q.qlen >= c->limit)
		return netem_drop(sch, skb, to_free, &q->stats.drops_limit);
	reason = netem_is_traced(q, a) ? netem_pass_link(q, c, len, a->now) : NULL;
	if (reason)
		return netem_lose(q, sch, skb, to_free, a->rule, reason);
	netem_schedule(q, sch, len, a);
	return netem_store(q, sch, skb, to_free, a);
}

/* Enqueue a packet that needs only a departure time. */
static __always_inline int netem_enqueue_plain(struct netem_instance *q,
					       const struct netem_config *c, struct Qdisc *sch,
					       struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
					       struct netem_arrival *a)
{
	if (sch->q.qlen >= c->limit)
		return netem_drop(sch, skb, to_free, &q->stats.drops_limit);
	if (netem_draw_time(netem_rule_at(q, 0), a->now, qdisc_pkt_len(skb), a))
		q->stats.delayed++;
	return netem_store(q, sch, skb, to_free, a);
}

SEC("struct_ops")
int BPF_PROG(netem_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct netem_instance *q = bq_instance_of(sch);
	struct netem_arrival a = {};
	const struct netem_config *c;

	BQ_USES_MEMORY();
	if (!q)
		return bq_spare_enqueue(sch, skb, to_free);
	c = netem_follow(q);
	a.now = a.time = bpf_ktime_get_ns();
	if (bq_expired(&q->id))
		return netem_store(q, sch, skb, to_free, &a);
	if (q->judges)
		return netem_enqueue_judged(q, c, sch, skb, to_free, &a);
	return netem_enqueue_plain(q, c, sch, skb, to_free, &a);
}

/* --- dequeue --- */

/* Return the histogram bucket of a time in units of 2^10 ns, less than 2^31. */
static __always_inline u32 netem_bucket(u32 v)
{
	u32 n = v > 0;

	if (v >> 16)
		n += 16, v >>= 16;
	if (v >> 8)
		n += 8, v >>= 8;
	if (v >> 4)
		n += 4, v >>= 4;
	if (v >> 2)
		n += 2, v >>= 2;
	return (n + (v > 1)) % NETEM_DELAY_BUCKETS;
}

/*
 * Count a packet's holding time of HELD ns, mostly in the same bucket as the previous packet's. The
 * last bucket counts all longer times too.
 */
static __always_inline void netem_count_delay(struct netem_instance *q, u64 held)
{
	u32 bucket = q->bucket % NETEM_DELAY_BUCKETS;
	u64 units = held >> 10;

	if ((units * 2 + 1) >> bucket != 1) {
		bucket =
			netem_bucket(units < NETEM_LONGEST_COUNTED ? units : NETEM_LONGEST_COUNTED);
		q->bucket = bucket;
	}
	q->stats.delays[bucket % NETEM_DELAY_BUCKETS]++;
}

/*
 * Sleep until between FROM and TO. Keep a timer set to that range, because arming it is expensive.
 */
static __always_inline void netem_sleep(struct netem_instance *q, struct Qdisc *sch, u64 from,
					u64 to)
{
	if (q->wake >= from && q->wake <= to)
		return;
	q->wake = bq_wake_by(&q->id, to);
	bpf_qdisc_watchdog_schedule(sch, q->wake, 0);
}

/* Sleep until the first packet is due at TIME, but not past the configuration check interval. */
static __always_inline void netem_await(struct netem_instance *q, struct Qdisc *sch, bq_ref ref,
					u64 time, u64 now)
{
	if (time > now + NETEM_LONGEST_SLEEP)
		netem_sleep(q, sch, now + 1, now + NETEM_LONGEST_SLEEP);
	else if (!q->slot_next &&
		 bq_tfifo_has_next_before(&q->queue, ref, time + 2 * NETEM_TOGETHER))
		netem_sleep(q, sch, time + NETEM_TOGETHER, time + 2 * NETEM_TOGETHER);
	else
		netem_sleep(q, sch, time, time);
}

/* --- release --- */

/* Release a packet that is in no queue, and count it. */
static __always_inline struct sk_buff *netem_release(struct netem_instance *q, struct Qdisc *sch,
						     bq_ref ref, u64 held)
{
	u32 len = netem_packet_at(ref)->len;
	struct sk_buff *skb;

	netem_count_delay(q, held);
	skb = bq_packet_take(&q->packets, ref);
	if (!skb)
		return NULL;
	qdisc_count_out(sch, len);
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

/* Remove the first due packet from the queue, or sleep until one is due. */
static __always_inline struct sk_buff *netem_take_due(struct netem_instance *q, struct Qdisc *sch)
{
	bq_ref ref = bq_tfifo_first(&q->queue);
	u64 now, time;

	if (!ref)
		return NULL;
	now = bpf_ktime_get_ns();
	time = bq_packet_at(ref)->time;
	if (q->slot_next || q->id.expires_ns)
		time = netem_open_time(q, time, now);
	if (time > now) {
		netem_await(q, sch, ref, time, now);
		return NULL;
	}
	bq_tfifo_remove(&q->queue, ref);
	netem_use_slot(q, netem_packet_at(ref)->len, now);
	return netem_release(q, sch, ref, now - netem_packet_at(ref)->arrived);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(netem_dequeue, struct Qdisc *sch)
{
	struct netem_instance *q;
	bq_ref ref;

	BQ_USES_MEMORY();
	if (!sch->q.qlen)
		return NULL;
	q = bq_instance_of(sch);
	if (!q)
		return bq_spare_dequeue(sch);
	netem_follow(q);
	ref = q->reordered_list;
	if (ref)
		q->reordered_list = bq_packet_at(ref)->next;
	else
		ref = netem_take_through(q);
	return ref ? netem_release(q, sch, ref, 0) : netem_take_due(q, sch);
}

/* --- lifecycle --- */

/* Free every packet. The core itself zeroes qlen and backlog. */
static __noinline int netem_clear(struct netem_instance *q)
{
	u32 i;

	bq_packets_purge(&q->packets);
	q->wake = 0;
	q->reordered_list = 0;
	q->bypass = 0;
	q->replay.head = q->replay.tail;
	q->replay.bytes = 0;
	if (!q->rules)
		return 0;
	bq_tfifo_clear(&q->queue);
	bpf_for(i, 0, q->id.units)
		netem_rule_at(q, i)->state.last_time = 0;
	return 0;
}

/* Lay out the instance's memory and create its rules. */
static __always_inline void netem_lay_out(struct netem_instance *q)
{
	u32 i, slots = q->id.slots, rules = q->id.units;
	u64 seed = q->config[0].seed;
	bq_ref memory = q->id.memory;
	u64 __arena *rule = bq_at(u64, memory);

	bq_packets_init(&q->id, &q->packets, memory + NETEM_PACKETS_AT(rules));
	bq_tfifo_init(&q->queue, memory + NETEM_HEAP_AT(rules, slots));
	bq_tfifo_use(&q->queue, memory + NETEM_HEAP_AT(rules, slots),
		     memory + NETEM_WHEEL_AT(rules, slots), BQ_WHEEL_BUCKETS(slots));
	q->rules = memory;
	q->trace_ring = memory + NETEM_RING_AT(rules, slots);
	q->reordered_list = 0;
	q->bypass = 0;
	q->trace = 0;
	q->wake = 0;
	q->seed = seed;
	__builtin_memset(&q->replay, 0, sizeof(q->replay));
	/*
	 * can_loop keeps the compiler from emitting memset(), which BPF cannot call on arena
	 * memory.
	 */
	for (i = 0; i < rules * sizeof(struct netem_rule) / sizeof(u64) && can_loop; i++)
		rule[i] = 0;
	bpf_for(i, 0, NETEM_RULES) {
		q->rule_stats[i % NETEM_RULES].packets = 0;
		q->rule_stats[i % NETEM_RULES].bytes = 0;
		q->rule_stats[i % NETEM_RULES].dropped = 0;
	}
	bpf_for(i, 0, rules)
		netem_state_init(&netem_rule_at(q, i)->state, netem_seed_of(q, i));
	netem_adopt(q, 0);
}

/* Use the tables that an in-tree netlink caller sent; they lie where an instance has its TLVs. */
static __always_inline void netem_use_intree_tables(struct netem_instance *q)
{
	const struct netem_impairment *w = &q->config[0].all;
	netem_rule *r = netem_rule_at(q, 0);

	r->state.table = q->id.memory + NETEM_TABLES_AT(1, BQ_POOL_SLOTS);
	r->state.values = netem_is_set(w, NETEM_DISTRIBUTION) ? q->table_values : 0;
	if (!netem_is_set(w, NETEM_SLOT_TABLE))
		q->slot_values = 0;
}

static __always_inline u32 netem_area_bytes(u32 slots)
{
	return NETEM_GROWTH_BYTES(slots);
}

static __always_inline int netem_start(struct netem_instance *q, struct Qdisc *sch)
{
	struct netem_config *c = &q->config[0], *d = &q->defaults;
	u32 mtu = sch->dev_queue->dev->mtu;
	int err = 0;

	/* The generators use 32 bits of the seed, and JSON numbers cannot hold 64. */
	d->seed = bpf_get_prandom_u32();
	netem_complete(d, mtu);
	netem_complete(c, mtu);
	if (!netem_is_set(&c->all, NETEM_SEED))
		c->seed = d->seed;
	if (!netem_is_sane(c))
		return -EINVAL;
	if (bq_is_pool_instance(&q->id))
		err = bq_memory_from_pool(&q->id, NETEM_POOL_BYTES, 1);
	if (err)
		return err;
	q->link_header = sch->dev_queue->dev->hard_header_len;
	netem_lay_out(q);
	if (bq_is_pool_instance(&q->id)) {
		netem_use_intree_tables(q);
		bq_pool_stock(&q->id, netem_area_bytes);
	}
	return 0;
}

/* .init and .destroy may sleep, because they allocate and free a pool instance's memory. */
SEC("struct_ops.s")
int BPF_PROG(netem_init, struct Qdisc *sch, struct nlattr *opt)
{
	int err;

	BQ_USES_MEMORY();
	err = bq_init(sch, opt, netem_read_intree, netem_start);
	return bq_init_or_spare(sch, opt, err);
}

SEC("struct_ops")
void BPF_PROG(netem_reset, struct Qdisc *sch)
{
	struct netem_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (q)
		netem_clear(q);
	else
		bq_spare_reset(sch);
}

/* Clear here too: the core may skip .reset, and packets left in slots would pin the device. */
SEC("struct_ops.s")
void BPF_PROG(netem_destroy, struct Qdisc *sch)
{
	struct netem_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (!q) {
		bq_spare_destroy(sch);
		return;
	}
	netem_clear(q);
	bq_memory_release(&q->id);
	bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops netem = {
	.enqueue = (void *)netem_enqueue,
	.dequeue = (void *)netem_dequeue,
	.init = (void *)netem_init,
	.reset = (void *)netem_reset,
	.destroy = (void *)netem_destroy,
	.id = "bq_netem",
};

char _license[] SEC("license") = "GPL";
