// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets of processes, from proc(5). Processes that end meanwhile are left out. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/array.h"
#include "util/processes.h"

static int add(struct bq_processes *all, const struct bq_process *p)
{
	struct bq_process *grown = bq_array_extend(all->v, all->n, &all->room, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	all->v = grown;
	all->v[all->n++] = *p;
	return 0;
}

/* Read the name, which may have any bytes. */
static void read_command(struct bq_process *p)
{
	char path[64], *c;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)p->pid);
	f = fopen(path, "re");
	if (!f || !fgets(p->command, sizeof(p->command), f))
		*p->command = '\0';
	p->command[strcspn(p->command, "\n")] = '\0';
	for (c = p->command; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	if (f)
		fclose(f);
}

/* Set the inode if the file NAME of the directory FD is a socket. */
static int read_socket(int fd, const char *name, uint64_t *inode)
{
	char target[64];
	ssize_t n = readlinkat(fd, name, target, sizeof(target) - 1);

	if (n <= 0)
		return 0;
	target[n] = '\0';
	if (strncmp(target, "socket:[", strlen("socket:[")) != 0)
		return 0;
	*inode = strtoull(target + strlen("socket:["), NULL, 10);
	return 1;
}

static int read_process(struct bq_processes *all, pid_t pid)
{
	struct bq_process p = { .pid = pid };
	struct dirent *file;
	char path[64];
	int err = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while (!err && (file = readdir(dir))) {
		if (!read_socket(dirfd(dir), file->d_name, &p.inode))
			continue;
		if (!*p.command)
			read_command(&p);
		err = add(all, &p);
	}
	closedir(dir);
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct bq_process *one = a, *other = b;

	if (one->inode != other->inode)
		return one->inode < other->inode ? -1 : 1;
	return (one->pid > other->pid) - (one->pid < other->pid);
}

int bq_processes_read(struct bq_processes *all)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	int err = 0;

	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			err = read_process(all, (pid_t)strtol(entry->d_name, NULL, 10));
	closedir(dir);
	if (all->n)
		qsort(all->v, all->n, sizeof(*all->v), compare);
	return err;
}

const struct bq_process *bq_processes_find(const struct bq_processes *all, uint64_t inode)
{
	size_t low = 0, high = all->n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (all->v[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < all->n && all->v[low].inode == inode ? &all->v[low] : NULL;
}

void bq_processes_free(struct bq_processes *all)
{
	free(all->v);
	*all = (struct bq_processes){ 0 };
}
