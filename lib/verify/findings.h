/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Collector of findings: passes each one to the caller of bqdisc_verify(). */
#ifndef BQ_VERIFY_FINDINGS_H
#define BQ_VERIFY_FINDINGS_H

#include "verify/explain.h"

struct bq_findings {
	const struct bqdisc_verify_opts *opts;
	int n;
	/* Class of all findings. A fault on every kernel outranks a feature that this one lacks. */
	enum bqdisc_error_class error_class;
};

/* Report E about PROGRAM, which implements OP. Both are NULL if it is about the whole object. */
void bq_findings_add(struct bq_findings *findings, const struct bq_explanation *e, const char *op,
		     const char *program);

/* Report RULE about the whole object. ARG replaces {1} in its texts. */
void bq_findings_add_rule(struct bq_findings *findings, const char *rule, const char *arg);

#endif
