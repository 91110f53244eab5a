/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Executes the steps of an undo record, which restore the previous qdisc of an attach point. */
#ifndef BQ_ATTACHMENT_RESTORE_H
#define BQ_ATTACHMENT_RESTORE_H

#include "attachment/record.h"

/*
 * Execute all steps of the record of POINT in the map FD, or the REST that an interrupted restore
 * has left. Before the first one, the state becomes BQ_UNDO_RESTORING, so that a later command can
 * resume. Without steps or a record, delete the qdisc if it is the root; under mq that is an error,
 * as it would stop a queue. Return 0 or -errno.
 */
int bq_restore_run(int fd, const struct bq_attach_point *point, bool rest, struct bq_error *error);

/*
 * Call FN, unless it is NULL, for each step that bq_restore_run() would execute. Return the number
 * of recorded steps, or -errno. 0: deleting the qdisc restores the default.
 */
typedef void (*bq_step_fn)(const struct bq_snapshot *snapshot, size_t step, void *arg);
int bq_restore_each_step(int fd, const struct bq_attach_point *point, bool rest, bq_step_fn fn,
			 void *arg, struct bq_error *error);

#endif
