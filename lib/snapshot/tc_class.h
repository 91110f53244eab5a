/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc words of classes. */
#ifndef BQ_SNAPSHOT_TC_CLASS_H
#define BQ_SNAPSHOT_TC_CLASS_H

#include "snapshot/tc_format.h"

/* Print KIND and its OPTIONS. OPTIONS may be NULL. */
void bq_tc_print_class(struct bq_tc_line *w, const char *kind, const struct nlattr *options);

#endif
