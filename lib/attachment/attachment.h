/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What of ours is at a place: one instance, or a set of them, one for each queue, under an mq that
 * was made with them. Whoever changes it holds the lock.
 */
#ifndef BQ_ATTACHMENT_ATTACHMENT_H
#define BQ_ATTACHMENT_ATTACHMENT_H

#include "attachment/budget.h"
#include "netlink/link.h"
#include "attachment/instances.h"

struct bq_attachment {
	/* Open; without a qdisc when the set has lost its instances, or another release made it. */
	struct bq_kind kind;
	uint32_t mq; /* handle of the set's mq; 0: it is one instance alone */
	size_t n;
	struct bq_instance *v[BQ_INSTANCES];
};

/* Whether WAS, what is at PLACE, is ours; then it is to be closed. */
bool bq_attachment_find(const struct bq_attach_point *point, const struct bq_tc_qdisc *was,
			struct bq_attachment *attachment, struct bq_error *error);
void bq_attachment_close(struct bq_attachment *attachment);

/*
 * Whether someone else has put a qdisc in the place of one of the set, on a device that can have so
 * many QUEUES; which one is in STRANGER.
 */
bool bq_attachment_has_foreign_queue(const struct bq_attachment *attachment, uint32_t ifindex,
				     uint32_t queues, struct bq_tc_qdisc *stranger);

/* Completes CONFIG for one instance: with its defaults, or with what it has now. */
typedef void (*bq_merge_fn)(const struct bq_kind *kind, const struct bq_instance *id, void *config);

/*
 * What bq_attachment_apply() will take: fills in all of NEED but its bound. Nothing is changed.
 */
int bq_ours_need(const struct bq_attachment *attachment, const void *config,
		 const struct bq_blob *tables, bq_merge_fn merge, const struct bq_dev_params *dev,
		 struct bq_need *need, struct bq_error *error);
/*
 * Brings all instances to ANNEX and CONFIG, as MERGE completes it, live. A failure leaves all as
 * they were. Returns 1 when one was changed, 0 when they were so already.
 */
int bq_attachment_apply(const struct bq_attachment *attachment, const void *config,
			const struct bq_blob *tables, bq_merge_fn merge,
			const struct bq_dev_params *dev, struct bq_error *error);
/* Whether that would change something; WANTED is filled with the first one's configuration then. */
int bq_attachment_differs(const struct bq_attachment *attachment, const void *config,
			  const struct bq_blob *tables, bq_merge_fn merge,
			  const struct bq_dev_params *dev, void *wanted, struct bq_error *error);

#endif
