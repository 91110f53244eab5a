/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc words of the actions of filters. */
#ifndef BQ_SNAPSHOT_TC_ACTION_H
#define BQ_SNAPSHOT_TC_ACTION_H

#include "snapshot/tc_format.h"

/* Print the actions of LIST, the attribute TCA_*_ACT of a filter. */
void bq_tc_print_actions(struct bq_tc_line *w, const struct nlattr *list);

#endif
