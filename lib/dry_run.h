/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prints the steps of --dry-run for attach, change and detach instead of executing them. The
 * decisions are made by the same code as without --dry-run.
 */
#ifndef BQ_DRY_RUN_H
#define BQ_DRY_RUN_H

#include "attachment/install.h"
#include "attachment/attachment.h"

#define BQ_DRY_RUN_DEV_MAX 72 /* bytes: 15 characters, each of them quoted */

struct bq_dry_run {
	const struct bqdisc_dry_run *to;
	char dev[BQ_DRY_RUN_DEV_MAX]; /* quoted for a shell */
};

/*
 * Prepare a dry run. DEV is quoted, as the kernel permits nearly any character in the name of a
 * device, including ";" and "$".
 */
struct bq_dry_run bq_dry_run_for(const struct bqdisc_dry_run *to, const char *dev);

int bq_dry_run_install(const struct bq_dry_run *plan, struct bq_catalog *catalog,
		       const struct bq_install *in, struct bq_error *error);
/* Print the steps of bq_attachment_apply(). Return like it: 0 if nothing would change. */
int bq_dry_run_apply(const struct bq_dry_run *plan, const struct bq_attachment *attachment,
		     const void *config, const struct bq_blob *tables, bq_merge_fn merge,
		     const struct bq_dev_params *dev, struct bq_error *error);
/* Print the steps that restore POINT. ATTACHMENT: NULL if an interrupted restore is resumed. */
int bq_dry_run_restore(const struct bq_dry_run *plan, const struct bq_undo *undo,
		       const struct bq_attach_point *point, const struct bq_attachment *attachment,
		       struct bq_error *error);
/* Print the removal of an orphan, a qdisc without pins, which requires --force. */
void bq_plan_remove(const struct bq_dry_run *plan, const struct bq_tc_qdisc *orphan);

#endif
