/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc words of qdiscs. */
#ifndef BQ_SNAPSHOT_TC_QDISC_H
#define BQ_SNAPSHOT_TC_QDISC_H

#include "snapshot/tc_format.h"

/*
 * Print KIND and its OPTIONS. OPTIONS may be NULL. Mark the line incomplete if tc has no word for
 * the kind or an option.
 */
void bq_tc_print_qdisc(struct bq_tc_line *w, const char *kind, const struct nlattr *options);

/* Print the size table STAB (TCA_STAB). Mark the line incomplete if tc would compute another. */
void bq_tc_print_stab(struct bq_tc_line *w, const struct nlattr *stab);

#endif
