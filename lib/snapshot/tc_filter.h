/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words that tc has for filters and their actions: a table of kinds, each with rows. Of the
 * room of libmnl.
 */
#ifndef BQ_SNAPSHOT_TC_FILTER_H
#define BQ_SNAPSHOT_TC_FILTER_H

#include "snapshot/tc_format.h"

struct nlmsghdr;

/* Says protocol, priority, handle, kind and options of a request. */
void bq_tc_print_filter(struct bq_tc_line *w, const struct nlmsghdr *request);

#endif
