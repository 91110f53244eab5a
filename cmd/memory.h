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

#endif
