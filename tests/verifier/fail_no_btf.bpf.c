// SPDX-License-Identifier: GPL-2.0-only
// expect: BTF is required, but is missing or corrupted
/*
 * Rule: an object describes its types, in BTF. This one is compiled without -g (Makefile).
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(no_btf_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops no_btf = {
	.enqueue = (void *)no_btf_enqueue,
	.id = "bqt_fail",
};
