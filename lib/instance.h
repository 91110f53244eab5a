/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the walk found (list.c), for those who tell of it. Lives as long as the walk. */
#ifndef BQ_INSTANCE_H
#define BQ_INSTANCE_H

#include "netlink/link.h"
#include "attachment/instances.h"

/* A qdisc of ours. */
struct bq_instance_info {
	struct bq_dev_qdisc link;
	char dev[BQ_DEV_MAX]; /* what link.dev points to is gone after the walk */
	const struct bq_kind *kind;
	const struct bq_instance *id;
	bool told;
};

/* What is shown as one: a qdisc, or all queues of a set, in their order. */
struct bqdisc_instance {
	bool is_set; /* even of one, should it be all that is left */
	size_t n;
	const struct bq_instance_info *v[BQ_INSTANCES];
};

/* What is left until a point of CLOCK_MONOTONIC, ns; 0 when it is over. */
uint64_t bq_time_until(uint64_t ns);

#endif
