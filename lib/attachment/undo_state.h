/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * State machine of an undo record. An event and what is seen at the attach point select one row of
 * the table in undo_state.c, which has an action and the next state. transition.c executes it.
 */
#ifndef BQ_ATTACHMENT_UNDO_STATE_H
#define BQ_ATTACHMENT_UNDO_STATE_H

/* The map stores these values. The first two are those of releases before this enum. */
enum bq_undo_state {
	BQ_UNDO_ATTACHED,     /* bqdisc's qdisc was installed */
	BQ_UNDO_RESTORING,    /* the steps of the snapshot are being sent, from bq_record.done on */
	BQ_UNDO_ATTACHING,    /* bqdisc's qdisc is being sent to the kernel */
	BQ_UNDO_ATTACHING_MQ, /* the same below a new mq, with the handle bq_record.mq */
	BQ_UNDO_NONE,         /* no record; never stored */
	BQ_UNDO_STATES,
};

/* The attach point in relation to its record. */
enum bq_undo_seen {
	BQ_SEEN_INSTANCE,   /* a qdisc of bqdisc; also a kind that cannot be read */
	BQ_SEEN_OWN_MQ,     /* the recorded mq, which may have lost its instances */
	BQ_SEEN_FIRST_STEP, /* the qdisc that the first step of a running restore creates */
	BQ_SEEN_PREVIOUS,   /* no device, or the default qdisc that the attach replaced */
	BQ_SEEN_FOREIGN,    /* another program's qdisc, or a default in place of a recorded qdisc */
	BQ_SEEN_UNKNOWN,    /* not looked at, as for a point of another network namespace */
	BQ_SEEN_ALL,
};

enum bq_undo_event {
	BQ_ON_ATTACH,     /* bqdisc's qdisc is about to replace one of another program */
	BQ_ON_ATTACH_MQ,  /* the same with a new mq */
	BQ_ON_REPLACE_MQ, /* a new mq is about to replace bqdisc's qdisc */
	BQ_ON_INSTALLED,  /* bqdisc's qdisc is at the attach point: the new one, or still the old */
	BQ_ON_REFUSED,    /* the kernel refused it and changed nothing */
	BQ_ON_DETACH,     /* detach, expiry, or rollback of a failed attach */
	BQ_ON_RESTORED,   /* the last step was executed */
	BQ_ON_SWEEP,      /* before and after each command */
	BQ_ON_SHOW,       /* show and doctor list what was lost */
	BQ_ON_ALL,
};

enum bq_undo_action {
	BQ_DO_NOTHING,
	BQ_DO_RECORD,    /* write the snapshot; an earlier one is replaced */
	BQ_DO_MARK_MQ,   /* write the handle of the new mq and keep the snapshot */
	BQ_DO_CONFIRM,   /* clear that handle, as instances identify the qdisc from now on */
	BQ_DO_RESTORE,   /* execute all steps; without any, delete the qdisc */
	BQ_DO_RESUME,    /* execute the remaining steps */
	BQ_DO_NOTE_LOST, /* report that another program replaced the qdisc */
	BQ_DO_DELETE,    /* delete the record */
	BQ_DO_ALL,
};

/* One row for each STATES x SEEN, which are sets of bits, and EVENT. */
struct bq_undo_row {
	unsigned int states, seen;
	enum bq_undo_event event;
	enum bq_undo_action action;
	enum bq_undo_state next; /* BQ_UNDO_STATES: the state stays */
};

/* Return the row, which a unit test proves to exist. */
const struct bq_undo_row *bq_undo_find_row(enum bq_undo_state state, enum bq_undo_seen seen,
					   enum bq_undo_event event);
/* Return row I, or NULL at the end. */
const struct bq_undo_row *bq_undo_row_at(unsigned int i);

#endif
