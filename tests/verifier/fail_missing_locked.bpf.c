// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'missing_locked_enqueue'
// expect: function calls are not allowed while holding a lock
/*
 * Rule: as fail_function_weak; but under a lock the kernel complains of the lock. So it is with the
 * short names of the functions for lists, which are declared weak, before 7.2.
 */
#include "rules.bpf.h"
#include <bqdisc/nodes.bpf.h>

extern int bqt_no_such_function(void) __ksym __weak;

struct bpf_spin_lock lock SEC(".bss.queue") __hidden;

SEC("struct_ops")
int BPF_PROG(missing_locked_enqueue, struct sk_buff *skb, struct Qdisc *sch,
	     struct bpf_sk_buff_ptr *to_free)
{
	bpf_spin_lock(&lock);
	sch->qstats.overlimits += bqt_no_such_function();
	bpf_spin_unlock(&lock);
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

SEC(".struct_ops.link")
struct Qdisc_ops missing_locked = {
	.enqueue = (void *)missing_locked_enqueue,
	.id = "bqt_fail",
};
