// SPDX-License-Identifier: GPL-2.0-only
// expect: prog 'unsupported_member_change'
// expect: attach to unsupported member change of struct Qdisc_ops
/*
 * Rule: five operations can be written in BPF: enqueue, dequeue, init, reset, destroy.
 * Instead: a live change of options goes through a map, which user space writes.
 */
#include "rules.bpf.h"

struct Qdisc_ops___with_change {
	int (*change)(struct Qdisc *sch, struct nlattr *opt);
	char id[16];
};

SEC("struct_ops")
int BPF_PROG(unsupported_member_change, struct Qdisc *sch, struct nlattr *opt)
{
	return 0;
}

SEC(".struct_ops.link")
struct Qdisc_ops___with_change unsupported_member = {
	.change = (void *)unsupported_member_change,
	.id = "bqt_fail",
};
