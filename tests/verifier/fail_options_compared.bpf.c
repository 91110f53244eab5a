// SPDX-License-Identifier: GPL-2.0-only
// expect: (loads)
/*
 * Rule: a test of opt for NULL is deleted by the verifier, which believes that it never is.
 * Instead: bpf_probe_read_kernel() without one. It fails on NULL.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(options_compared_init, struct Qdisc *sch, struct nlattr *opt)
{
	struct nlattr head;

	if (!opt)
		return 0;
	if (bpf_probe_read_kernel(&head, sizeof(head), opt))
		return -1;
	sch->limit = head.nla_len;
	return 0;
}

SEC(".struct_ops.link")
struct Qdisc_ops options_compared = {
	.init = (void *)options_compared_init,
	.id = "bqt_fail",
};
