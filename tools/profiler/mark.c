// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * mark: does something between two marks, which plugin.c sees.
 *
 *   mark COMMAND [ARG]...      runs COMMAND; exits with its status
 *   mark --write TEXT FILE     writes TEXT to FILE: a run of pktgen, without the cost of a shell
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void mark(void)
{
	__asm__ volatile(".byte 0x0f, 0x1f, 0x80, 0x51, 0x42, 0x44, 0x51");
}

static int write_text(const char *text, const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	mark();
	n = write(fd, text, strlen(text));
	mark();
	if (n < 0)
		perror(path);
	return n < 0;
}

static int run(char *argv[])
{
	int status = 0;
	pid_t pid;

	mark();
	pid = fork();
	if (!pid) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	mark();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char *argv[])
{
	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "--write"))
		return argc == 4 ? write_text(argv[2], argv[3]) : 2;
	return run(argv + 1);
}
