/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Trace files: the capacity of a link over time. */
#ifndef BQ_QDISC_TRACE_FILE_H
#define BQ_QDISC_TRACE_FILE_H

#include <bqdisc/trace.h>

#include "qdisc/qdisc.h"
#include "util/scale.h"

#define BQ_TRACE_MAX 1000000u /* entries */
/* ns: limit of times and delays in rows */
#define BQ_TRACE_MAX_TIME (3600000 * BQ_S)

/*
 * Read the trace FILE into BLOB, a struct bq_trace with its entries, which the caller frees.
 * Return 0 or -errno. Errors have the form "FILE:LINE:COLUMN: problem". Blank lines and text after
 * `#` are ignored. There are two formats:
 *
 * - Each line is a number of milliseconds, as in mahimahi's traces. Numbers must not decrease.
 * - Each line is "TIME RATE DELAY LOSS", such as "1.5s 10mbit 20ms 0.1%". `-` is an unlimited rate.
 *   The first TIME is 0, and each TIME exceeds the previous one.
 *
 * LOOP restarts the trace at its last time. In the second format a last line with only a TIME is
 * required, which sets that time.
 */
int bq_trace_read(const char *file, bool loop, struct bq_blob *blob, struct bq_error *error);

#endif
