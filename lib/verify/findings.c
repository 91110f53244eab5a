// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Conversion of explanations to the public struct of findings. */
#include "verify/findings.h"

static struct bqdisc_line public_line(const struct bq_log_line *line)
{
	return (struct bqdisc_line){ line->file, line->number, line->source };
}

void bq_findings_add(struct bq_findings *findings, const struct bq_explanation *e, const char *op,
		     const char *program)
{
	struct bqdisc_branch path[BQ_EXPLAIN_PATH_MAX];
	struct bqdisc_line next[BQ_EXPLAIN_PATH_MAX], line, after;
	struct bqdisc_finding finding = {
		.rule = e->rule,
		.operation = op,
		.program = program,
		.what = e->what,
		.remedy = e->remedy,
		.message = e->message ? e->message : "",
		.path = path,
		.path_len = e->n_path,
		.path_omitted = e->omitted,
		.error_class = e->error_class,
	};
	size_t i;

	for (i = 0; i < e->n_path; i++) {
		path[i] = (struct bqdisc_branch){ .line = public_line(e->path[i].line) };
		if (!e->path[i].next)
			continue;
		next[i] = public_line(e->path[i].next);
		path[i].next = &next[i];
	}
	if (e->line) {
		line = public_line(e->line);
		finding.line = &line;
	}
	if (e->after) {
		after = public_line(e->after);
		finding.after = &after;
	}
	if (!findings->n++ || e->error_class < findings->error_class)
		findings->error_class = e->error_class;
	if (findings->opts->finding)
		findings->opts->finding(&finding, findings->opts->arg);
}

void bq_findings_add_rule(struct bq_findings *findings, const char *rule, const char *arg)
{
	struct bq_explanation e;

	bq_explain_rule(&e, rule, NULL, arg);
	bq_findings_add(findings, &e, NULL, NULL);
}
