// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stddef.h>

#include "attachment/undo_state.h"
#include "util/array.h"

#define NONE (1U << BQ_UNDO_NONE)
#define ATTACHING (1U << BQ_UNDO_ATTACHING)
#define ATTACHING_MQ (1U << BQ_UNDO_ATTACHING_MQ)
#define ATTACHED (1U << BQ_UNDO_ATTACHED)
#define RESTORING (1U << BQ_UNDO_RESTORING)
#define ANY_STATE ((1U << BQ_UNDO_STATES) - 1)

#define INSTANCE (1U << BQ_SEEN_INSTANCE)
#define OWN_MQ (1U << BQ_SEEN_OWN_MQ)
#define FIRST_STEP (1U << BQ_SEEN_FIRST_STEP)
#define PREVIOUS (1U << BQ_SEEN_PREVIOUS)
#define FOREIGN (1U << BQ_SEEN_FOREIGN)
#define UNKNOWN (1U << BQ_SEEN_UNKNOWN)
#define ANYTHING ((1U << BQ_SEEN_ALL) - 1)

#define SAME BQ_UNDO_STATES

/* A row that is not possible in practice is part of the row whose action is safe there. */
static const struct bq_undo_row rows[] = {
	/* The record is written before the request that replaces the qdisc is sent. */
	{ ANY_STATE, ANYTHING, BQ_ON_ATTACH, BQ_DO_RECORD, BQ_UNDO_ATTACHING },
	{ ANY_STATE, ANYTHING, BQ_ON_ATTACH_MQ, BQ_DO_RECORD, BQ_UNDO_ATTACHING_MQ },
	{ ANY_STATE, ANYTHING, BQ_ON_REPLACE_MQ, BQ_DO_MARK_MQ, BQ_UNDO_ATTACHING_MQ },

	{ NONE | ATTACHED, ANYTHING, BQ_ON_INSTALLED, BQ_DO_NOTHING, SAME },
	{ ATTACHING | ATTACHING_MQ | RESTORING, ANYTHING, BQ_ON_INSTALLED, BQ_DO_CONFIRM,
	  BQ_UNDO_ATTACHED },

	{ NONE | ATTACHED | RESTORING, ANYTHING, BQ_ON_REFUSED, BQ_DO_NOTHING, SAME },
	{ ATTACHING | ATTACHING_MQ, ANYTHING, BQ_ON_REFUSED, BQ_DO_DELETE, BQ_UNDO_NONE },

	/* While bqdisc's qdisc is there, no earlier command has executed a step. */
	{ ANY_STATE & ~NONE, INSTANCE | OWN_MQ, BQ_ON_DETACH, BQ_DO_RESTORE, BQ_UNDO_RESTORING },
	{ NONE, INSTANCE | OWN_MQ, BQ_ON_DETACH, BQ_DO_RESTORE, SAME },
	{ RESTORING, FIRST_STEP, BQ_ON_DETACH, BQ_DO_RESUME, BQ_UNDO_RESTORING },
	{ ATTACHED, FIRST_STEP | FOREIGN, BQ_ON_DETACH, BQ_DO_NOTE_LOST, BQ_UNDO_NONE },
	{ ATTACHED, PREVIOUS | UNKNOWN, BQ_ON_DETACH, BQ_DO_NOTHING, SAME },
	{ RESTORING, PREVIOUS | FOREIGN | UNKNOWN, BQ_ON_DETACH, BQ_DO_NOTHING, SAME },
	{ NONE | ATTACHING | ATTACHING_MQ, FIRST_STEP | PREVIOUS | FOREIGN | UNKNOWN, BQ_ON_DETACH,
	  BQ_DO_NOTHING, SAME },

	{ RESTORING, ANYTHING, BQ_ON_RESTORED, BQ_DO_DELETE, BQ_UNDO_NONE },
	{ ANY_STATE & ~RESTORING, ANYTHING, BQ_ON_RESTORED, BQ_DO_NOTHING, SAME },

	/* An instance confirms an attach that was killed after its request. */
	{ ATTACHING | ATTACHING_MQ, INSTANCE, BQ_ON_SWEEP, BQ_DO_CONFIRM, BQ_UNDO_ATTACHED },
	/* Otherwise the request was not sent, except that an mq can be without instances. */
	{ ATTACHING, ANYTHING & ~INSTANCE, BQ_ON_SWEEP, BQ_DO_DELETE, BQ_UNDO_NONE },
	{ ATTACHING_MQ, OWN_MQ | UNKNOWN, BQ_ON_SWEEP, BQ_DO_NOTHING, SAME },
	{ ATTACHING_MQ, FIRST_STEP | PREVIOUS | FOREIGN, BQ_ON_SWEEP, BQ_DO_DELETE, BQ_UNDO_NONE },
	/* A lost record stays until detach reports it. */
	{ ATTACHED, INSTANCE | OWN_MQ | FIRST_STEP | FOREIGN, BQ_ON_SWEEP, BQ_DO_NOTHING, SAME },
	{ ATTACHED, PREVIOUS | UNKNOWN, BQ_ON_SWEEP, BQ_DO_DELETE, BQ_UNDO_NONE },
	/* The next detach restores from the first step, or resumes. */
	{ RESTORING, INSTANCE | OWN_MQ | FIRST_STEP | UNKNOWN, BQ_ON_SWEEP, BQ_DO_NOTHING, SAME },
	{ RESTORING, PREVIOUS | FOREIGN, BQ_ON_SWEEP, BQ_DO_DELETE, BQ_UNDO_NONE },
	{ NONE, ANYTHING, BQ_ON_SWEEP, BQ_DO_NOTHING, SAME },

	{ ATTACHED, OWN_MQ | FIRST_STEP | FOREIGN, BQ_ON_SHOW, BQ_DO_NOTE_LOST, SAME },
	{ ATTACHED, INSTANCE | PREVIOUS | UNKNOWN, BQ_ON_SHOW, BQ_DO_NOTHING, SAME },
	{ ANY_STATE & ~ATTACHED, ANYTHING, BQ_ON_SHOW, BQ_DO_NOTHING, SAME },
};

#define N_ROWS ARRAY_SIZE(rows)

const struct bq_undo_row *bq_undo_row_at(unsigned int i)
{
	return i < N_ROWS ? &rows[i] : NULL;
}

const struct bq_undo_row *bq_undo_find_row(enum bq_undo_state state, enum bq_undo_seen seen,
					   enum bq_undo_event event)
{
	const struct bq_undo_row *row;

	for (row = rows; row < rows + N_ROWS; row++)
		if (row->event == event && row->states & 1U << state && row->seen & 1U << seen)
			return row;
	return NULL;
}
