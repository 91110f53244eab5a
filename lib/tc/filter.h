/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Filters of tc as the match of a rule. */
#ifndef BQ_TC_FILTER_H
#define BQ_TC_FILTER_H

#include "tc/request.h"

/*
 * Append the words behind "match" for the filter R to MATCH, none if it matches every packet, and
 * set the class that it selects. Return false after adding a problem.
 */
bool bq_tc_filter_match(const struct bq_tc_request *r, struct bq_words *match, uint32_t *class,
			struct bq_problems *problems);

#endif
