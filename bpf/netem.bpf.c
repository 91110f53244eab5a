// SPDX-License-Identifier: GPL-2.0-only
/*
 * netem: network emulation, after net/sched/sch_netem.c of Linux 7.3. Packets wait in one queue
 * ordered by the time to send, which is drawn for each. The decisions themselves are in
 * netem_model.h.
 *
 * What is to be done to packets, and what was drawn for them, is a rule, in the instance's memory.
 * A change of the configuration is adopted when the next packet comes or goes: rules are made of it
 * and packets that wait follow.
 */
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/tfifo.bpf.h>
#include "netem_model.h"

#define NSEC_PER_MSEC 1000000ull

/* A longer sleep would not see that the configuration was changed. */
#define NETEM_LONGEST_SLEEP (50 * NSEC_PER_MSEC)

typedef struct netem_rule __arena netem_rule;

BQ_DEFINE_INSTANCES(struct netem_instance)
BQ_DEFINE_INIT(struct netem_instance)

static __always_inline netem_rule *netem_rule_at(const struct netem_instance *q, u32 n)
{
	return bq_nth(struct netem_rule, q->rules, n);
}

/* Drops a packet for REASON, one of the counters in struct netem_stats. */
static __always_inline int netem_drop(struct Qdisc *sch, struct sk_buff *skb,
				      struct bpf_sk_buff_ptr *to_free, u64 *reason)
{
	++*reason;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

/* --- a change of the configuration --- */

/* Moves the packets that wait by SHIFT ns: they follow a change of the delay in their order. */
static __noinline int netem_shift(struct netem_instance *q, s64 shift)
{
	bq_link link;
	u32 i;

	for (link = q->queue.first; link && can_loop; link = bq_packet_at(link)->next)
		bq_packet_at(link)->time += shift;
	for (i = 0; i < q->queue.early.count && can_loop; i++) {
		bq_heap_at(&q->queue.early, i)->time += shift;
		bq_packet_at(bq_heap_at(&q->queue.early, i)->item)->time += shift;
	}
	return 0;
}

static __noinline int netem_adopt(struct netem_instance *q, const struct netem_config *c)
{
	netem_rule *r = netem_rule_at(q, 0);
	s64 shift = c->all.delay - r->what.delay;
	const u64 *from = (const u64 *)&c->all;
	u64 __arena *to = (u64 __arena *)&r->what;
	u32 i;

	for (i = 0; i < sizeof(r->what) / sizeof(u64); i++)
		to[i] = from[i];
	if (shift)
		netem_shift(q, shift);
	return 0;
}

/* The configuration in force, which the rules agree with from here on. */
static __always_inline const struct netem_config *netem_follow(struct netem_instance *q)
{
	u32 generation = *(volatile u32 *)&q->id.generation;
	const struct netem_config *c = &q->config[generation & 1];

	if (q->adopted != generation) {
		q->adopted = generation;
		netem_adopt(q, c);
	}
	return c;
}

/* --- enqueue --- */

/* Times are kept in units of 2^10 ns, in 32 bits: they come round after an hour and a quarter. */
static __always_inline u32 netem_stamp(u64 now)
{
	return (u32)(now >> 10);
}

/* The packet's ownership moves into a slot here, or it is dropped: no third way. */
static __always_inline int netem_store(struct netem_instance *q, struct Qdisc *sch,
				       struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
				       u64 time, u64 now)
{
	u32 len = qdisc_pkt_len(skb);
	bq_link link;

	skb = bq_packet_store(&q->packets, skb, &link);
	if (skb)
		return netem_drop(sch, skb, to_free, &q->stats.drops_no_slot);
	bq_packet_at(link)->time = time;
	bq_packet_at(link)->left = netem_stamp(now);
	bq_tfifo_add(&q->queue, link);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
int BPF_PROG(netem_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct netem_instance *q = bq_instance_of(sch);
	const struct netem_config *c;
	netem_rule *r;
	s64 delay;
	u64 now;

	BQ_USES_MEMORY();
	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	c = netem_follow(q);
	if (sch->q.qlen >= c->limit)
		return netem_drop(sch, skb, to_free, &q->stats.drops_limit);
	r = netem_rule_at(q, 0);
	delay = bq_expired(&q->id) ? 0 : netem_delay(&r->what, &r->state);
	if (delay)
		q->stats.delayed++;
	now = bpf_ktime_get_ns();
	return netem_store(q, sch, skb, to_free, now + delay, now);
}

/* --- dequeue --- */

/* log2 of a time in units of 2^10 ns, for the histogram. */
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
 * Sleeps until TIME, but not for longer than a change may take to be noticed. The end of such a
 * short sleep stays where it is until it has come: to set a timer anew for every packet is dear.
 */
static __always_inline void netem_sleep(struct netem_instance *q, struct Qdisc *sch, u64 time,
					u64 now)
{
	if (time > now + NETEM_LONGEST_SLEEP) {
		if (q->look <= now)
			q->look = now + NETEM_LONGEST_SLEEP;
		time = q->look;
	}
	bpf_qdisc_watchdog_schedule(sch, bq_wake_by(&q->id, time), 0);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(netem_dequeue, struct Qdisc *sch)
{
	struct netem_instance *q = bq_instance_of(sch);
	struct sk_buff *skb;
	bq_packet *p;
	bq_link link;
	u64 now;

	BQ_USES_MEMORY();
	if (!q || !sch->q.qlen)
		return NULL;
	netem_follow(q);
	link = bq_tfifo_first(&q->queue);
	if (!link)
		return NULL;
	now = bpf_ktime_get_ns();
	p = bq_packet_at(link);
	if ((s64)(p->time - now) > 0 && !bq_expired(&q->id)) {
		netem_sleep(q, sch, p->time, now);
		return NULL;
	}
	q->stats.delays[netem_bucket(netem_stamp(now) - p->left)]++;
	bq_tfifo_remove(&q->queue, link);
	skb = bq_packet_take(&q->packets, link);
	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

/* --- life --- */

/* What comes from a stranger must not reach beyond what user space allows. */
static __always_inline bool netem_is_sane(const struct netem_config *c)
{
	return c->all.delay <= NETEM_MAX_TIME && c->all.jitter <= NETEM_MAX_JITTER;
}

/* Options that were not named get their defaults. */
static __always_inline void netem_fill_in(struct netem_config *c, const struct netem_config *d,
					  u32 mtu)
{
	if (!(c->all.given >> NETEM_SEED & 1))
		c->seed = d->seed;
	if (!(c->all.given >> NETEM_LIMIT & 1))
		c->limit = netem_default_limit(0, c->all.delay, c->all.jitter, mtu);
}

/* Frees every packet. The core itself zeroes qlen and backlog. */
static __noinline int netem_clear(struct netem_instance *q)
{
	bq_packets_purge(&q->packets);
	if (q->queue.early.entries)
		bq_tfifo_init(&q->queue, q->queue.early.entries);
	return 0;
}

/* Divides the instance's memory, and makes its rule. */
static __always_inline void netem_lay_out(struct netem_instance *q)
{
	const struct netem_config *c = &q->config[0];
	u32 slots = q->id.slots, rules = q->id.units;
	bq_link memory = q->id.memory;

	bq_packets_init(&q->id, &q->packets, memory + NETEM_PACKETS_AT(rules));
	bq_tfifo_init(&q->queue, memory + NETEM_HEAP_AT(rules, slots));
	q->rules = memory;
	q->adopted = 0;
	q->look = 0;
	netem_rule_at(q, 0)->what.delay = c->all.delay;
	netem_state_init(&netem_rule_at(q, 0)->state, c->seed);
	netem_adopt(q, c);
}

/* The in-tree qdisc's own options. */
static __always_inline int netem_read_native(struct netem_instance *q, struct nlattr *opt, u32 len)
{
	return -EINVAL;
}

static __always_inline int netem_start(struct netem_instance *q, struct Qdisc *sch)
{
	struct netem_config *c = &q->config[0], *d = &q->defaults;
	u32 mtu = sch->dev_queue->dev->mtu;

	d->seed = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32();
	netem_fill_in(d, d, mtu);
	netem_fill_in(c, d, mtu);
	if (!netem_is_sane(c))
		return -EINVAL;
	if (bq_is_from_pool(&q->id))
		bq_memory_from_pool(&q->id, NETEM_POOL_BYTES, 1);
	netem_lay_out(q);
	return 0;
}

SEC("struct_ops")
int BPF_PROG(netem_init, struct Qdisc *sch, struct nlattr *opt)
{
	BQ_USES_MEMORY();
	return bq_init(sch, opt, netem_read_native, netem_start);
}

SEC("struct_ops")
void BPF_PROG(netem_reset, struct Qdisc *sch)
{
	struct netem_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (q)
		netem_clear(q);
}

/* The core does not always call .reset before: packets left in slots would pin the device. */
SEC("struct_ops")
void BPF_PROG(netem_destroy, struct Qdisc *sch)
{
	struct netem_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (!q)
		return;
	netem_clear(q);
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
