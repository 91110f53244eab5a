// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'forged_dequeue'
// expect: R0 has unknown scalar value should have been in [0, 0]
/*
 * Rule: dequeue hands over a packet or NULL. No other value is a packet, not even one that was a
 * packet's address when it was written down as a number.
 * Instead: keep packets in owning pointers, and return what bpf_kptr_xchg() took out of one.
 */
#include "rules.bpf.h"

u64 remembered;

SEC("struct_ops")
struct sk_buff *BPF_PROG(forged_dequeue, struct Qdisc *sch)
{
	return (struct sk_buff *)remembered;
}

SEC(".struct_ops.link")
struct Qdisc_ops forged = {
	.dequeue = (void *)forged_dequeue,
	.id = "bqt_fail",
};
