// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <glob.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bqdisc.h"
#include "util/array.h"

static const char *const PATHS[] = { "/proc/self/ns/net", "/run/netns/*", "/proc/[0-9]*/ns/net" };

/* Inodes of the namespaces that were passed to the callback. */
struct visited {
	ino_t *inodes;
	size_t n;
};

/* Return true if FD is a namespace that was not seen yet. A name is briefly a plain file. */
static bool add_if_new(struct visited *v, int fd)
{
	struct statfs fs;
	struct stat st;
	ino_t *more;
	size_t i;

	if (fstatfs(fd, &fs) || fs.f_type != NSFS_MAGIC || fstat(fd, &st))
		return false;
	for (i = 0; i < v->n; i++)
		if (v->inodes[i] == st.st_ino)
			return false;
	more = realloc(v->inodes, (v->n + 1) * sizeof(*more));
	if (!more)
		return false;
	v->inodes = more;
	v->inodes[v->n++] = st.st_ino;
	return true;
}

/* Pass the namespace to the callback. Hold it open, as its name or process may disappear. */
static void visit(struct visited *v, const char *path, void (*fn)(const char *netns, void *arg),
		  void *arg)
{
	char held[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* removed, or not accessible */
	snprintf(held, sizeof(held), "/proc/self/fd/%d", fd);
	if (add_if_new(v, fd))
		fn(held, arg);
	close(fd);
}

void bqdisc_netns__each(void (*fn)(const char *netns, void *arg), void *arg)
{
	struct visited v = { 0 };
	glob_t found = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(PATHS); i++)
		glob(PATHS[i], i ? GLOB_APPEND : 0, NULL, &found);
	for (i = 0; i < found.gl_pathc; i++)
		visit(&v, found.gl_pathv[i], fn, arg);
	globfree(&found);
	free(v.inodes);
}
