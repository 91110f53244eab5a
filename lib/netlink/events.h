/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Notifications of the kernel about qdiscs of the network namespace, and devices, by libnl. */
#ifndef BQ_NETLINK_EVENTS_H
#define BQ_NETLINK_EVENTS_H

#include "netlink/qdisc.h"

struct bq_events;

/* A qdisc that came, changed or went, or a device that went: its kind is "". */
struct bq_qdisc_event {
	bool gone; /* false: it was created or changed */
	uint32_t ifindex, parent, handle;
	char kind[BQ_TC_KIND_MAX];
};

typedef void (*bq_event_fn)(const struct bq_qdisc_event *event, void *arg);

/* Begin to listen. Return NULL with a message on failure. */
struct bq_events *bq_events_open(struct bq_error *error);
void bq_events_close(struct bq_events *events);
/* Return a descriptor to poll for messages. */
int bq_events_fd(const struct bq_events *events);
/*
 * Wait for a message and call FN for each event in it. Return 0, -ENOBUFS without a message if some
 * were lost, or another -errno.
 */
int bq_events_read(struct bq_events *events, bq_event_fn fn, void *arg, struct bq_error *error);

#endif
