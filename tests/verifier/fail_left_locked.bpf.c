// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'left_locked_enqueue'
// expect: bpf_spin_lock-ed region
/*
 * Rule: a lock is released on every path.
 */
#include "rules.bpf.h"
#include <bqdisc/nodes.bpf.h>

struct bpf_spin_lock lock SEC(".bss.queue") __hidden;

SEC("struct_ops")
int BPF_PROG(left_locked_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	qdisc_drop(sch, skb, to_free);
	bpf_spin_lock(&lock);
	if (sch->q.qlen > 5)
		return NET_XMIT_DROP;
	bpf_spin_unlock(&lock);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops left_locked = {
	.enqueue = (void *)left_locked_enqueue,
	.id = "bqt_fail",
};
