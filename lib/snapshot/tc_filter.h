/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc words of filters. */
#ifndef BQ_SNAPSHOT_TC_FILTER_H
#define BQ_SNAPSHOT_TC_FILTER_H

#include "snapshot/tc_format.h"

struct nlmsghdr;

/* Print protocol, priority, handle, kind and options of REQUEST. */
void bq_tc_print_filter(struct bq_tc_line *w, const struct nlmsghdr *request);

#endif
