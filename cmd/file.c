// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

/* Return true if all of TEXT is in the file FD. Close FD. */
static bool write_all(int fd, const char *text, size_t size, bool lasting)
{
	FILE *file = fdopen(fd, "w");
	bool ok;

	if (!file) {
		close(fd);
		return false;
	}
	ok = fwrite(text, 1, size, file) == size && !fflush(file) && !fchmod(fd, 0644) &&
	     (!lasting || !fsync(fd));
	return !fclose(file) && ok;
}

bool file_replace(const char *path, const char *text, size_t size, bool lasting)
{
	char temporary[PATH_MAX];
	int fd, err;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = mkstemp(temporary);
	if (fd < 0)
		return false;
	if (write_all(fd, text, size, lasting) && !rename(temporary, path))
		return true;
	err = errno;
	unlink(temporary);
	errno = err;
	return false;
}
