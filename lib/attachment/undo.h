/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was on a device before us, recorded in the kernel (a pinned map) and put back at detach. A
 * record outlives a restore that was interrupted, and knows how far it went.
 */
#ifndef BQ_ATTACHMENT_UNDO_H
#define BQ_ATTACHMENT_UNDO_H

#include "attachment/record.h"

/*
 * Records WAS as what was at PLACE, before ours is put there. Replaces an older record. MQ: the
 * handle of an mq of ours that is about to be made there; 0: none is.
 */
int bq_undo_record(const struct bq_attach_point *point, const struct bq_snapshot *was, uint32_t mq,
		   struct bq_error *error);
/* The same where ours is already: the record, if there is one, stays as it is but for MQ. */
int bq_undo_record_pending(const struct bq_attach_point *point, uint32_t mq,
			   struct bq_error *error);
/* Ours is in place as it was announced. */
void bq_undo_commit(const struct bq_attach_point *point);
/* Whether NOW, what is at PLACE, is an mq that was announced and that may be empty of ours. */
bool bq_undo_is_pending_mq(const struct bq_attach_point *point, const struct bq_tc_qdisc *now);
/* Whether something is recorded. */
bool bq_undo_has(const struct bq_attach_point *point);
/* Removes the record; none is fine. */
void bq_undo_delete(const struct bq_attach_point *point);
/*
 * Replaces what is at PLACE, ours, by what is recorded, and forgets it: by the device's default
 * when that is recorded. After a failure the record is there to go on from.
 */
int bq_undo_restore(const struct bq_attach_point *point, struct bq_error *error);
/* Whether a restore was interrupted that had put NOW, what is at PLACE, in place of ours. */
bool bq_undo_is_interrupted(const struct bq_attach_point *point, const struct bq_tc_qdisc *now);
/* Goes on with such a restore. */
int bq_undo_resume(const struct bq_attach_point *point, struct bq_error *error);
/*
 * Hands FN the steps that a restore, or if not OURS going on with one, would take. Returns how many
 * there are; 0: the default is brought back by deleting ours.
 */
typedef void (*bq_step_fn)(const struct bq_snapshot *replay, size_t step, void *arg);
int bq_undo_each_step(const struct bq_attach_point *point, bool attachment, bq_step_fn fn,
		      void *arg, struct bq_error *error);
/* N handles for qdiscs at PLACE that will not be in the way of what is recorded. */
int bq_undo_free_handles(const struct bq_attach_point *point, uint32_t *handles, size_t n,
			 struct bq_error *error);
/* Whether what is at PLACE is ours. */
typedef bool (*bq_alive_fn)(const struct bq_attach_point *point, void *arg);
/*
 * Removes the records of all places of which ALIVE says no, where no restore was interrupted and
 * nothing is lost, and the map when it is empty.
 */
void bq_undo_sweep(bq_alive_fn alive, void *arg);

/*
 * A place is lost when ours was there, nobody detached it, and someone else's qdisc NOW is there,
 * or less than there was before us. Only places of the namespace that we are in are told.
 */
typedef void (*bq_lost_fn)(const struct bq_attach_point *point, const struct bq_tc_qdisc *now,
			   void *arg);
void bq_undo_each_lost(bq_alive_fn alive, void *alive_arg, bq_lost_fn fn, void *arg);
/* Forgets what was there before us if PLACE, where nothing is ours, is lost. */
bool bq_undo_delete_lost(const struct bq_attach_point *point);

#endif
