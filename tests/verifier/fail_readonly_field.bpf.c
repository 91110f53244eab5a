// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'readonly_field_enqueue'
// expect: no write support to sk_buff at off
/*
 * Rule: of a packet only tstamp and 20 bytes of cb can be written, of the qdisc only limit, q.qlen
 * and qstats.
 * Instead: mark and priority are set before the qdisc, by a tcx program on egress.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(readonly_field_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	skb->mark = 1;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops readonly_field = {
	.enqueue = (void *)readonly_field_enqueue,
	.id = "bqt_fail",
};
