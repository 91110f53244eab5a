// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "util/array.h"

#define FIRST_ROOM 16

void *bq_array_extend(void *v, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : FIRST_ROOM;
	void *grown;

	if (n < *room)
		return v;
	grown = reallocarray(v, more, size);
	if (grown)
		*room = more;
	return grown;
}
