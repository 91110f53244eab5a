// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * instructions: counts instructions in a guest with --icount, where a nanosecond is one.
 *
 *   instructions of COMMAND [ARG]...      runs COMMAND and prints the CPU time of its process;
 *                                         exits with its status
 *   instructions behind TEXT FILE MS      writes TEXT to FILE. When that is done it computes for MS
 *                                         milliseconds, and prints how long interrupts had the CPU
 */
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A pass of the loop is shorter. An interrupt makes a longer gap. */
#define LEAST_GAP_NS 300

static int count_command(char *argv[])
{
	struct rusage used;
	int status = 0, out;
	pid_t pid = fork();

	if (!pid) {
		out = open("/dev/null", O_WRONLY);
		dup2(out, STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0)
		return 1;
	printf("%lld\n", (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000LL +
				 (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Return the nanoseconds that are in gaps of MS milliseconds of computing. */
static uint64_t count_gaps(uint64_t ms)
{
	uint64_t before = now_ns(), end = before + ms * 1000000, now, gaps = 0;

	for (; before < end; before = now) {
		now = now_ns();
		if (now - before > LEAST_GAP_NS)
			gaps += now - before;
	}
	return gaps;
}

static int count_behind(const char *text, const char *path, uint64_t ms)
{
	/* Only interrupts, and what they run at once, take the CPU from a realtime process. */
	struct sched_param realtime = { .sched_priority = 1 };
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (write(fd, text, strlen(text)) < 0) {
		perror(path);
		return 1;
	}
	if (sched_setscheduler(0, SCHED_FIFO, &realtime)) {
		perror("sched_setscheduler");
		return 1;
	}
	printf("%llu\n", (unsigned long long)count_gaps(ms));
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc > 2 && !strcmp(argv[1], "of"))
		return count_command(argv + 2);
	if (argc == 5 && !strcmp(argv[1], "behind"))
		return count_behind(argv[2], argv[3], strtoull(argv[4], NULL, 10));
	return 2;
}
