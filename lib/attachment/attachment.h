/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attachments: one instance, or a set with one instance per queue, under an mq created with them.
 * The caller holds the lock for changes.
 */
#ifndef BQ_ATTACHMENT_ATTACHMENT_H
#define BQ_ATTACHMENT_ATTACHMENT_H

#include "netlink/link.h"
#include "attachment/instances.h"
#include "attachment/pinned.h"

struct bq_attachment {
	/* NULL if the set lost its instances, or if another release created the qdisc. */
	struct bq_kind *kind;
	uint32_t mq; /* handle of the set's mq; 0: a single instance */
	size_t n;
	struct bq_instance *v[BQ_QUEUES_MOST];
};

/* Return true if WAS, the qdisc at POINT, belongs to bqdisc. */
bool bq_attachment_find(struct bq_pinned *pinned, const struct bq_attach_point *point,
			const struct bq_tc_qdisc *was, struct bq_attachment *attachment,
			struct bq_error *error);

/*
 * Return true if another program replaced the qdisc of a queue of the set. QUEUES is the largest
 * number of queues of the device. That qdisc is copied to FOREIGN.
 */
bool bq_attachment_has_foreign_queue(const struct bq_attachment *attachment, uint32_t ifindex,
				     uint32_t queues, struct bq_tc_qdisc *foreign);

#endif
