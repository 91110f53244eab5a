// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest BPF qdisc: one place for one packet in the whole machine, no options, no instances.
 * It costs the entries of three programs and two exchanges of a pointer, which no BPF qdisc avoids.
 */
#include <bqdisc/qdisc.bpf.h>

/* Static: libbpf would map another global into memory, where no pointer to a packet may be. */
static struct sk_buff __kptr *held;

SEC("struct_ops")
int BPF_PROG(floor_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	sch->q.qlen++;
	skb = bpf_kptr_xchg(&held, skb);
	if (!skb)
		return NET_XMIT_SUCCESS;
	sch->q.qlen--;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_CN;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(floor_dequeue, struct Qdisc *sch)
{
	struct sk_buff *skb = bpf_kptr_xchg(&held, NULL);

	if (!skb)
		return NULL;
	sch->q.qlen--;
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

SEC("struct_ops")
int BPF_PROG(floor_init, struct Qdisc *sch, struct nlattr *opt)
{
	return 0;
}

SEC("struct_ops")
void BPF_PROG(floor_reset, struct Qdisc *sch)
{
	struct sk_buff *skb = bpf_kptr_xchg(&held, NULL);

	if (skb)
		bpf_kfree_skb(skb);
}

SEC("struct_ops")
void BPF_PROG(floor_destroy, struct Qdisc *sch)
{
}

char _license[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct Qdisc_ops bqt_floor = {
	.enqueue = (void *)floor_enqueue,
	.dequeue = (void *)floor_dequeue,
	.init = (void *)floor_init,
	.reset = (void *)floor_reset,
	.destroy = (void *)floor_destroy,
	.id = "bqt_floor",
};
