// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Copy of extensible opts structs. */
#include <errno.h>
#include <string.h>

#include "util/opts.h"

/* The tail that this release does not know must be zero: a set member would be ignored. */
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
				       "libbqdisc: unknown option set; update libbqdisc");
	memcpy(to, from, size < to_size ? size : to_size);
	return 0;
}
