// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lock with a message when it is not free soon. */
#include <errno.h>
#include <sys/file.h>
#include <time.h>

#include "util/lock.h"

/* Commands hold the lock for milliseconds. Warn after a wait of this length. */
#define WARN_AFTER_MS 1000
#define STEP_MS 10

/* flock(2) has no timeout, and a library must not use signals: poll until the warning is due. */
static bool acquire_soon(int fd)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000 };
	int waited;

	for (waited = 0; waited < WARN_AFTER_MS; waited += STEP_MS) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return true;
		nanosleep(&step, NULL);
	}
	return false;
}

void bq_lock_acquire(int fd, const char *name, struct bq_error *error)
{
	if (acquire_soon(fd))
		return;
	bq_warn(error, "%s: locked by another bqdisc command; waiting for it to end", name);
	while (flock(fd, LOCK_EX) && errno == EINTR)
		;
}
