// SPDX-License-Identifier: GPL-2.0-only
// expect: (loads)
/*
 * Rule: opt is NULL when tc gives no options. The verifier believes that it never is, so this
 * loads, and stops the machine when it is attached without options.
 * Instead: bpf_probe_read_kernel(), which fails on NULL.
 */
#include "rules.bpf.h"

SEC("struct_ops")
int BPF_PROG(options_read_init, struct Qdisc *sch, struct nlattr *opt)
{
	sch->limit = opt->nla_len;
	return 0;
}

SEC(".struct_ops.link")
struct Qdisc_ops options_read = {
	.init = (void *)options_read_init,
	.id = "bqt_fail",
};
