// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "clock.h"

uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * NS_PER_SECOND + (uint64_t)t.tv_nsec;
}

double clock_seconds(void)
{
	return (double)clock_ns(CLOCK_MONOTONIC) / (double)NS_PER_SECOND;
}

void clock_wait(double when)
{
	double left = when - clock_seconds();
	struct timespec t = { .tv_sec = (time_t)left };

	if (left <= 0)
		return;
	t.tv_nsec = (long)((left - (double)t.tv_sec) * (double)NS_PER_SECOND);
	nanosleep(&t, NULL);
}
