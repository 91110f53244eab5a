/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Patterns of messages. `*` matches a run of characters without blanks and captures it; `...`
 * matches any run. All other characters match themselves.
 */
#ifndef BQ_VERIFY_PATTERN_H
#define BQ_VERIFY_PATTERN_H

#include <stdbool.h>

#define BQ_CAPTURES_MAX 4
#define BQ_CAPTURE_SIZE 96 /* bytes, with the terminating 0; longer runs are cut */

/*
 * Search TEXT for PATTERN. Return true if it is found; CAPTURED then holds what each `*` matched,
 * and empty strings behind them.
 */
bool bq_pattern_match(const char *pattern, const char *text,
		      char captured[BQ_CAPTURES_MAX][BQ_CAPTURE_SIZE]);

#endif
