/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files of traces: what a link could carry, over time. */
#ifndef BQ_QDISC_TRACE_FILE_H
#define BQ_QDISC_TRACE_FILE_H

#include <bqdisc/trace.h>

#include "qdisc/qdisc.h"

#define BQ_TRACE_MAX 1000000u                              /* entries */
#define BQ_TRACE_MAX_TIME (UINT64_C(3600000) * 1000000000) /* ns: of rows, and of their delay */

/*
 * Reads the trace FILE into BLOB, which is a struct bq_trace with its entries, for the caller to
 * free. What is wrong is reported as "FILE:LINE:COLUMN: what". Blank lines and what follows a `#`
 * are passed over. Either each line is a number of milliseconds, as in mahimahi's traces, which may
 * not become less; or it is "TIME RATE DELAY LOSS", such as "1.5s 10mbit 20ms 0.1%", with `-` for a
 * rate without limit, and TIME, which is 0 at first, rises. With LOOP the trace begins again: at
 * its last time, or, for rows, at that of a last line of but a TIME.
 */
int bq_trace_read(const char *file, bool loop, struct bq_blob *blob, struct bq_error *error);

#endif
