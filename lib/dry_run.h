/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prints the steps of --dry-run for attach, change and detach instead of executing them. The
 * decisions are made by the same code as without --dry-run.
 */
#ifndef BQ_DRY_RUN_H
#define BQ_DRY_RUN_H

#include "attachment/install.h"
#include "attachment/attachment.h"

#define BQ_DRY_RUN_DEV_MAX 72 /* a name of 15 letters, each of them quoted */

struct bq_dry_run {
	const struct bqdisc_dry_run *to;
	char dev[BQ_DRY_RUN_DEV_MAX]; /* as a shell must read it */
};

/* The kernel lets a device have nearly any letter in its name, ";" and "$" among them. */
struct bq_dry_run bq_dry_run_for(const struct bqdisc_dry_run *to, const char *dev);

int bq_dry_run_install(const struct bq_dry_run *plan, const struct bq_install *in,
		       struct bq_error *error);
/* As bq_attachment_apply(): 0 when there is nothing to change. */
int bq_dry_run_apply(const struct bq_dry_run *plan, const struct bq_attachment *attachment,
		     const void *config, const struct bq_blob *tables, bq_merge_fn merge,
		     const struct bq_dev_params *dev, struct bq_error *error);
/* OURS: what is at PLACE; NULL: a restore that was interrupted goes on. */
int bq_dry_run_restore(const struct bq_dry_run *plan, const struct bq_attach_point *point,
		       const struct bq_attachment *attachment, struct bq_error *error);
/* A qdisc of a kind of ours without pins, which --force removes. */
void bq_plan_remove(const struct bq_dry_run *plan, const struct bq_tc_qdisc *orphan);

#endif
