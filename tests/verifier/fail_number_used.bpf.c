// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'number_used_dequeue'
// expect: invalid mem access 'scalar'
/*
 * Rule: a pointer that was stored as a number is a number.
 * Instead: a place with __kptr for what is owned; what an operation gets is not kept at all.
 */
#include "rules.bpf.h"

u64 saved;

SEC("struct_ops")
struct sk_buff *BPF_PROG(number_used_dequeue, struct Qdisc *sch)
{
	u64 before = saved;

	saved = (u64)sch;
	barrier();
	if (before)
		((struct Qdisc *)before)->qstats.overlimits++;
	return NULL;
}

SEC(".struct_ops.link")
struct Qdisc_ops number_used = {
	.dequeue = (void *)number_used_dequeue,
	.id = "bqt_fail",
};
