/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting for a lock without being silent about it. Knows nothing of what the lock is for. */
#ifndef BQ_UTIL_LOCK_H
#define BQ_UTIL_LOCK_H

#include "util/error.h"

/*
 * Takes the flock of FD. Sleeps in the kernel until it is free, and says for whom it waits when
 * that takes longer than a second.
 */
void bq_lock_acquire(int fd, struct bq_error *error);

#endif
