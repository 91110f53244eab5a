/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Installs new instances: one, or one per queue under an mq. Everything is prepared and recorded
 * first, so that one system call replaces the qdisc. The caller holds the lock.
 */
#ifndef BQ_ATTACHMENT_INSTALL_H
#define BQ_ATTACHMENT_INSTALL_H

#include "netlink/link.h"
#include "attachment/instances.h"
#include "attachment/undo.h"

struct bq_install {
	const struct bqdisc_qdisc *q;
	const struct bq_dev *link;
	struct bq_attach_point point;
	/* 0: one instance at the attach point; else one per queue, under an mq there */
	uint32_t queues;
	uint32_t mq; /* handle of bqdisc's present mq; 0: create one */
	bool over_default;
	uint32_t most_units; /* limit per instance, as in bq_instances_prepare() */
	uint64_t expires_ns; /* as in struct bq_instance */
	struct bq_undo *undo;
	/* to be recorded; NULL: bqdisc's qdisc is there, keep its undo record */
	const struct bq_snapshot *previous;
	struct bq_blob tables;
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)];
};

/* Qdiscs to create, in this order. */
struct bq_layout {
	uint32_t mq;  /* handle of the mq above the instances; 0: none */
	bool with_mq; /* the first entry is that mq */
	size_t n;
	struct {
		uint32_t handle, parent;
	} v[BQ_INSTANCES + 1];
};

int bq_install_plan_layout(const struct bq_install *in, struct bq_layout *layout,
			   struct bq_error *error);

/*
 * Install the instances. Return 0 or -errno. After a failure, TOOK is true if the device was
 * changed nevertheless; the caller must restore it.
 */
int bq_install(struct bq_catalog *catalog, const struct bq_install *in, bool *took,
	       struct bq_error *error);

#endif
