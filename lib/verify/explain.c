// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Search for the rule that matches a message, and its explanation. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verify/explain.h"
#include "verify/rules.h"
#include "verify/template.h"

static const struct bq_rule *find_rule(struct bq_log_match *match, const char *message)
{
	const struct bq_rule *r;
	size_t i;

	for (r = bq_rules; r < bq_rules + bq_n_rules; r++)
		for (i = 0; i < BQ_RULE_PATTERNS_MAX && r->patterns[i]; i++)
			if (bq_pattern_match(r->patterns[i], message, match->captured) &&
			    (!r->condition || r->condition(match)))
				return r;
	return NULL;
}

static void apply_rule(struct bq_explanation *e, const struct bq_rule *r,
		       struct bq_log_match *match)
{
	const struct bq_log_step *last = match->log ? bq_log_last_step(match->log) : NULL;

	if (last)
		bq_log_callee(last, match->callee, sizeof(match->callee));
	e->rule = r->name;
	e->error_class = r->error_class ? r->error_class : BQDISC_ERROR_REFUSED;
	bq_template_expand(r->what, match, e->what, sizeof(e->what));
	bq_template_expand(r->remedy, match, e->remedy, sizeof(e->remedy));
	if (r->show_path && match->log)
		e->n_path = bq_log_branches(match->log, e->path, BQ_EXPLAIN_PATH_MAX, &e->omitted);
}

/* Without an instruction the last message counts: those before it describe other functions. */
static void quote_kernel(struct bq_explanation *e, const struct bq_log *log, const char *op)
{
	e->rule = "unknown";
	e->error_class = BQDISC_ERROR_REFUSED;
	e->message = !log->n_messages ? "" : log->messages[log->n_steps ? 0 : log->n_messages - 1];
	snprintf(e->what, sizeof(e->what), "the kernel refuses %s: %s", op ? op : "a program",
		 e->message);
}

int bq_explain_log(struct bq_explanation *e, const struct bq_log *log, const char *op)
{
	struct bq_log_match match = { .log = log, .op = op };
	const struct bq_rule *r;
	size_t i;

	*e = (struct bq_explanation){ .line = bq_log_error_line(log),
				      .after = bq_log_line_before_header(log) };
	for (i = 0; i < log->n_messages; i++) {
		r = find_rule(&match, log->messages[i]);
		if (!r)
			continue;
		e->message = log->messages[i];
		apply_rule(e, r, &match);
		return 0;
	}
	quote_kernel(e, log, op);
	return -ENOENT;
}

int bq_explain_line(struct bq_explanation *e, const char *line)
{
	struct bq_log_match match = { 0 };
	const struct bq_rule *r = find_rule(&match, line);

	*e = (struct bq_explanation){ .message = line };
	if (!r)
		return -ENOENT;
	apply_rule(e, r, &match);
	return 0;
}

void bq_explain_rule(struct bq_explanation *e, const char *name, const char *op, const char *arg)
{
	struct bq_log_match match = { .op = op };
	const struct bq_rule *r;

	*e = (struct bq_explanation){ .rule = name };
	snprintf(match.captured[0], sizeof(match.captured[0]), "%s", arg ? arg : "");
	for (r = bq_rules; r < bq_rules + bq_n_rules; r++)
		if (!strcmp(r->name, name))
			apply_rule(e, r, &match);
}
