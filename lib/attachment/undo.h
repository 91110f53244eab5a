/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Undo records: the previous qdisc of each attach point, in a pinned map. detach restores it. A
 * record has a state, so that the next command can resume one that was killed. A command opens the
 * map once. Functions that change records require the lock.
 */
#ifndef BQ_ATTACHMENT_UNDO_H
#define BQ_ATTACHMENT_UNDO_H

#include "attachment/restore.h"
#include "attachment/transition.h"

/* Open the map if it exists. The caller closes it. */
void bq_undo_open(struct bq_undo *undo);
void bq_undo_close(struct bq_undo *undo);

/* --- attach --- */

/*
 * Record WAS as the previous qdisc of POINT before it is replaced. An earlier record is replaced,
 * and the map is created if necessary. MQ is the handle of the mq about to be created there; 0:
 * none. Return 0 or -errno.
 */
int bq_undo_record(struct bq_undo *undo, const struct bq_attach_point *point,
		   const struct bq_snapshot *was, uint32_t mq, struct bq_error *error);
/* Record only MQ, as bqdisc's qdisc is there already. Return 0 or -errno. */
int bq_undo_record_mq(struct bq_undo *undo, const struct bq_attach_point *point, uint32_t mq,
		      struct bq_error *error);
/* Record that a qdisc of bqdisc is at POINT. */
void bq_undo_confirm(const struct bq_undo *undo, const struct bq_attach_point *point);
/* Delete the record, as the kernel refused the request and the previous qdisc is still there. */
void bq_undo_cancel(const struct bq_undo *undo, const struct bq_attach_point *point);
/* Choose N handles at POINT that do not collide with the recorded qdiscs. Return 0 or -errno. */
int bq_undo_free_handles(const struct bq_undo *undo, const struct bq_attach_point *point,
			 uint32_t *handles, size_t n, struct bq_error *error);

/* --- what is at the attach point --- */

/* Return true if there is a record of POINT. */
bool bq_undo_has(const struct bq_undo *undo, const struct bq_attach_point *point);
/* Return true if NOW, the qdisc at POINT, is the recorded mq. It may have no instances. */
bool bq_undo_is_own_mq(const struct bq_undo *undo, const struct bq_attach_point *point,
		       const struct bq_tc_qdisc *now);
/* Return true if bq_undo_resume() would resume a restore that has created NOW. */
bool bq_undo_is_interrupted(const struct bq_undo *undo, const struct bq_attach_point *point,
			    const struct bq_tc_qdisc *now);

/* --- detach --- */

/*
 * Replace bqdisc's qdisc at POINT with the recorded one, or with the device's default if that was
 * recorded. Then delete the record. After a failure the record stays, so that the restore can be
 * resumed. Return 0 or -errno.
 */
int bq_undo_restore(const struct bq_undo *undo, const struct bq_attach_point *point,
		    struct bq_error *error);
/*
 * Do what the record of POINT requires if NOW, the qdisc there, is not one of bqdisc. Return
 * BQ_DO_RESUME if an interrupted restore was completed, BQ_DO_NOTE_LOST if another program had
 * replaced the attached qdisc and the record was deleted, BQ_DO_NOTHING, or -errno.
 */
int bq_undo_resume(const struct bq_undo *undo, const struct bq_attach_point *point,
		   const struct bq_tc_qdisc *now, struct bq_error *error);

/* --- all records --- */

/* Callback: return true if the qdisc at POINT belongs to bqdisc. */
typedef bool (*bq_alive_fn)(const struct bq_attach_point *point, void *arg);
/*
 * Delete the record of POINT if ALIVE returns false for it. Keep records of interrupted restores
 * and of lost qdiscs.
 */
void bq_undo_sweep_point(const struct bq_undo *undo, const struct bq_attach_point *point,
			 bq_alive_fn alive, void *arg);
/*
 * Delete the map if it is empty. Before, do the same for all records if they are few, or if ALL.
 */
void bq_undo_sweep(struct bq_undo *undo, bool all, bq_alive_fn alive, void *arg);

/* Call FN if POINT, in the current namespace, is lost: ALIVE returns false for it. */
void bq_undo_check_lost(const struct bq_undo *undo, const struct bq_attach_point *point,
			bq_alive_fn alive, void *alive_arg, bq_lost_fn fn, void *arg);
/* Call FN for each lost attach point of the current namespace. */
void bq_undo_each_lost(const struct bq_undo *undo, bq_alive_fn alive, void *alive_arg,
		       bq_lost_fn fn, void *arg);

#endif
