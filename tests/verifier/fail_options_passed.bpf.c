// SPDX-License-Identifier: GPL-2.0-only
// expect: (loads)
/*
 * Rule: as in fail_options_read; that the pointer takes a detour does not make it safe. Here it
 * goes by the stack into a subprogram.
 * Instead: bpf_probe_read_kernel().
 */
#include "rules.bpf.h"

struct request {
	struct Qdisc *sch;
	struct nlattr *opt;
};

static __noinline int read_length(struct request *request)
{
	return request->opt->nla_len;
}

SEC("struct_ops")
int BPF_PROG(options_passed_init, struct Qdisc *sch, struct nlattr *opt)
{
	struct request request = { .sch = sch, .opt = opt };

	sch->limit = read_length(&request);
	return 0;
}

SEC(".struct_ops.link")
struct Qdisc_ops options_passed = {
	.init = (void *)options_passed_init,
	.id = "bqt_fail",
};
