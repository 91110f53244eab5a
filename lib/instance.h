/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Result of the walk over instances (list.c). It lives as long as the walk. */
#ifndef BQ_INSTANCE_H
#define BQ_INSTANCE_H

#include "netlink/link.h"
#include "attachment/instances.h"

/* A qdisc of bqdisc. */
struct bq_instance_info {
	struct bq_dev_qdisc qdisc;
	char dev[BQ_DEV_MAX]; /* own copy, as the name in `qdisc` is freed after the walk */
	const struct bq_kind *kind;
	const struct bq_instance *id;
	bool emitted; /* passed to the callback */
};

/* One line of output: a qdisc, or all queues of a set in their order. */
struct bqdisc_instance {
	bool is_set; /* true even if only one queue is left */
	size_t n;
	const struct bq_instance_info *v[BQ_QUEUES_MOST];
};

/* Return the time until a point of CLOCK_MONOTONIC, in ns; 0 if it has passed. */
uint64_t bq_time_until(uint64_t ns);

#endif
