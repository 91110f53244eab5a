// SPDX-License-Identifier: GPL-2.0-only
// expect: non-GPL compatible program
/*
 * Rule: what calls the kernel's own functions is under the GPL, and says so.
 */
#include <bqdisc/qdisc.bpf.h>

char _license[] SEC("license") = "Proprietary";

SEC("struct_ops")
int BPF_PROG(licence_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops licence = {
	.enqueue = (void *)licence_enqueue,
	.id = "bqt_fail",
};
