// SPDX-License-Identifier: GPL-2.0-only
/* A qdisc that drops every packet after checking that its configuration is of one version. */
#include <bqdisc/init.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include <bqdisc/slots.bpf.h> /* this map is the writer's grace period */
#include "torn.h"

BQ_DEFINE_INSTANCES(struct torn_instance)
BQ_DEFINE_INIT(struct torn_instance)

static __always_inline bool is_whole(const struct torn_config *config)
{
	const volatile __u64 *words = config->words;
	__u64 first = words[0];
	bool whole = true;
	u32 i;

	bpf_for(i, 0, TORN_WORDS * TORN_LOOKS)
		if (words[i % TORN_WORDS] != first)
			whole = false;
	return whole;
}

SEC("struct_ops")
int BPF_PROG(torn_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct torn_instance *q = bq_instance_of(sch);

	if (q) {
		q->stats.packets++;
		if (!is_whole(&q->config[bq_bank(&q->id)]))
			q->stats.torn++;
	}
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(torn_dequeue, struct Qdisc *sch)
{
	return NULL;
}

static __always_inline int torn_read_native(struct torn_instance *q, struct nlattr *opt, u32 len)
{
	return -EINVAL;
}

static __always_inline int torn_start(struct torn_instance *q, struct Qdisc *sch)
{
	return 0;
}

SEC("struct_ops")
int BPF_PROG(torn_init, struct Qdisc *sch, struct nlattr *opt)
{
	return bq_init(sch, opt, torn_read_native, torn_start);
}

SEC("struct_ops")
void BPF_PROG(torn_reset, struct Qdisc *sch)
{
}

SEC("struct_ops")
void BPF_PROG(torn_destroy, struct Qdisc *sch)
{
	struct torn_instance *q = bq_instance_of(sch);

	if (q)
		bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops torn = {
	.enqueue = (void *)torn_enqueue,
	.dequeue = (void *)torn_dequeue,
	.init = (void *)torn_init,
	.reset = (void *)torn_reset,
	.destroy = (void *)torn_destroy,
	.id = "bq_torn",
};

char _license[] SEC("license") = "GPL";
