/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of options: what the parser and the functions of qdisc.h on configurations share. */
#ifndef BQ_QDISC_OPTION_H
#define BQ_QDISC_OPTION_H

#include "qdisc/qdisc.h"

/* Return true if CONFIG sets a clause with the name of the clause that begins with row HEAD. */
bool bq_option_is_excluded(const struct bqdisc_qdisc *q, const struct bq_option *head,
			   const void *config);

/* Return the factor from the unit of the command line to the unit of the field. */
uint64_t bq_option_scale(const struct bq_option *row);

/* Set value N of ROW in CONFIG. VALUE is in the unit of the command line. */
void bq_option_set(const struct bq_option *row, void *config, size_t n, uint64_t value);

/* Mark row N as set by the user. */
void bq_option_mark_set(void *config, size_t n);

/* Parse TEXT as value N of ROW, and set it in CONFIG. Return 0 or -errno. */
int bq_option_parse_value(const struct bqdisc_qdisc *q, const struct bq_option *row,
			  const char *text, size_t n, void *config, struct bq_error *error);

#endif
