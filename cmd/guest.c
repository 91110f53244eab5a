// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "guest.h"

#define WORDS_MAX 32
#define SECONDS "240" /* a boot takes some, a large program on an emulated processor more */

/* Write the path of this program to SELF. */
static bool find_self(char self[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", self, PATH_MAX - 1);

	if (len <= 0)
		return false;
	self[len] = '\0';
	return true;
}

/* Search the source tree of this program, then the directory of `make install`. */
bool guest_find(const char *script, char *path, size_t size)
{
	static const char *const places[] = { "..", "../libexec/bqdisc" };
	const char *set = getenv("BQDISC_LIBEXEC");
	char self[PATH_MAX];
	size_t i;

	if (set) {
		snprintf(path, size, "%s/%s", set, script);
		return !access(path, X_OK);
	}
	if (!find_self(self))
		return false;
	*strrchr(self, '/') = '\0';
	for (i = 0; i < ARRAY_SIZE(places); i++)
		if ((size_t)snprintf(path, size, "%s/%s/%s", self, places[i], script) < size &&
		    !access(path, X_OK))
			return true;
	return false;
}

/*
 * The guest has one output stream. Lines of stderr are recognised by their prefix; the log of -v
 * has none and goes to stdout.
 */
static void pass_on(FILE *from)
{
	static const char error[] = "bqdisc: ";
	char line[4096];

	while (fgets(line, sizeof(line), from))
		fputs(line, strncmp(line, error, sizeof(error) - 1) ? stdout : stderr);
}

static int status_of(int wait_status, const char *kernel)
{
	int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;

	if (status >= 0 && status <= (int)BQDISC_ERROR_UNSUPPORTED)
		return status;
	fprintf(stderr, "bqdisc: the virtual machine with kernel %s returned no result\n", kernel);
	return BQDISC_ERROR_REFUSED;
}

static int run(char *argv[], const char *kernel)
{
	int ends[2], status;
	FILE *from;
	pid_t pid;

	if (pipe(ends) || (pid = fork()) < 0) {
		fprintf(stderr, "bqdisc: cannot start %s: %s\n", argv[0], strerror(errno));
		return BQDISC_ERROR_REFUSED;
	}
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	from = fdopen(ends[0], "r");
	if (from) {
		pass_on(from);
		fclose(from);
	}
	if (waitpid(pid, &status, 0) != pid)
		status = -1;
	return status_of(status, kernel);
}

int guest_run(const char *kernel, const char *file, int n, const char *const words[])
{
	char self[PATH_MAX], runner[PATH_MAX];
	const char *argv[WORDS_MAX] = { runner,  strchr(kernel, '/') ? "--image" : "-k",
					kernel,  "-t",
					SECONDS, "--smp",
					"1",     "-f",
					file };
	int i, at = 9;

	if (!find_self(self) || !guest_find("tests/vm/run", runner, sizeof(runner))) {
		fputs("bqdisc: tests/vm/run is not installed; 'make install' puts it under "
		      "PREFIX/libexec/bqdisc\n",
		      stderr);
		return BQDISC_ERROR_UNSUPPORTED;
	}
	argv[at++] = self;
	for (i = 0; i < n && at < WORDS_MAX - 1; i++)
		argv[at++] = words[i];
	return run((char **)argv, kernel);
}
