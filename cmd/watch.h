/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stats --watch: counters and their rates, periodically. */
#ifndef WATCH_H
#define WATCH_H

#include "cmd.h"

/* Parse a number of seconds, at least 0.1, into a double. For struct flag. */
bool watch_parse(const char *text, void *seconds);

/*
 * Print counters and rates every SECONDS until interrupted. Text leaves out counters that are zero,
 * unless ZEROS.
 * Close BQ. Return the exit status.
 */
int watch(struct bqdisc *bq, const char *dev, bool per_queue, bool zeros, double seconds,
	  const struct globals *g);

#endif
