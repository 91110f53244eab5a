/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Executes the state machine of undo records (undo_state.h). */
#ifndef BQ_ATTACHMENT_TRANSITION_H
#define BQ_ATTACHMENT_TRANSITION_H

#include "attachment/record.h"
#include "attachment/undo_state.h"

/* The map of undo records, open in one command. */
struct bq_undo {
	int fd; /* negative: there is no map */
};

/*
 * Callback for a lost attach point of the current namespace. bqdisc's qdisc was there and was not
 * detached. Now another program's qdisc NOW is there, or less than before the attach.
 */
typedef void (*bq_lost_fn)(const struct bq_attach_point *point, const struct bq_tc_qdisc *now,
			   void *arg);

/* One event at one attach point. */
struct bq_transition {
	int fd;
	const struct bq_attach_point *point;
	struct bq_error *error;
	struct bq_record head; /* its state is BQ_UNDO_NONE if there is no record */
	enum bq_undo_seen seen;
	enum bq_undo_state next;
	/* For single actions: */
	const struct bq_snapshot *was;
	uint32_t mq;
	const struct bq_tc_qdisc *now;
	bq_lost_fn lost;
	void *lost_arg;
};

/*
 * Begin an event. SEEN is BQ_SEEN_UNKNOWN until the caller sets it. ERROR may be NULL if no action
 * follows.
 */
struct bq_transition bq_transition_begin(const struct bq_undo *undo,
					 const struct bq_attach_point *point,
					 struct bq_error *error);
/* Return the action that EVENT would execute. */
enum bq_undo_action bq_transition_would(const struct bq_transition *t, enum bq_undo_event event);
/* Execute the action of EVENT. Return the action, or -errno. */
int bq_transition_handle(struct bq_transition *t, enum bq_undo_event event);

#endif
