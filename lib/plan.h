/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --dry-run: the steps that installing, changing and putting back would take, told instead of done.
 * What is decided is decided elsewhere, and the same way.
 */
#ifndef BQ_PLAN_H
#define BQ_PLAN_H

#include "install.h"
#include "ours.h"

#define BQ_PLAN_DEV_MAX 72 /* a name of 15 letters, each of them quoted */

struct bq_plan {
	const struct bqdisc_dry_run *to;
	char dev[BQ_PLAN_DEV_MAX]; /* as a shell must read it */
};

/* The kernel lets a device have nearly any letter in its name, ";" and "$" among them. */
struct bq_plan bq_plan_for(const struct bqdisc_dry_run *to, const char *dev);

int bq_plan_install(const struct bq_plan *plan, const struct bq_install *in, struct bq_report *rep);
/* As bq_ours_bring(): 0 when there is nothing to change. */
int bq_plan_bring(const struct bq_plan *plan, const struct bq_ours *ours, const void *config,
		  const struct bq_blob *annex, bq_merge_fn merge, const struct bq_device *dev,
		  struct bq_report *rep);
/* OURS: what is at PLACE; NULL: a restore that was interrupted goes on. */
int bq_plan_restore(const struct bq_plan *plan, const struct bq_place *place,
		    const struct bq_ours *ours, struct bq_report *rep);

#endif
