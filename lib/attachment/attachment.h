/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attachments: one instance, or a set with one instance per queue, under an mq created with them.
 * The caller holds the lock for changes.
 */
#ifndef BQ_ATTACHMENT_ATTACHMENT_H
#define BQ_ATTACHMENT_ATTACHMENT_H

#include "attachment/budget.h"
#include "netlink/link.h"
#include "attachment/instances.h"
#include "attachment/pinned.h"

struct bq_attachment {
	/* NULL if the set lost its instances, or if another release created the qdisc. */
	struct bq_kind *kind;
	uint32_t mq; /* handle of the set's mq; 0: a single instance */
	size_t n;
	struct bq_instance *v[BQ_INSTANCES];
};

/* Return true if WAS, the qdisc at POINT, belongs to bqdisc. */
bool bq_attachment_find(struct bq_pinned *pinned, const struct bq_attach_point *point,
			const struct bq_tc_qdisc *was, struct bq_attachment *attachment,
			struct bq_error *error);

/*
 * Return true if another program replaced the qdisc of a queue of the set. QUEUES is the largest
 * number of queues of the device. That qdisc is copied to STRANGER.
 */
bool bq_attachment_has_foreign_queue(const struct bq_attachment *attachment, uint32_t ifindex,
				     uint32_t queues, struct bq_tc_qdisc *stranger);

/* Complete CONFIG for one instance, with the defaults or with its active configuration. */
typedef void (*bq_merge_fn)(const struct bq_kind *kind, const struct bq_instance *id, void *config);

/*
 * Compute the memory that bq_attachment_apply() will use. Set all members of NEED except the limit.
 * Nothing is changed.
 */
int bq_attachment_need(const struct bq_attachment *attachment, const void *config,
		       const struct bq_blob *tables, bq_merge_fn merge,
		       const struct bq_dev_params *dev, struct bq_need *need,
		       struct bq_error *error);
/*
 * Apply CONFIG, as completed by MERGE, and its tables to all instances without detaching. On
 * failure all keep their configuration. Return 1 if changed, 0 if nothing differs, -errno on
 * failure.
 */
int bq_attachment_apply(const struct bq_attachment *attachment, const void *config,
			const struct bq_blob *tables, bq_merge_fn merge,
			const struct bq_dev_params *dev, struct bq_error *error);
/*
 * Return 1 if bq_attachment_apply() would change something, else 0, or -errno. WANTED is set to the
 * new configuration of the first instance.
 */
int bq_attachment_differs(const struct bq_attachment *attachment, const void *config,
			  const struct bq_blob *tables, bq_merge_fn merge,
			  const struct bq_dev_params *dev, void *wanted, struct bq_error *error);

#endif
