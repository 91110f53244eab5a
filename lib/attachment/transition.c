// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A record that no kill interrupts goes this way. undo_state.c has the whole table:
 *
 *	state          event        action                           next state
 *	NONE           attach       record the snapshot              ATTACHING or ATTACHING_MQ
 *	ATTACHING*     installed    clear the handle of the new mq   ATTACHED
 *	ATTACHED       detach       execute the steps                RESTORING
 *	RESTORING      restored     delete the record                NONE
 *
 * After a kill, the sweep of the next command looks at the attach point:
 *
 *	state          seen         action                           next state
 *	ATTACHING*     instance     clear the handle of the new mq   ATTACHED
 *	ATTACHING_MQ   own mq       none; detach executes the steps
 *	ATTACHING*     other        delete the record                NONE
 *	ATTACHED       previous     delete the record                NONE
 *	ATTACHED       other        none; show and detach report it
 *	RESTORING      instance     none; detach executes all steps
 *	RESTORING      first step   none; detach executes the rest
 *	RESTORING      other        delete the record                NONE
 */
#include <string.h>

#include "attachment/restore.h"
#include "attachment/transition.h"

struct bq_transition bq_transition_begin(const struct bq_undo *undo,
					 const struct bq_attach_point *point,
					 struct bq_error *error)
{
	struct bq_transition t = {
		.fd = undo->fd,
		.point = point,
		.error = error,
		.seen = BQ_SEEN_UNKNOWN,
	};

	if (t.fd < 0 || bq_record_get_head(t.fd, point, &t.head))
		t.head.state = BQ_UNDO_NONE;
	return t;
}

/* Return 0 or -errno. The next state is set. */
typedef int (*action_fn)(struct bq_transition *t);

static int do_nothing(struct bq_transition *t)
{
	(void)t;
	return 0;
}

/* Write the head with the next state. */
static int enter(struct bq_transition *t)
{
	t->head.state = t->next;
	return bq_record_put_head(t->fd, t->point, &t->head, t->error);
}

static int do_record(struct bq_transition *t)
{
	t->head = (struct bq_record){
		.len = (uint32_t)t->was->len,
		.n_steps = (uint32_t)t->was->n_steps,
		.state = t->next,
		.mq = t->mq,
	};
	memcpy(t->head.lost, t->was->lost, sizeof(t->head.lost));
	return bq_record_put(t->fd, t->point, &t->head, t->was, t->error);
}

static int do_mark_mq(struct bq_transition *t)
{
	t->head.mq = t->mq;
	return enter(t);
}

static int do_confirm(struct bq_transition *t)
{
	t->head.mq = 0;
	return enter(t);
}

static int do_restore(struct bq_transition *t)
{
	return bq_restore_run(t->fd, t->point, false, t->error);
}

static int do_resume(struct bq_transition *t)
{
	return bq_restore_run(t->fd, t->point, true, t->error);
}

static int do_delete(struct bq_transition *t)
{
	bq_record_delete(t->fd, t->point);
	return 0;
}

/* Detach has nobody to call, but reports it by its return value and deletes the record. */
static int do_note_lost(struct bq_transition *t)
{
	if (t->lost)
		t->lost(t->point, t->now, t->lost_arg);
	return t->next == BQ_UNDO_NONE ? do_delete(t) : 0;
}

enum bq_undo_action bq_transition_would(const struct bq_transition *t, enum bq_undo_event event)
{
	return bq_undo_find_row(t->head.state, t->seen, event)->action;
}

int bq_transition_handle(struct bq_transition *t, enum bq_undo_event event)
{
	static const action_fn actions[] = {
		[BQ_DO_NOTHING] = do_nothing, [BQ_DO_RECORD] = do_record,
		[BQ_DO_MARK_MQ] = do_mark_mq, [BQ_DO_CONFIRM] = do_confirm,
		[BQ_DO_RESTORE] = do_restore, [BQ_DO_RESUME] = do_resume,
		[BQ_DO_DELETE] = do_delete,   [BQ_DO_NOTE_LOST] = do_note_lost,
	};
	const struct bq_undo_row *row = bq_undo_find_row(t->head.state, t->seen, event);
	int err;

	t->next = row->next;
	err = actions[row->action](t);
	if (err)
		return err;
	if (row->next != BQ_UNDO_STATES)
		t->head.state = row->next;
	return (int)row->action;
}
