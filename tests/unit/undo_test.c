// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/attachment/undo_state.c: the table is complete, keeps records, and ends. */
#include "attachment/undo_state.h"
#include "suites.h"

/* Calls FN for each state, seen and event. */
static void each(void (*fn)(enum bq_undo_state state, enum bq_undo_seen seen,
			    enum bq_undo_event event))
{
	unsigned int state, seen, event;

	for (state = 0; state < BQ_UNDO_STATES; state++)
		for (seen = 0; seen < BQ_SEEN_ALL; seen++)
			for (event = 0; event < BQ_ON_ALL; event++)
				fn(state, seen, event);
}

static void has_one_row(enum bq_undo_state state, enum bq_undo_seen seen, enum bq_undo_event event)
{
	const struct bq_undo_row *row;
	unsigned int i, n = 0;

	for (i = 0; (row = bq_undo_row_at(i)); i++)
		if (row->event == event && row->states & 1U << state && row->seen & 1U << seen)
			n++;
	ck_assert_msg(n == 1, "%u rows for state %d, seen %d, event %d", n, state, seen, event);
}

START_TEST(undo_one_row_each)
{
	const struct bq_undo_row *row;
	unsigned int i;

	each(has_one_row);
	for (i = 0; (row = bq_undo_row_at(i)); i++) {
		ck_assert_msg(row->states && !(row->states >> BQ_UNDO_STATES), "states of row %u",
			      i);
		ck_assert_msg(row->seen && !(row->seen >> BQ_SEEN_ALL), "seen of row %u", i);
		ck_assert_msg(row->event < BQ_ON_ALL, "event of row %u", i);
		ck_assert_msg(row->action < BQ_DO_ALL, "action of row %u", i);
		ck_assert_msg(row->next <= BQ_UNDO_STATES, "next state of row %u", i);
	}
}
END_TEST

static enum bq_undo_state next_of(enum bq_undo_state state, const struct bq_undo_row *row)
{
	return row->next == BQ_UNDO_STATES ? state : row->next;
}

/* Returns 1 if another program has replaced bqdisc's qdisc. */
static int is_lost(enum bq_undo_state state, enum bq_undo_seen seen)
{
	return state == BQ_UNDO_ATTACHED &&
	       (seen == BQ_SEEN_OWN_MQ || seen == BQ_SEEN_FIRST_STEP || seen == BQ_SEEN_FOREIGN);
}

/* The states that an action may leave, as a set of bits. */
static unsigned int leaves(enum bq_undo_state state, enum bq_undo_event event,
			   enum bq_undo_action action)
{
	switch (action) {
	case BQ_DO_RECORD:
	case BQ_DO_MARK_MQ:
		return 1U << (event == BQ_ON_ATTACH ? BQ_UNDO_ATTACHING : BQ_UNDO_ATTACHING_MQ);
	case BQ_DO_CONFIRM:
		return state == BQ_UNDO_NONE || state == BQ_UNDO_ATTACHED ? 0
									  : 1U << BQ_UNDO_ATTACHED;
	case BQ_DO_RESTORE:
		return 1U << (state == BQ_UNDO_NONE ? state : BQ_UNDO_RESTORING);
	case BQ_DO_NOTE_LOST:
		return 1U << (event == BQ_ON_SHOW ? state : BQ_UNDO_NONE);
	case BQ_DO_DELETE:
		return state == BQ_UNDO_NONE ? 0 : 1U << BQ_UNDO_NONE;
	default:
		return 1U << state;
	}
}

/* Each action has its events, and leaves the state that its name says. */
static void fits(enum bq_undo_state state, enum bq_undo_seen seen, enum bq_undo_event event)
{
	const struct bq_undo_row *row = bq_undo_find_row(state, seen, event);
	int is_there = seen == BQ_SEEN_INSTANCE || seen == BQ_SEEN_OWN_MQ;
	int is_detach = event == BQ_ON_DETACH;
	const struct {
		enum bq_undo_action action;
		int wanted;
	} wanted[] = {
		{ BQ_DO_RECORD, event == BQ_ON_ATTACH || event == BQ_ON_ATTACH_MQ },
		{ BQ_DO_MARK_MQ, event == BQ_ON_REPLACE_MQ },
		{ BQ_DO_RESTORE, is_detach && is_there },
		{ BQ_DO_RESUME,
		  is_detach && state == BQ_UNDO_RESTORING && seen == BQ_SEEN_FIRST_STEP },
		{ BQ_DO_NOTE_LOST,
		  is_lost(state, seen) && (event == BQ_ON_SHOW || (is_detach && !is_there)) },
	};
	size_t i;

	for (i = 0; i < N(wanted); i++)
		ck_assert_msg((row->action == wanted[i].action) == wanted[i].wanted,
			      "state %d, seen %d, event %d: action %d", state, seen, event,
			      row->action);
	ck_assert_msg(leaves(state, event, row->action) & 1U << next_of(state, row),
		      "state %d, event %d, action %d: next state %d", state, event, row->action,
		      row->next);
}

START_TEST(undo_actions_fit_their_states)
{
	each(fits);
}
END_TEST

/* Returns 1 if detach needs the record to restore what was there before. */
static int is_needed(enum bq_undo_state state, enum bq_undo_seen seen)
{
	if (state == BQ_UNDO_NONE)
		return 0;
	return seen == BQ_SEEN_INSTANCE || (seen == BQ_SEEN_OWN_MQ && state != BQ_UNDO_ATTACHING) ||
	       (seen == BQ_SEEN_FIRST_STEP && state == BQ_UNDO_RESTORING) ||
	       (seen == BQ_SEEN_UNKNOWN &&
		(state == BQ_UNDO_ATTACHING_MQ || state == BQ_UNDO_RESTORING));
}

static void keeps(enum bq_undo_state state, enum bq_undo_seen seen, enum bq_undo_event event)
{
	const struct bq_undo_row *row = bq_undo_find_row(state, seen, event);

	/* These two say that it is not needed any more. */
	if (!is_needed(state, seen) || event == BQ_ON_RESTORED || event == BQ_ON_REFUSED)
		return;
	ck_assert_msg(next_of(state, row) != BQ_UNDO_NONE,
		      "state %d, seen %d, event %d: loses the record", state, seen, event);
	ck_assert_msg(row->action != BQ_DO_RECORD || event == BQ_ON_ATTACH ||
			      event == BQ_ON_ATTACH_MQ,
		      "state %d, seen %d, event %d: overwrites the record", state, seen, event);
	/* The next detach does not ignore what a kill left there. */
	if (event == BQ_ON_DETACH && seen != BQ_SEEN_UNKNOWN)
		ck_assert_msg(row->action == BQ_DO_RESTORE || row->action == BQ_DO_RESUME,
			      "state %d, seen %d: detach does action %d", state, seen, row->action);
}

START_TEST(undo_keeps_what_is_needed)
{
	each(keeps);
}
END_TEST

/* The sweep looks, so that what it confirms or keeps is there. */
START_TEST(undo_sweep_after_a_kill)
{
	unsigned int state, seen;

	for (state = 0; state < BQ_UNDO_NONE; state++)
		for (seen = 0; seen < BQ_SEEN_ALL; seen++) {
			const struct bq_undo_row *row = bq_undo_find_row(state, seen, BQ_ON_SWEEP);

			ck_assert_msg((row->action == BQ_DO_DELETE) !=
					      (is_lost(state, seen) || is_needed(state, seen)),
				      "state %u, seen %u: sweep does action %d", state, seen,
				      row->action);
			ck_assert(row->action != BQ_DO_CONFIRM || seen == BQ_SEEN_INSTANCE);
		}
}
END_TEST

/* One command `detach`: a sweep, the detach, a sweep. */
static enum bq_undo_state run_detach(enum bq_undo_state state, enum bq_undo_seen seen)
{
	const struct bq_undo_row *row;

	state = next_of(state, bq_undo_find_row(state, seen, BQ_ON_SWEEP));
	row = bq_undo_find_row(state, seen, BQ_ON_DETACH);
	state = next_of(state, row);
	if (row->action == BQ_DO_RESTORE || row->action == BQ_DO_RESUME) {
		state = next_of(state, bq_undo_find_row(state, seen, BQ_ON_RESTORED));
		seen = BQ_SEEN_PREVIOUS;
	}
	return next_of(state, bq_undo_find_row(state, seen, BQ_ON_SWEEP));
}

/* From every state and every event, one detach ends it, wherever the point can be looked at. */
static void ends(enum bq_undo_state state, enum bq_undo_seen seen, enum bq_undo_event event)
{
	unsigned int now;

	state = next_of(state, bq_undo_find_row(state, seen, event));
	for (now = 0; now < BQ_SEEN_UNKNOWN; now++)
		ck_assert_msg(run_detach(state, now) == BQ_UNDO_NONE,
			      "after seen %d and event %d: detach leaves state %d, seen %u", seen,
			      event, state, now);
}

START_TEST(undo_detach_ends_it)
{
	each(ends);
}
END_TEST

/* The way that no kill interrupts. */
START_TEST(undo_ordinary_way)
{
	static const struct {
		enum bq_undo_seen seen;
		enum bq_undo_event event;
		enum bq_undo_state next;
	} way[] = {
		{ BQ_SEEN_FOREIGN, BQ_ON_ATTACH, BQ_UNDO_ATTACHING },
		{ BQ_SEEN_INSTANCE, BQ_ON_INSTALLED, BQ_UNDO_ATTACHED },
		{ BQ_SEEN_INSTANCE, BQ_ON_SWEEP, BQ_UNDO_ATTACHED },
		{ BQ_SEEN_INSTANCE, BQ_ON_SHOW, BQ_UNDO_ATTACHED },
		{ BQ_SEEN_INSTANCE, BQ_ON_REPLACE_MQ, BQ_UNDO_ATTACHING_MQ },
		{ BQ_SEEN_INSTANCE, BQ_ON_INSTALLED, BQ_UNDO_ATTACHED },
		{ BQ_SEEN_INSTANCE, BQ_ON_DETACH, BQ_UNDO_RESTORING },
		{ BQ_SEEN_FIRST_STEP, BQ_ON_SWEEP, BQ_UNDO_RESTORING },
		{ BQ_SEEN_FIRST_STEP, BQ_ON_DETACH, BQ_UNDO_RESTORING },
		{ BQ_SEEN_FIRST_STEP, BQ_ON_RESTORED, BQ_UNDO_NONE },
	};
	enum bq_undo_state state = BQ_UNDO_NONE;
	size_t i;

	for (i = 0; i < N(way); i++) {
		state = next_of(state, bq_undo_find_row(state, way[i].seen, way[i].event));
		ck_assert_msg(state == way[i].next, "step %zu: state %d", i, state);
	}
}
END_TEST

Suite *undo_suite(void)
{
	Suite *suite = suite_create("undo");

	ADD_TEST(suite, undo_one_row_each);
	ADD_TEST(suite, undo_actions_fit_their_states);
	ADD_TEST(suite, undo_keeps_what_is_needed);
	ADD_TEST(suite, undo_sweep_after_a_kill);
	ADD_TEST(suite, undo_detach_ends_it);
	ADD_TEST(suite, undo_ordinary_way);
	return suite;
}
