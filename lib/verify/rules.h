/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Table that maps messages of the verifier and of libbpf to explanations. */
#ifndef BQ_VERIFY_RULES_H
#define BQ_VERIFY_RULES_H

#include "bqdisc.h"
#include "verify/conditions.h"

#define BQ_RULE_PATTERNS_MAX 5

struct bq_rule {
	const char *name;                    /* identifier for programs, as "unreleased" */
	enum bqdisc_error_class error_class; /* 0: BQDISC_ERROR_REFUSED */
	/* Alternatives, in the syntax of pattern.h. None: the rule is found by its name only. */
	const char *patterns[BQ_RULE_PATTERNS_MAX];
	/* Condition beyond the message; NULL: none. */
	bool (*condition)(struct bq_log_match *match);
	bool show_path; /* the branches that lead to the instruction help the user */
	/* Templates in the syntax of template.h. */
	const char *what;
	const char *remedy;
};

extern const struct bq_rule bq_rules[];
extern const size_t bq_n_rules;

#endif
