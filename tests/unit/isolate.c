// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hides the pins of this machine from the unit tests: their results must not depend on them. The
 * linker puts these functions in the place of the C library's and libbpf's (--wrap, see Makefile).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "isolate.h"

#define HIDDEN "/sys/fs/bpf"

#define REAL(type, name, ...) type __real_##name(__VA_ARGS__)
#define WRAP(type, name, ...)                                                                      \
	REAL(type, name, __VA_ARGS__);                                                             \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

struct bpf_obj_get_opts;

unsigned int isolate_hidden;

static bool is_hidden(const char *path)
{
	if (strncmp(path, HIDDEN, strlen(HIDDEN)))
		return false;
	isolate_hidden++;
	errno = ENOENT;
	return true;
}

WRAP(DIR *, opendir, const char *path)
{
	return is_hidden(path) ? NULL : __real_opendir(path);
}

WRAP(int, open, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return is_hidden(path) ? -1 : __real_open(path, flags, mode);
}

WRAP(int, stat, const char *path, struct stat *st)
{
	return is_hidden(path) ? -1 : __real_stat(path, st);
}

WRAP(int, statfs, const char *path, struct statfs *st)
{
	return is_hidden(path) ? -1 : __real_statfs(path, st);
}

WRAP(int, access, const char *path, int mode)
{
	return is_hidden(path) ? -1 : __real_access(path, mode);
}

WRAP(int, mkdir, const char *path, mode_t mode)
{
	return is_hidden(path) ? -1 : __real_mkdir(path, mode);
}

WRAP(int, bpf_obj_get, const char *path)
{
	return is_hidden(path) ? -ENOENT : __real_bpf_obj_get(path);
}

WRAP(int, bpf_obj_get_opts, const char *path, const struct bpf_obj_get_opts *opts)
{
	return is_hidden(path) ? -ENOENT : __real_bpf_obj_get_opts(path, opts);
}
