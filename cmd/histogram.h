/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Histograms as bars and as JSON, with percentiles. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include "cmd.h"
#include "json_writer.h"

/* Print "  p50 1.2ms  p90 ...  max ...", for a histogram that is not empty. */
void histogram_print_percentiles(const struct bqdisc_value *v);
/* Print a line with percentiles, and below it bars. */
void histogram_print(const struct bqdisc_value *v);

/* Write percentiles, and the bounds and count of each bucket that is not empty. */
void jsonw_histogram(struct json_writer *w, const struct bqdisc_value *v);

#endif
