/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP and UDP sockets of the current network namespace, by sock_diag(7). */
#ifndef BQ_NETLINK_SOCKETS_H
#define BQ_NETLINK_SOCKETS_H

#include "bqdisc.h"

struct bq_socket {
	struct bqdisc_flow_key key; /* of the packets that it sends; 0 where it is not bound */
	uint32_t uid, inode;
	uint64_t cgroup; /* 0: unknown */
};

/* Sockets in the order of bq_sockets_find(). */
struct bq_sockets {
	struct bq_socket *v;
	size_t n, room;
};

/* Add all sockets. Return 0 or -ENOMEM. Those of a protocol that cannot be read are missing. */
int bq_sockets_read(struct bq_sockets *sockets);
void bq_sockets_free(struct bq_sockets *sockets);
/* Return the socket that sends packets of KEY, or NULL. A connected one goes first. */
const struct bq_socket *bq_sockets_find(const struct bq_sockets *sockets,
					const struct bqdisc_flow_key *key);

#endif
