/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdlib.h>

/* Return MEMORY, which was just allocated. Abort if it is NULL: a command has nothing to undo. */
static inline void *check_memory(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* Return the array V of N elements of SIZE bytes with room for another one, and its new *ROOM. */
static inline void *extend_array(void *v, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return v;
	*room = 2 * *room + 16;
	return check_memory(reallocarray(v, *room, size));
}

#endif
