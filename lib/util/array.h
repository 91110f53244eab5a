/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef BQ_UTIL_ARRAY_H
#define BQ_UTIL_ARRAY_H

#include <stddef.h>

/* Number of elements of an array, which must not be a pointer. */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Return the array V of N elements of SIZE bytes with room for another one, and its new *ROOM.
 * Return NULL without memory; V is then as before.
 */
void *bq_array_extend(void *v, size_t n, size_t *room, size_t size);

#endif
