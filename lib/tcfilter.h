/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words that tc has for filters and their actions: a table of kinds, each with rows. Of the
 * room of libmnl.
 */
#ifndef BQ_TCFILTER_H
#define BQ_TCFILTER_H

#include "tcform.h"

struct nlmsghdr;

/* Says protocol, priority, handle, kind and options of a request. */
void bq_tcfilter_say(struct bq_words *w, const struct nlmsghdr *request);

#endif
