// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets of flows, and the processes that have them. */
#include <errno.h>
#include <stdlib.h>

#include "netlink/sockets.h"
#include "session.h"
#include "util/processes.h"

struct bqdisc_sockets {
	struct bq_sockets sockets;
	struct bq_processes processes;
	struct bq_cgroups cgroups;
};

struct bqdisc_sockets *bqdisc__read_sockets(struct bqdisc *bq, bool processes)
{
	struct bqdisc_sockets *all = calloc(1, sizeof(*all));
	int err = all ? bq_sockets_read(&all->sockets) : -ENOMEM;

	if (!err && processes)
		err = bq_processes_read(&all->processes);
	if (!err && processes)
		err = bq_cgroups_read(&all->cgroups);
	if (!err)
		return all;
	bq_fail(&bq->error, BQDISC_ERROR_REFUSED, -err, "out of memory");
	bqdisc_sockets__free(all);
	return NULL;
}

bool bqdisc_sockets__find(const struct bqdisc_sockets *sockets, const struct bqdisc_flow_key *key,
			  struct bqdisc_socket *socket)
{
	const struct bq_socket *s = bq_sockets_find(&sockets->sockets, key);
	const struct bq_process *p;

	if (!s)
		return false;
	/* Inode 0 is a socket that its process has closed. */
	p = s->inode ? bq_processes_find(&sockets->processes, s->inode) : NULL;
	*socket = (struct bqdisc_socket){
		.uid = s->uid,
		.pid = p ? (uint32_t)p->pid : 0,
		.command = p ? p->command : NULL,
		.cgroup = bq_cgroups_find(&sockets->cgroups, s->cgroup),
	};
	return true;
}

void bqdisc_sockets__free(struct bqdisc_sockets *sockets)
{
	if (!sockets)
		return;
	bq_sockets_free(&sockets->sockets);
	bq_processes_free(&sockets->processes);
	bq_cgroups_free(&sockets->cgroups);
	free(sockets);
}
