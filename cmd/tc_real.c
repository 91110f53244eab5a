// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The real tc: the first program of this name that is not bqdisc. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tc.h"

/* Searched after PATH, as users without privileges often lack them there. */
#define MORE_PATH ":/sbin:/usr/sbin"
#define READ_BYTES 65536

/*
 * Return true if PATH is a program other than bqdisc. A link named tc to another copy of bqdisc is
 * no tc either: the two would call each other forever.
 */
static bool is_real(const char *path, const struct stat *self)
{
	char target[PATH_MAX];
	const char *name;
	struct stat st;

	if (access(path, X_OK) || stat(path, &st) || !S_ISREG(st.st_mode) ||
	    !realpath(path, target))
		return false;
	name = strrchr(target, '/') + 1;
	return strcmp(name, "bqdisc") && !(st.st_dev == self->st_dev && st.st_ino == self->st_ino);
}

/* Write the path of the real tc into PATH. Return false if there is none. */
static bool find_real(char path[PATH_MAX])
{
	const char *from = getenv("PATH");
	char *dirs = NULL, *rest, *dir;
	struct stat self = { 0 };
	bool found = false;

	stat("/proc/self/exe", &self);
	if (asprintf(&dirs, "%s" MORE_PATH, from ? from : "") < 0)
		return false;
	for (rest = dirs; !found && (dir = strsep(&rest, ":"));)
		found = *dir == '/' && snprintf(path, PATH_MAX, "%s/tc", dir) < PATH_MAX &&
			is_real(path, &self);
	free(dirs);
	return found;
}

int tc_exec(const struct tc_line *line)
{
	char path[PATH_MAX];

	fflush(stdout);
	if (!find_real(path))
		return usage_error("tc: only the real tc does this, and PATH has none; install "
				   "iproute2");
	execv(path, line->all);
	return usage_error("tc: cannot run %s: %s", path, strerror(errno));
}

/* Read all of FD. Return allocated text, or NULL if memory is out. */
static char *read_all(int fd)
{
	size_t size = 0, room = READ_BYTES;
	char *text = malloc(room), *more;
	ssize_t got;

	while (text && (got = read(fd, text + size, room - size - 1)) > 0) {
		size += (size_t)got;
		if (room - size > 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (!more)
			free(text);
		text = more;
	}
	if (text)
		text[size] = '\0';
	return text;
}

int tc_capture(char *const words[], char **text)
{
	char path[PATH_MAX];
	int ends[2], status;
	pid_t pid;

	*text = NULL;
	if (!find_real(path) || pipe(ends))
		return -1;
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(path, words);
		_exit(TC_USAGE);
	}
	close(ends[1]);
	*text = pid < 0 ? NULL : read_all(ends[0]);
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !*text)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : TC_USAGE;
}
