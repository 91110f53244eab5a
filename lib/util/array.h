/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef BQ_UTIL_ARRAY_H
#define BQ_UTIL_ARRAY_H

/* Number of elements of an array, which must not be a pointer. */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
