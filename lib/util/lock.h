/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A lock between processes that reports a long wait. */
#ifndef BQ_UTIL_LOCK_H
#define BQ_UTIL_LOCK_H

#include "util/error.h"

/*
 * Take the exclusive flock(2) of FD, which the user knows as NAME. Block until it is free, and warn
 * once when that takes longer than a second.
 */
void bq_lock_acquire(int fd, const char *name, struct bq_error *error);

#endif
