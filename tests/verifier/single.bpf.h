/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * .init and .destroy of a qdisc that has one queue in the whole machine.
 *
 * A second qdisc of that kind would send the first one's packets through its own device, so it is
 * refused. .reset and .destroy run for it too, and must leave the queue alone: see sch->limit.
 */
#ifndef SINGLE_BPF_H
#define SINGLE_BPF_H

#include <bqdisc/qdisc.bpf.h>

#define EBUSY 16

u32 single_taken;

static __always_inline bool single_is_mine(const struct Qdisc *sch)
{
	return sch->limit;
}

/* OPT is not touched: it may be NULL, and the verifier would delete a test for that. */
SEC("struct_ops")
int BPF_PROG(single_init, struct Qdisc *sch, struct nlattr *opt)
{
	if (__sync_val_compare_and_swap(&single_taken, 0, 1))
		return -EBUSY;
	sch->limit = 1;
	return 0;
}

/* No packet is left: the core has called .reset, unless the qdisc failed before it saw traffic. */
SEC("struct_ops")
void BPF_PROG(single_destroy, struct Qdisc *sch)
{
	if (single_is_mine(sch))
		__sync_val_compare_and_swap(&single_taken, 1, 0);
}

#endif
