/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Source lines of the path in a verifier's log. */
#ifndef BQ_VERIFY_LOG_PATH_H
#define BQ_VERIFY_LOG_PATH_H

#include "verify/log.h"

/* Branch on the path. */
struct bq_log_branch {
	const struct bq_log_line *line; /* of the condition */
	const struct bq_log_line *next; /* at which the path continues; NULL: end of the program */
};

/*
 * Return the source line at fault, or NULL if it is unknown. The line of the function's head is
 * avoided: the compiler attributes the exit to it.
 */
const struct bq_log_line *bq_log_error_line(const struct bq_log *log);

/* Return the last line in the object's own file if the fault line is in a header, else NULL. */
const struct bq_log_line *bq_log_line_before_header(const struct bq_log *log);

/*
 * Write the last branches of the path into BRANCHES, at most SIZE, in the order of execution.
 * Return their number. Set OMITTED to the number of branches before them.
 */
size_t bq_log_branches(const struct bq_log *log, struct bq_log_branch *branches, size_t size,
		       size_t *omitted);

#endif
