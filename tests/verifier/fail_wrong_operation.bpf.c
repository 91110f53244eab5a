// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'wrong_operation_reset'
// expect: calling kernel function bpf_qdisc_watchdog_schedule is not allowed
/*
 * Rule: some functions belong to some operations: bpf_qdisc_skb_drop() to enqueue, the watchdog to
 * enqueue and dequeue, bpf_qdisc_bstats_update() to dequeue. kernel.bpf.h says it for each.
 * Instead: outside of enqueue a packet is freed with bpf_kfree_skb().
 */
#include "rules.bpf.h"

SEC("struct_ops")
void BPF_PROG(wrong_operation_reset, struct Qdisc *sch)
{
	bpf_qdisc_watchdog_schedule(sch, 0, 0);
}

SEC(".struct_ops.link")
struct Qdisc_ops wrong_operation = {
	.reset = (void *)wrong_operation_reset,
	.id = "bqt_fail",
};
