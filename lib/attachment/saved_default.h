/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What net.core.default_qdisc was before us: in a pinned map, as it must outlive us. */
#ifndef BQ_ATTACHMENT_SAVED_DEFAULT_H
#define BQ_ATTACHMENT_SAVED_DEFAULT_H

#include "util/system.h"

/* Records KIND, unless something is recorded: the first is what was there before us. */
int bq_saved_default_record(const char kind[BQ_DEFAULT_MAX], struct bq_error *error);
/* -ENOENT: nothing is recorded, or it cannot be read. */
int bq_saved_default_read(char kind[BQ_DEFAULT_MAX]);
/* Nothing to forget is fine. */
void bq_saved_default_delete(void);

#endif
