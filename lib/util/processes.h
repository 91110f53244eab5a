/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes by the sockets that they have open, and cgroups by their number. */
#ifndef BQ_UTIL_PROCESSES_H
#define BQ_UTIL_PROCESSES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BQ_COMMAND_MAX 16 /* of the kernel, with the zero at the end */

/* A process that has the socket INODE open. */
struct bq_process {
	uint64_t inode;
	pid_t pid;
	char command[BQ_COMMAND_MAX];
};

/* Processes in the order of their sockets. */
struct bq_processes {
	struct bq_process *v;
	size_t n, room;
};

/* Read all processes that the caller may see. Return 0 or -ENOMEM. */
int bq_processes_read(struct bq_processes *all);
/* Return the process with the lowest number that has the socket, or NULL. */
const struct bq_process *bq_processes_find(const struct bq_processes *all, uint64_t inode);
void bq_processes_free(struct bq_processes *all);

struct bq_cgroup {
	uint64_t id;
	char *path; /* below the mount of cgroup v2 */
};

struct bq_cgroups {
	struct bq_cgroup *v;
	size_t n, room;
};

/* Read all cgroups of version 2. Return 0, also if none is mounted, or -ENOMEM. */
int bq_cgroups_read(struct bq_cgroups *all);
/* Return the path of a cgroup, or NULL. */
const char *bq_cgroups_find(const struct bq_cgroups *all, uint64_t id);
void bq_cgroups_free(struct bq_cgroups *all);

#endif
