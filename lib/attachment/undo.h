/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Undo records: the previous qdisc of each attach point, in a pinned map. detach restores it. A
 * record survives an interrupted restore and holds its progress.
 */
#ifndef BQ_ATTACHMENT_UNDO_H
#define BQ_ATTACHMENT_UNDO_H

#include "attachment/record.h"

/*
 * Record WAS as the previous qdisc of POINT before it is replaced. An earlier record is replaced.
 * MQ is the handle of the mq about to be created there; 0: none. Return 0 or -errno.
 */
int bq_undo_record(const struct bq_attach_point *point, const struct bq_snapshot *was, uint32_t mq,
		   struct bq_error *error);
/* Update only MQ of an existing record, as bqdisc's qdisc is there already. Return 0 or -errno. */
int bq_undo_record_pending(const struct bq_attach_point *point, uint32_t mq,
			   struct bq_error *error);
/* Record that the qdisc was installed. */
void bq_undo_commit(const struct bq_attach_point *point);
/*
 * Return true if NOW, the qdisc at POINT, is a recorded but unconfirmed mq. It may have no
 * instances.
 */
bool bq_undo_is_pending_mq(const struct bq_attach_point *point, const struct bq_tc_qdisc *now);
/* Return true if there is a record of POINT. */
bool bq_undo_has(const struct bq_attach_point *point);
/* Delete the record of POINT, if there is one. */
void bq_undo_delete(const struct bq_attach_point *point);
/*
 * Replace bqdisc's qdisc at POINT with the recorded one, or with the device's default if that was
 * recorded. Then delete the record. After a failure the record stays, so that the restore can be
 * resumed. Return 0 or -errno.
 */
int bq_undo_restore(const struct bq_attach_point *point, struct bq_error *error);
/* Return true if an interrupted restore had installed NOW, the qdisc at POINT. */
bool bq_undo_is_interrupted(const struct bq_attach_point *point, const struct bq_tc_qdisc *now);
/* Resume an interrupted restore. Return 0 or -errno. */
int bq_undo_resume(const struct bq_attach_point *point, struct bq_error *error);
/*
 * Call FN for each step of a restore. If ATTACHMENT is false, call it for the rest of an
 * interrupted restore. Return the number of steps, or -errno. 0: deleting the qdisc restores the
 * default.
 */
typedef void (*bq_step_fn)(const struct bq_snapshot *replay, size_t step, void *arg);
int bq_undo_each_step(const struct bq_attach_point *point, bool attachment, bq_step_fn fn,
		      void *arg, struct bq_error *error);
/* Choose N handles at POINT that do not collide with the recorded qdiscs. Return 0 or -errno. */
int bq_undo_free_handles(const struct bq_attach_point *point, uint32_t *handles, size_t n,
			 struct bq_error *error);
/* Callback: return true if the qdisc at POINT belongs to bqdisc. */
typedef bool (*bq_alive_fn)(const struct bq_attach_point *point, void *arg);
/*
 * Delete the records of points for which ALIVE returns false, and the map if it is empty. Keep
 * records of interrupted restores and of lost qdiscs.
 */
void bq_undo_sweep(bq_alive_fn alive, void *arg);

/*
 * Callback for a lost attach point of the current namespace. bqdisc's qdisc was there and was not
 * detached. Now another program's qdisc NOW is there, or less than before the attach.
 */
typedef void (*bq_lost_fn)(const struct bq_attach_point *point, const struct bq_tc_qdisc *now,
			   void *arg);
void bq_undo_each_lost(bq_alive_fn alive, void *alive_arg, bq_lost_fn fn, void *arg);
/* Delete the record of POINT if that is lost and has no qdisc of bqdisc. Return true if deleted. */
bool bq_undo_delete_lost(const struct bq_attach_point *point);

#endif
