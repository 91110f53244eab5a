/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Devices of the network namespace, and their qdiscs with counters. Reads only, by libnl-route. */
#ifndef BQ_NETLINK_LINK_H
#define BQ_NETLINK_LINK_H

#include "netlink/qdisc.h"

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
	uint32_t queues;      /* transmit queues; mq has a class for each */
	uint32_t real_queues; /* transmit queues in use */
	struct bq_dev_params device;
};

/* Find the device NAME in this network namespace. Return 0, -ENODEV, or other -errno. */
int bq_dev_find(const char *name, struct bq_dev *dev, struct bq_error *error);

/* Sum the transmit queues of all devices of this namespace but loopback. Return 0 or -errno. */
int bq_dev_count_queues(uint32_t *queues, struct bq_error *error);
/* Read the speed of a device in Mbit/s. Return 0, -ENODATA if it reports none, or -errno. */
int bq_dev_speed(const char *name, uint32_t *mbit);

/* Read gso_max_segs, the limit of segments in one packet. Return 0 or -errno. */
int bq_dev_gso_max_segs(uint32_t ifindex, uint32_t *most);

struct bq_dev_qdisc {
	uint32_t ifindex, handle, parent;
	const char *dev;
	const char *kind;
	struct bq_core_stats stats;
};

/* Call FN for every qdisc of this namespace until it returns non-zero. Return that, or -errno. */
int bq_dev_each_qdisc(int (*fn)(const struct bq_dev_qdisc *qdisc, void *arg), void *arg,
		      struct bq_error *error);

#endif
