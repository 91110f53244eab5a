/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Puts new instances in place: one, or one for each queue under an mq. All is prepared and recorded
 * first; what touches traffic is one system call. Whoever calls holds the lock.
 */
#ifndef BQ_ATTACHMENT_INSTALL_H
#define BQ_ATTACHMENT_INSTALL_H

#include "netlink/link.h"
#include "attachment/instances.h"

#define BQ_CONFIG_MAX 2048 /* bytes; a config struct is far smaller */

struct bq_install {
	const struct bqdisc_qdisc *q;
	const struct bq_dev *link;
	struct bq_attach_point point;
	uint32_t queues; /* 0: one instance, at the place; else as many, under an mq there */
	uint32_t mq;     /* the mq of ours that is there already; 0: it is made anew */
	bool over_default;
	uint32_t most_units; /* of each instance, as in bq_instances_prepare() */
	uint64_t expires_ns; /* as in struct bq_instance */
	const struct bq_snapshot
		*undo; /* to be recorded; NULL: ours is there, and it is recorded */
	struct bq_blob tables;
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)];
};

/* What is made, in this order, and where. */
struct bq_layout {
	uint32_t mq;  /* handle of the mq that the instances go under; 0: none */
	bool with_mq; /* the first is that mq */
	size_t n;
	struct {
		uint32_t handle, parent;
	} v[BQ_INSTANCES + 1];
};

int bq_install_plan_layout(const struct bq_install *in, struct bq_layout *layout,
			   struct bq_error *error);

/*
 * TOOK: in a failure, whether something on the device was changed nevertheless. It is the caller's
 * to put that right.
 */
int bq_install(const struct bq_install *in, bool *took, struct bq_error *error);

#endif
