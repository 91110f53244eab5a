/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Clocks of the kernel. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/* Return the time of CLOCK in ns. */
uint64_t clock_ns(clockid_t clock);
/* Return the time of CLOCK_MONOTONIC in seconds. */
double clock_seconds(void);
/* Wait until WHEN, in seconds of CLOCK_MONOTONIC, or for a signal. */
void clock_wait(double when);

#endif
