/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tables of distributions as tc has them: known ones from their formulas, others from files. */
#ifndef BQ_QDISC_DISTRIBUTION_H
#define BQ_QDISC_DISTRIBUTION_H

#include <stdint.h>

#include "util/error.h"

/* What there is without a file, up to NULL. */
extern const char *const bq_distributions[];

/*
 * Writes the table of NAME into VALUES, which has room for MAX: one of the above, else a file by
 * its path, or by its name where tc looks for NAME.dist. Returns how many values it has, 0 for
 * uniform, which has none.
 */
int bq_distribution_load(const char *name, int16_t *values, int max, struct bq_error *error);

#endif
