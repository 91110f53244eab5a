// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'returned_other_dequeue'
// expect: R0 is not a known value (trusted_ptr_)
/*
 * Rule: dequeue returns a packet or NULL, and nothing else.
 */
#include "rules.bpf.h"

SEC("struct_ops")
struct sk_buff *BPF_PROG(returned_other_dequeue, struct Qdisc *sch)
{
	return (struct sk_buff *)sch;
}

SEC(".struct_ops.link")
struct Qdisc_ops returned_other = {
	.dequeue = (void *)returned_other_dequeue,
	.id = "bqt_fail",
};
