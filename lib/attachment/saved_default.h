/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Saved default: the earlier value of net.core.default_qdisc, in a pinned map. */
#ifndef BQ_ATTACHMENT_SAVED_DEFAULT_H
#define BQ_ATTACHMENT_SAVED_DEFAULT_H

#include "util/system.h"

/*
 * Record KIND, unless a saved default exists: the first is the one to restore. Return 0 or -errno.
 */
int bq_saved_default_record(const char kind[BQ_DEFAULT_MAX], struct bq_error *error);
/* Read the saved default. Return 0, or -ENOENT if there is none or it is unreadable. */
int bq_saved_default_read(char kind[BQ_DEFAULT_MAX]);
/* Delete the saved default, if there is one. */
void bq_saved_default_delete(void);

#endif
