/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Distribution tables in the format of tc: known ones computed by formulas, others read from files.
 */
#ifndef BQ_QDISC_DISTRIBUTION_H
#define BQ_QDISC_DISTRIBUTION_H

#include <stdint.h>

#include "util/error.h"

/* Names that need no file, up to NULL. */
extern const char *const bq_distributions[];

/*
 * Write the table of NAME into VALUES, which has room for MAX entries. NAME is one of the above,
 * the path of a file, or the name of a NAME.dist in tc's directory. Return the number of entries, 0
 * for "uniform", which needs none, or -errno.
 */
int bq_distribution_load(const char *name, int16_t *values, int max, struct bq_error *error);

#endif
