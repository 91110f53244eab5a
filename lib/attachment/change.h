/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Change of the options of an attachment, without detaching it. The caller holds the lock. */
#ifndef BQ_ATTACHMENT_CHANGE_H
#define BQ_ATTACHMENT_CHANGE_H

#include "attachment/attachment.h"
#include "attachment/budget.h"
#include "attachment/steps.h"

/* Complete CONFIG for one instance, with the defaults or with its active configuration. */
typedef void (*bq_merge_fn)(const struct bq_kind *kind, const struct bq_instance *id, void *config);

/* Configuration of one instance, and its tables. */
struct bq_setting {
	struct bq_blob tables;
	void *config;
	uint64_t expires_ns; /* only of `before` */
};

struct bq_change {
	const struct bq_attachment *attachment;
	const struct bq_dev_params *dev;
	struct bq_setting *before, *wanted; /* of each instance; all share the wanted tables */
	uint64_t expires_ns;                /* new expiry time, as in struct bq_instance */
	struct bq_need need;                /* memory of the change; the caller sets its limit */
};

/*
 * Compute the configuration of each instance: CONFIG, as completed by MERGE, and TABLES, which must
 * outlive CHANGE. Set the memory that the change needs. Return 0 or -errno. Free CHANGE in either
 * case; it may also be freed if it is zero.
 */
int bq_change_prepare(struct bq_change *change, const struct bq_attachment *attachment,
		      const void *config, const struct bq_blob *tables, bq_merge_fn merge,
		      const struct bq_dev_params *dev, struct bq_error *error);
/* Add the steps of the change to STEPS: none if nothing differs. */
void bq_change_plan(struct bq_change *change, struct bq_steps *steps);
/* Add the step that sets the expiry time of all instances, unless they have it already. */
void bq_change_plan_expiry(struct bq_change *change, uint64_t expires_ns, struct bq_steps *steps);
void bq_change_free(struct bq_change *change);

#endif
