/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What net.core.default_qdisc was before us: in a pinned map, as it must outlive us. */
#ifndef BQ_FORMER_H
#define BQ_FORMER_H

#include "machine.h"

/* Records KIND, unless something is recorded: the first is what was there before us. */
int bq_former_record(const char kind[BQ_DEFAULT_MAX], struct bq_report *rep);
/* -ENOENT: nothing is recorded, or it cannot be read. */
int bq_former_read(char kind[BQ_DEFAULT_MAX]);
/* Nothing to forget is fine. */
void bq_former_forget(void);

#endif
