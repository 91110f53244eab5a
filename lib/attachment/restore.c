// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>

#include "attachment/restore.h"

static int fail_half(const struct bq_snapshot *snapshot, size_t step, int err,
		     struct bq_error *error)
{
	char name[96], why[sizeof(error->text)];

	if (!step)
		return err; /* the qdisc is still there, and the kernel's message suffices */
	snprintf(why, sizeof(why), "%s", error->text);
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
		       "restored %zu of %zu steps, failed at %s; run 'bqdisc detach' again to "
		       "resume. %.512s",
		       step, snapshot->n_steps,
		       bq_snapshot_describe(snapshot, step, name, sizeof(name)), why);
}

/*
 * Handle failure ERR of step STEP. The kind of a recorded BPF qdisc may be gone. At the root and
 * under a class the kernel's default replaces it. Under mq a queue would be left without a qdisc.
 */
static int leave_out_missing(const struct bq_attach_point *point,
			     const struct bq_snapshot *snapshot, size_t step, int err,
			     struct bq_error *error)
{
	const char *kind = bq_snapshot_missing_kind(snapshot, step);

	if (!kind || (!step && point->parent != TC_H_ROOT))
		return err;
	err = step ? 0 : bq_tc_delete(point->ifindex, point->parent, error);
	if (!err)
		bq_warn(error, "not restored: the qdisc %s, whose kind is no longer registered",
			kind);
	return err;
}

/*
 * Execute the steps from HEAD->done on, and record the progress after each. AGAIN: an interrupted
 * command may have executed the first one already.
 */
static int do_steps(int fd, const struct bq_attach_point *point, struct bq_record *head,
		    struct bq_snapshot *snapshot, bool again, struct bq_error *error)
{
	int err;

	head->state = BQ_UNDO_RESTORING;
	err = bq_record_put_head(fd, point, head, error);
	while (!err && head->done < snapshot->n_steps) {
		err = bq_snapshot_send(snapshot, head->done, again, error);
		if (err)
			err = leave_out_missing(point, snapshot, head->done, err, error);
		if (err)
			return fail_half(snapshot, head->done, err, error);
		again = false;
		head->done++;
		/* A single step needs no record of progress. */
		if (snapshot->n_steps > 1)
			err = bq_record_put_head(fd, point, head, error);
	}
	return err;
}

static int fail_nothing_recorded(const struct bq_attach_point *point, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOENT,
		       "%x:%x: the previous qdisc is not recorded, and deleting a child of mq "
		       "stops its queue; --force puts the default there",
		       TC_H_MAJ(point->parent) >> 16, TC_H_MIN(point->parent));
}

static int restore_default(const struct bq_attach_point *point, struct bq_error *error)
{
	if (point->parent != TC_H_ROOT)
		return fail_nothing_recorded(point, error);
	return bq_tc_delete(point->ifindex, point->parent, error);
}

/* The first step is complete, because its qdisc identifies an interrupted restore. */
static uint32_t first_step(const struct bq_record *head, bool rest)
{
	if (!rest)
		return 0;
	return head->done ? head->done : 1;
}

int bq_restore_run(int fd, const struct bq_attach_point *point, bool rest, struct bq_error *error)
{
	struct bq_snapshot snapshot = { 0 };
	struct bq_record head;
	int err;

	if (fd >= 0 && !bq_record_get(fd, point, &head, &snapshot) && snapshot.n_steps) {
		head.done = first_step(&head, rest);
		err = do_steps(fd, point, &head, &snapshot, rest, error);
	} else {
		err = restore_default(point, error);
	}
	if (!err && *snapshot.lost)
		bq_warn(error, "not restored: %s", snapshot.lost);
	bq_snapshot_free(&snapshot);
	return err;
}

int bq_restore_each_step(int fd, const struct bq_attach_point *point, bool rest, bq_step_fn fn,
			 void *arg, struct bq_error *error)
{
	struct bq_snapshot snapshot = { 0 };
	struct bq_record head = { 0 };
	size_t step;
	int n;

	if (fd >= 0)
		bq_record_get(fd, point, &head, &snapshot);
	for (step = first_step(&head, rest); fn && step < snapshot.n_steps; step++)
		fn(&snapshot, step, arg);
	n = (int)snapshot.n_steps;
	bq_snapshot_free(&snapshot);
	return n || point->parent == TC_H_ROOT ? n : fail_nothing_recorded(point, error);
}
