// SPDX-License-Identifier: GPL-2.0-only
/*
 * netem: network emulation, after net/sched/sch_netem.c of Linux 7.3. Packets wait in one queue
 * ordered by departure time, which is drawn for each packet. netem/model.h makes the random
 * decisions.
 *
 * A rule holds the impairments of its packets (netem/ruleset.h), and has a state with its random
 * numbers. The next enqueue or dequeue applies a changed configuration (netem/sync_config.bpf.h).
 */
#define BQ_HEAP_PLACES 0

#include <bqdisc/drops.bpf.h>
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/spare.bpf.h>
#include "netem/dequeue.bpf.h"
#include "netem/enqueue.bpf.h"
#include "netem/lifecycle.bpf.h"
#include "netem/netem_attrs.bpf.h"
#include "netem/sync_config.bpf.h"

BQ_DEFINE_INSTANCES(struct netem_instance)
BQ_DEFINE_INIT(struct netem_instance)

SEC("struct_ops")
int BPF_PROG(netem_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct netem_instance *q = bq_instance_of(sch);
	struct netem_arrival a = {};
	const struct netem_config *c;
	netem_ruleset *rules;
	u32 generation;

	BQ_USES_MEMORY();
	if (!q)
		return bq_spare_enqueue(sch, skb, to_free);
	bq_lengths_add(q->stats.queue_length, sch->q.qlen);
	generation = netem_sync_config(q);
	c = &q->config[generation & 1];
	rules = netem_ruleset_of(q, generation);
	a.now = a.time = bpf_ktime_get_ns();
	if (bq_expired(&q->id))
		return netem_store(q, sch, skb, to_free, &a);
	if (rules->path == NETEM_PATH_PASS)
		return netem_enqueue_passed(q, c, sch, skb, to_free, &a);
	if (rules->path == NETEM_PATH_DELAY)
		return netem_enqueue_delayed(q, rules, c, sch, skb, to_free, &a);
	return netem_enqueue_decided(q, rules, c, sch, skb, to_free, &a);
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(netem_dequeue, struct Qdisc *sch)
{
	struct netem_instance *q;

	BQ_USES_MEMORY();
	if (!sch->q.qlen)
		return NULL;
	q = bq_instance_of(sch);
	if (!q)
		return bq_deliver(sch, bq_spare_take_packet(sch));
	netem_sync_config(q);
	return bq_deliver(sch, netem_pop(q, sch));
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
	bq_front_purge(sch);
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
	bq_front_purge(sch);
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
