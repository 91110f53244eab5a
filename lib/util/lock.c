// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "util/lock.h"

#define PATIENCE_S 1
#define COMMAND_MAX 80

static void block(int fd)
{
	while (flock(fd, LOCK_EX) && errno == EINTR)
		;
}

/*
 * A thread waits, because flock() knows no timeout and a library leaves signals alone. The lock
 * belongs to the open file, not to the thread that took it.
 */
static void *block_in_thread(void *arg)
{
	block((int)(intptr_t)arg);
	return NULL;
}

/* The process that has FD's flock; 0 when none is seen, as one outside of our pid namespace. */
static int find_holder(int fd)
{
	unsigned int major, minor;
	unsigned long inode;
	int pid, holder = 0;
	char line[256];
	struct stat st;
	FILE *locks = fopen("/proc/locks", "re");

	if (!locks)
		return 0;
	if (fstat(fd, &st))
		st.st_ino = 0;
	/* "1: FLOCK  ADVISORY  WRITE 314 00:1b:1 0 EOF"; who waits has "->" before FLOCK. */
	while (!holder && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*d: FLOCK %*s WRITE %d %x:%x:%lu", &pid, &major, &minor,
			   &inode) == 4 &&
		    inode == st.st_ino && makedev(major, minor) == st.st_dev)
			holder = pid;
	fclose(locks);
	return holder;
}

/* A process's command line, cut if it is long; what is not printable becomes '?'. */
static const char *read_command(int pid, char text[COMMAND_MAX])
{
	ssize_t i, n = -1;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, COMMAND_MAX - 1);
		close(fd);
	}
	if (n <= 0)
		return "gone by now";
	while (n && !text[n - 1])
		n--;
	text[n] = '\0';
	for (i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
		else if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	return text;
}

static void say_for_whom(int fd, struct bq_error *error)
{
	char command[COMMAND_MAX];
	int pid = find_holder(fd);

	if (pid)
		bq_warn(error, "waiting for process %d (%s)", pid, read_command(pid, command));
	else
		bq_warn(error, "waiting for a process that is not seen from here");
}

void bq_lock_acquire(int fd, struct bq_error *error)
{
	struct timespec until;
	pthread_t thread;

	if (!flock(fd, LOCK_EX | LOCK_NB))
		return;
	if (pthread_create(&thread, NULL, block_in_thread, (void *)(intptr_t)fd)) {
		block(fd);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) == ETIMEDOUT) {
		say_for_whom(fd, error);
		pthread_join(thread, NULL);
	}
}
