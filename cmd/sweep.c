// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <glob.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "output.h"

/* What leads to network namespaces: names first, so that a message tells one of them. */
static const char *const PATHS[] = { "/run/netns/*", "/proc/[0-9]*/ns/net" };

/* The namespaces that were swept, by their inode on nsfs. */
struct swept {
	ino_t *inodes;
	size_t n;
	int detached;
	int status; /* of the last that failed; 0: none did */
};

/* Whether FD is a namespace (a name is a plain file for a moment), and a new one. */
static bool note(struct swept *s, int fd)
{
	struct statfs fs;
	struct stat st;
	size_t i;

	if (fstatfs(fd, &fs) || fs.f_type != NSFS_MAGIC || fstat(fd, &st))
		return false;
	for (i = 0; i < s->n; i++)
		if (s->inodes[i] == st.st_ino)
			return false;
	s->inodes = realloc(s->inodes, (s->n + 1) * sizeof(*s->inodes));
	if (!s->inodes)
		abort();
	s->inodes[s->n++] = st.st_ino;
	return true;
}

static void sweep(struct swept *s, const struct globals *g)
{
	struct bqdisc *bq = session_open(g);
	int ret = bqdisc__sweep(bq);

	if (ret < 0) {
		s->status = session_fail(bq);
		return;
	}
	s->detached += ret;
	bqdisc__close(bq);
}

/* Held open meanwhile: it may lose its name or its process. */
static void sweep_at(struct swept *s, const char *path, const struct globals *g)
{
	struct globals there = *g;
	char held[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* gone, or not ours to see */
	snprintf(held, sizeof(held), "/proc/self/fd/%d", fd);
	there.netns = held;
	if (note(s, fd))
		sweep(s, &there);
	close(fd);
}

/* One that cannot be swept does not keep the others from it. */
static void sweep_everywhere(struct swept *s, const struct globals *g)
{
	glob_t found = { 0 };
	size_t i;

	for (i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++)
		glob(PATHS[i], i ? GLOB_APPEND : 0, NULL, &found);
	sweep_at(s, "/proc/self/ns/net", g);
	for (i = 0; i < found.gl_pathc; i++)
		sweep_at(s, found.gl_pathv[i], g);
	globfree(&found);
}

int sweep_main(int argc, char *argv[], const struct globals *g)
{
	bool all = false;
	const struct flag flags[] = { { .name = "--all", .set = &all } };
	struct swept s = { 0 };

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (argc < 0)
		return BQDISC_FAULT_USAGE;
	if (argc > 1)
		return usage_error("sweep: '%s' is one word too many", argv[1]);
	if (all && g->netns)
		return usage_error("sweep: --all and -n exclude each other");
	if (all)
		sweep_everywhere(&s, g);
	else
		sweep(&s, g);
	free(s.inodes);
	if (s.status)
		return s.status;
	if (g->json)
		output_json(json_pack("{si}", "detached", s.detached));
	else if (s.detached)
		printf("%d detached\n", s.detached);
	return 0;
}
