// SPDX-License-Identifier: GPL-2.0-only
/* A qdisc with the kind name of bqdisc's that accepts any options and drops every packet. */
#include <bqdisc/qdisc.bpf.h>

SEC("struct_ops")
int BPF_PROG(impostor_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(impostor_dequeue, struct Qdisc *sch)
{
	return NULL;
}

SEC("struct_ops")
int BPF_PROG(impostor_init, struct Qdisc *sch, struct nlattr *opt)
{
	return 0;
}

SEC("struct_ops")
void BPF_PROG(impostor_reset, struct Qdisc *sch)
{
}

SEC("struct_ops")
void BPF_PROG(impostor_destroy, struct Qdisc *sch)
{
}

SEC(".struct_ops.link")
struct Qdisc_ops impostor = {
	.enqueue = (void *)impostor_enqueue,
	.dequeue = (void *)impostor_dequeue,
	.init = (void *)impostor_init,
	.reset = (void *)impostor_reset,
	.destroy = (void *)impostor_destroy,
	.id = "bq_pfifo",
};

char _license[] SEC("license") = "GPL";
