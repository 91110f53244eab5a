/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Explanation of a refusal. Works on text: it calls neither the kernel nor libbpf. */
#ifndef BQ_VERIFY_EXPLAIN_H
#define BQ_VERIFY_EXPLAIN_H

#include "bqdisc.h"
#include "verify/log_path.h"

#define BQ_EXPLAIN_PATH_MAX 12

/* All pointers lead into the log or the line that was explained. */
struct bq_explanation {
	const char *rule; /* identifier for programs, as "unreleased"; "unknown": no rule matches */
	enum bqdisc_error_class error_class;
	char what[512];
	char remedy[512];               /* empty: none is known */
	const char *message;            /* of the kernel or libbpf, one line */
	const struct bq_log_line *line; /* source line at fault; NULL: unknown */
	/* Last source line before it in the object's own file, if it is in a header; else NULL. */
	const struct bq_log_line *after;
	struct bq_log_branch path[BQ_EXPLAIN_PATH_MAX];
	size_t n_path;
	size_t omitted; /* branches before those in PATH */
};

/*
 * Explain LOG of a program that implements the operation OP ("enqueue"; NULL: none). Return 0, or
 * -ENOENT if no rule matches; the explanation then quotes the kernel.
 */
int bq_explain_log(struct bq_explanation *e, const struct bq_log *log, const char *op);

/*
 * Explain a line that libbpf printed about an object that did not reach the verifier. Return 0, or
 * -ENOENT if no rule matches.
 */
int bq_explain_line(struct bq_explanation *e, const char *line);

/* Explain the rule NAME, which has no message of its own. ARG replaces {1}; it may be NULL. */
void bq_explain_rule(struct bq_explanation *e, const char *name, const char *op, const char *arg);

#endif
