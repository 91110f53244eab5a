/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Installs new instances: one, or one per queue under an mq. Everything is prepared and recorded
 * first, so that one system call replaces the qdisc. The caller holds the lock.
 */
#ifndef BQ_ATTACHMENT_INSTALL_H
#define BQ_ATTACHMENT_INSTALL_H

#include "attachment/instances.h"
#include "attachment/pinned.h"
#include "attachment/steps.h"
#include "netlink/link.h"

/* Qdiscs to create, in this order. */
struct bq_layout {
	uint32_t mq;  /* handle of the mq above the instances; 0: none */
	bool with_mq; /* the first entry is that mq */
	size_t n;
	struct bq_layout_entry {
		uint32_t handle, parent;
	} * v;
};

struct bq_install {
	struct bq_pinned *pinned;
	const struct bqdisc_qdisc *q;
	const struct bq_dev *dev;
	struct bq_attach_point point;
	/* 0: one instance at the attach point; else one per queue, under an mq there */
	uint32_t queues;
	uint32_t mq;     /* handle of bqdisc's present mq; 0: create one */
	uint32_t handle; /* as in struct bqdisc_attach_opts */
	bool over_default;
	uint32_t devices;    /* of the same command, which need as much room; 0: not known */
	bool is_loading;     /* an earlier step of the command loads the kind */
	uint32_t most_units; /* limit per instance, as in bq_instances_prepare() */
	uint64_t expires_ns; /* as in struct bq_instance */
	/* to be recorded; NULL: bqdisc's qdisc is there, keep its undo record */
	const struct bq_snapshot *previous;
	struct bq_install *before; /* bqdisc's qdisc that is replaced, for the rollback; or NULL */
	struct bq_blob tables;
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)];
	struct bq_room room; /* for all instances */

	/* Progress of the steps. */
	struct bq_layout layout;
	struct bq_kind *kind;
	bool took; /* the kernel changed the device */
	size_t n;  /* prepared instances */
	uint32_t *index;
};

/* Compute the room that the instances need in a table. All before it is set. */
void bq_install_set_room(struct bq_install *in);
/*
 * Choose the handles, and add the steps of the installation to STEPS. IN must outlive them, and is
 * freed in either case. Return 0 or -errno.
 */
int bq_install_plan(struct bq_install *in, struct bq_steps *steps, struct bq_error *error);
/* Choose the handles only. Return 0 or -errno. */
int bq_install_plan_layout(struct bq_install *in, struct bq_error *error);
/* Free what the plan has allocated. */
void bq_install_free(struct bq_install *in);

#endif
