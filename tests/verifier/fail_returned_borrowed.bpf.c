// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'borrowed_dequeue'
// expect: R0 is not a known value (untrusted_ptr_or_null_)
/*
 * Rule: dequeue hands over a packet that it owns. A pointer read from the place where the packet
 * is stored is borrowed: the place still owns the packet.
 * Instead: take it out with bpf_kptr_xchg(&place, NULL).
 */
#include "rules.bpf.h"

PLACE(place);

SEC("struct_ops")
struct sk_buff *BPF_PROG(borrowed_dequeue, struct Qdisc *sch)
{
	return place;
}

SEC(".struct_ops.link")
struct Qdisc_ops borrowed = {
	.dequeue = (void *)borrowed_dequeue,
	.id = "bqt_fail",
};
