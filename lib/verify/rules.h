/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a refusal means, in plain words. Pure text: a log goes in, an explanation comes out. */
#ifndef BQ_VERIFY_RULES_H
#define BQ_VERIFY_RULES_H

#include "bqdisc.h"
#include "verify/log.h"

#define BQ_EXPLAIN_PATH_MAX 12

struct bq_explanation {
	const char *rule; /* "unreleased": a name for programs; "unknown" when no row fits */
	enum bqdisc_error_class error_class;
	char what[512];
	char remedy[512]; /* "": none is known */
	const char *said; /* the line that the kernel, or libbpf, said; into the log or TEXT */
	const struct bq_log_line *place; /* NULL: not known */
	const struct bq_log_line
		*after; /* the last line before it in the program's own file; NULL */
	struct bq_log_branch path[BQ_EXPLAIN_PATH_MAX];
	size_t n_path, omitted;
};

/*
 * Explains LOG, of a program that is the operation OP ("enqueue"; NULL: of none).
 * Returns 0, or -ENOENT when no row fits; then the explanation repeats what the kernel said.
 */
int bq_explain_log(struct bq_explanation *e, const struct bq_log *log, const char *op);

/* The same for what libbpf said, a line: of an object that never got as far as the verifier. */
int bq_explain_line(struct bq_explanation *e, const char *line);

/* The explanation of the rule NAME, which no text betrays; ARG fills {1} in. */
void bq_explain_rule(struct bq_explanation *e, const char *name, const char *op, const char *arg);

#endif
