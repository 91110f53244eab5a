/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stats --watch: counters and their rates, again and again. */
#ifndef WATCH_H
#define WATCH_H

#include "cmd.h"

/* Parses a number of seconds, at least 0.1, into a double. For struct flag. */
bool watch_parse(const char *text, void *seconds);

/* Prints counters and rates every SECONDS until interrupted. Closes BQ; returns the exit status. */
int watch(struct bqdisc *bq, const char *dev, bool queues, double seconds, const struct globals *g);

#endif
