/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Units of one kind of value, and those of time. */
#ifndef BQ_UTIL_SCALE_H
#define BQ_UTIL_SCALE_H

#include <stdint.h>

/* Times in ns. */
#define BQ_NS UINT64_C(1)
#define BQ_US UINT64_C(1000)
#define BQ_MS UINT64_C(1000000)
#define BQ_S UINT64_C(1000000000)

/* A unit as it stands behind a number, and its value. */
struct bq_scale {
	const char *word;
	uint64_t factor;
};

#endif
