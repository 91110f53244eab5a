/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The room of libnl-route: listens. Devices, and all qdiscs with their counters. */
#ifndef BQ_NETLINK_LINK_H
#define BQ_NETLINK_LINK_H

#include "util/error.h"

#define BQ_DEV_MAX 16

/* Properties of a device that default options and the number of slots follow from. */
struct bq_dev_params {
	uint32_t mtu;          /* bytes */
	uint32_t tx_queue_len; /* packets */
};

/* A device as the kernel describes it. */
struct bq_dev {
	uint32_t ifindex;
	char name[BQ_DEV_MAX];
	uint32_t queues; /* transmit queues that the device can have: mq has a class for each */
	uint32_t real_queues; /* of these, how many it uses now */
	struct bq_dev_params device;
};

/* Finds a device of this namespace by name. */
int bq_dev_find(const char *name, struct bq_dev *link, struct bq_error *error);

/* The speed that a device tells, Mbit a second. 0, or -errno when it tells none. */
int bq_dev_speed(const char *name, uint32_t *mbit);
/* Sum the transmit queues of all devices of this namespace but loopback. Return 0 or -errno. */
int bq_dev_count_queues(uint32_t *queues, struct bq_error *error);

/* Segments that senders may leave in one packet for a device: gso_max_segs. 0, or -errno. */
int bq_dev_gso_max_segs(uint32_t ifindex, uint32_t *most);

/* The core's counters of a qdisc, the same for every kind. */
struct bq_core_stats {
	uint64_t bytes, packets, drops, overlimits, requeues, backlog_bytes, backlog_packets;
};

struct bq_dev_qdisc {
	uint32_t ifindex, handle, parent;
	const char *dev;
	const char *kind;
	struct bq_core_stats stats;
};

/* Calls FN for every qdisc of this namespace; a non-zero return ends the walk and is returned. */
int bq_dev_each_qdisc(int (*fn)(const struct bq_dev_qdisc *qdisc, void *arg), void *arg,
		      struct bq_error *error);

#endif
