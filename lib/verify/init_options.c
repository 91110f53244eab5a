// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Check of the .init programs of a loaded object. The instructions are those that libbpf gave to
 * the kernel; opt_flow.c analyses them.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/ops.h"
#include "verify/init_options.h"
#include "verify/opt_flow.h"

/* Return the line information of instruction INSN, or NULL if the object has none. */
static const struct bpf_line_info *find_info(const struct bpf_program *prog, size_t insn)
{
	const struct bpf_line_info *info = bpf_program__line_info(prog), *found = NULL;
	uint32_t i, n = bpf_program__line_info_cnt(prog);

	for (i = 0; info && i < n && info[i].insn_off <= insn; i++)
		found = &info[i];
	return found;
}

/* Report an instruction with its source line, as findings of the verifier have it. */
static void report_use(struct bq_findings *findings, const struct bpf_object *obj,
		       const struct bpf_program *prog, size_t insn, enum bq_opt_use use)
{
	const struct bpf_line_info *info = find_info(prog, insn);
	const struct btf *btf = bpf_object__btf(obj);
	struct bq_log_line line;
	struct bq_explanation e;
	const char *slash;

	bq_explain_rule(&e, use == BQ_OPT_READ ? "options_read" : "options_compared", "init", NULL);
	if (info) {
		line.file = btf__name_by_offset(btf, info->file_name_off);
		slash = strrchr(line.file, '/');
		line.file = slash ? slash + 1 : line.file;
		line.source = btf__name_by_offset(btf, info->line_off);
		line.source += strspn(line.source, " \t");
		line.number = BPF_LINE_INFO_LINE_NUM(info->line_col);
		e.line = &line;
	}
	bq_findings_add(findings, &e, "init", bpf_program__name(prog));
}

/* Report a source line once, even if it has several instructions. */
static void report_uses(struct bq_findings *findings, const struct bpf_object *obj,
			const struct bpf_program *prog, const enum bq_opt_use *uses, size_t n)
{
	const struct bpf_line_info *last = NULL, *info;
	bool reported = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (uses[i] == BQ_OPT_NONE)
			continue;
		info = find_info(prog, i);
		if (reported && (!info || (last && info->line_col >> 10 == last->line_col >> 10)))
			continue;
		report_use(findings, obj, prog, i, uses[i]);
		reported = true;
		last = info;
	}
}

static int check_program(struct bq_findings *findings, const struct bpf_object *obj,
			 const struct bpf_program *prog, struct bq_error *error)
{
	size_t n = bpf_program__insn_cnt(prog);
	enum bq_opt_use *uses = calloc(n, sizeof(*uses));
	int err = uses ? bq_opt_check(bpf_program__insns(prog), n, uses) : -ENOMEM;

	if (err > 0)
		report_uses(findings, obj, prog, uses, n);
	free(uses);
	if (err < 0)
		return bq_fail(
			error, BQDISC_ERROR_REFUSED, -err,
			"%s: cannot analyse the use of options: %s; --unsafe skips this check",
			bpf_program__name(prog), strerror(-err));
	return 0;
}

int bq_init_options_check(struct bq_findings *findings, const struct bpf_object *obj,
			  struct bq_error *error)
{
	struct bpf_program *prog;
	const char *op;
	int err = 0;

	bpf_object__for_each_program(prog, obj) {
		op = bq_ops_name_of(obj, prog);
		/* A program that the verifier refused has no fd. */
		if (!err && op && !strcmp(op, "init") && bpf_program__fd(prog) >= 0)
			err = check_program(findings, obj, prog, error);
	}
	return err;
}
