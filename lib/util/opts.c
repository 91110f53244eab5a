// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "util/opts.h"

/* A newer caller's unknown tail must be zero: it asks for nothing that we would ignore. */
int bq_opts_copy(void *to, size_t to_size, const void *from, struct bq_error *error)
{
	const char *bytes = from;
	size_t i, size;

	memset(to, 0, to_size);
	if (!from)
		return 0;
	memcpy(&size, from, sizeof(size));
	for (i = to_size; i < size; i++)
		if (bytes[i])
			return bq_fail(error, BQDISC_ERROR_USAGE, E2BIG,
				       "libbqdisc is older than its caller and misses an option");
	memcpy(to, from, size < to_size ? size : to_size);
	return 0;
}
