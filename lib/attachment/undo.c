// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/system.h"
#include "attachment/undo.h"

/* --- recording --- */

int bq_undo_record(const struct bq_attach_point *point, const struct bq_snapshot *was, uint32_t mq,
		   struct bq_error *error)
{
	struct bq_record head = {
		.len = (uint32_t)was->len,
		.n_steps = (uint32_t)was->n_steps,
		.making = 1,
		.mq = mq,
	};
	int err, fd = bq_record_open(true, error);

	if (fd < 0)
		return fd;
	memcpy(head.lost, was->lost, sizeof(head.lost));
	err = bq_record_put(fd, point, &head, was, error);
	close(fd);
	return err;
}

void bq_undo_delete(const struct bq_attach_point *point)
{
	struct bq_error ignored = { 0 };
	int fd = bq_record_open(false, &ignored);

	if (fd < 0)
		return;
	bq_record_delete(fd, point);
	close(fd);
}

int bq_undo_record_pending(const struct bq_attach_point *point, uint32_t mq, struct bq_error *error)
{
	struct bq_record head = { 0 };
	int err, fd = bq_record_open(true, error);

	if (fd < 0)
		return fd;
	bq_record_get_head(fd, point, &head);
	head.making = 1;
	head.mq = mq;
	err = bq_record_put_head(fd, point, &head, error);
	close(fd);
	return err;
}

void bq_undo_commit(const struct bq_attach_point *point)
{
	struct bq_error ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	struct bq_record head;

	if (fd < 0)
		return;
	if (!bq_record_get_head(fd, point, &head) && head.making) {
		head.making = 0;
		bq_record_put_head(fd, point, &head, &ignored);
	}
	close(fd);
}

static bool expects(int fd, const struct bq_attach_point *point, const struct bq_tc_qdisc *now)
{
	struct bq_record head;

	return !bq_record_get_head(fd, point, &head) && head.making && head.mq &&
	       head.mq == now->handle && !strcmp(now->kind, "mq");
}

bool bq_undo_is_pending_mq(const struct bq_attach_point *point, const struct bq_tc_qdisc *now)
{
	struct bq_error ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	bool attachment;

	if (fd < 0)
		return false;
	attachment = expects(fd, point, now);
	close(fd);
	return attachment;
}

/* --- restore --- */

static int fail_half(const struct bq_snapshot *replay, size_t step, int err, struct bq_error *error)
{
	char name[96], why[sizeof(error->text)];

	if (!step)
		return err; /* the qdisc is still there, and the kernel's message suffices */
	snprintf(why, sizeof(why), "%s", error->text);
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
		       "restored %zu of %zu steps, failed at %s; run 'bqdisc detach' again to "
		       "resume. %.512s",
		       step, replay->n_steps,
		       bq_snapshot_describe(replay, step, name, sizeof(name)), why);
}

/*
 * Handle failure ERR of step STEP. The kind of a recorded BPF qdisc may be gone. At the root and
 * under a class the kernel's default replaces it. Under mq a queue would be left without a qdisc.
 */
static int leave_out_missing(const struct bq_attach_point *point, const struct bq_snapshot *replay,
			     size_t step, int err, struct bq_error *error)
{
	const char *kind = bq_snapshot_missing_kind(replay, step);

	if (!kind || (!step && point->parent != TC_H_ROOT))
		return err;
	err = step ? 0 : bq_tc_delete(point->ifindex, point->parent, error);
	if (!err)
		bq_warn(error, "not restored: the qdisc %s, whose kind is no longer registered",
			kind);
	return err;
}

/*
 * Execute the steps that are not known to be complete. Progress is recorded after each step, so an
 * interrupted command may have executed the first one already.
 */
static int do_steps(int fd, const struct bq_attach_point *point, struct bq_record *head,
		    struct bq_snapshot *replay, struct bq_error *error)
{
	bool again = head->restoring;
	int err;

	head->restoring = 1;
	err = bq_record_put_head(fd, point, head, error);
	while (!err && head->done < replay->n_steps) {
		err = bq_snapshot_send(replay, head->done, again, error);
		if (err)
			err = leave_out_missing(point, replay, head->done, err, error);
		if (err)
			return fail_half(replay, head->done, err, error);
		again = false;
		head->done++;
		/* A single step needs no record of progress. */
		if (replay->n_steps > 1)
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

/*
 * Restore the record of POINT. ATTACHMENT: bqdisc's qdisc is there; else the result of the first
 * step.
 */
static int put_back(const struct bq_attach_point *point, bool attachment, struct bq_error *error)
{
	struct bq_snapshot replay = { 0 };
	int err, fd = bq_record_open(false, error);
	struct bq_record head = { 0 };

	err = fd < 0 ? -ENOENT : bq_record_get(fd, point, &head, &replay);
	if (!err && replay.n_steps) {
		/* While bqdisc's qdisc is there, no command has restored anything. */
		if (attachment)
			head.done = head.restoring = 0;
		else if (!head.done)
			head.done = 1;
		err = do_steps(fd, point, &head, &replay, error);
	} else if (point->parent != TC_H_ROOT) {
		err = fail_nothing_recorded(point, error);
	} else {
		err = bq_tc_delete(point->ifindex, point->parent, error);
	}
	if (!err && *replay.lost)
		bq_warn(error, "not restored: %s", replay.lost);
	bq_snapshot_free(&replay);
	if (fd >= 0) {
		if (!err)
			bq_record_delete(fd, point);
		close(fd);
	}
	return err;
}

bool bq_undo_has(const struct bq_attach_point *point)
{
	struct bq_error ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	struct bq_record head;
	bool has;

	if (fd < 0)
		return false;
	has = !bq_record_get_head(fd, point, &head);
	close(fd);
	return has;
}

int bq_undo_restore(const struct bq_attach_point *point, struct bq_error *error)
{
	return put_back(point, true, error);
}

int bq_undo_resume(const struct bq_attach_point *point, struct bq_error *error)
{
	return put_back(point, false, error);
}

int bq_undo_each_step(const struct bq_attach_point *point, bool attachment, bq_step_fn fn,
		      void *arg, struct bq_error *error)
{
	struct bq_snapshot replay = { 0 };
	int n, fd = bq_record_open(false, error);
	struct bq_record head = { 0 };
	size_t step;

	if (fd >= 0) {
		bq_record_get(fd, point, &head, &replay);
		close(fd);
	}
	for (step = attachment ? 0 : head.done; step < replay.n_steps; step++)
		fn(&replay, step, arg);
	n = (int)replay.n_steps;
	bq_snapshot_free(&replay);
	return n || point->parent == TC_H_ROOT ? n : fail_nothing_recorded(point, error);
}

static bool is_pending(int fd, const struct bq_attach_point *point, const struct bq_tc_qdisc *now)
{
	struct bq_snapshot replay;
	struct bq_record head;
	bool pending;

	if (bq_record_get(fd, point, &head, &replay))
		return false;
	pending = head.restoring && bq_snapshot_creates(&replay, now);
	bq_snapshot_free(&replay);
	return pending;
}

bool bq_undo_is_interrupted(const struct bq_attach_point *point, const struct bq_tc_qdisc *now)
{
	struct bq_error ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	bool pending;

	if (fd < 0)
		return false;
	pending = is_pending(fd, point, now);
	close(fd);
	return pending;
}

static bool is_reserved(uint32_t handle, const void *replay)
{
	return bq_snapshot_uses(replay, handle);
}

int bq_undo_free_handles(const struct bq_attach_point *point, uint32_t *handles, size_t n,
			 struct bq_error *error)
{
	struct bq_snapshot replay = { 0 };
	int err, fd = bq_record_open(false, error);
	struct bq_record head;

	if (fd >= 0) {
		bq_record_get(fd, point, &head, &replay);
		close(fd);
	}
	err = bq_tc_free_handles(point->ifindex, is_reserved, &replay, handles, n, error);
	bq_snapshot_free(&replay);
	return err;
}

/* --- sweep --- */

static bool is_here(const struct bq_attach_point *point)
{
	struct bq_error ignored = { 0 };
	uint64_t here;

	return !bq_system_net_cookie(&here, &ignored) && here == point->net_cookie;
}

/*
 * Return true if a restore is pending. In another namespace it cannot be checked, so assume it is.
 */
static bool still_pending(int fd, const struct bq_attach_point *point)
{
	struct bq_error ignored = { 0 };
	struct bq_tc_qdisc now;
	struct bq_record head;

	if (bq_record_get_head(fd, point, &head) || !(head.restoring || (head.making && head.mq)))
		return false;
	if (!is_here(point))
		return true;
	return !bq_tc_get(point->ifindex, point->parent, &now, &ignored) &&
	       (is_pending(fd, point, &now) || expects(fd, point, &now));
}

/*
 * Return true if the qdisc was lost, and set NOW. An interrupted attach or detach has lost nothing.
 */
static bool is_lost(int fd, const struct bq_attach_point *point, struct bq_tc_qdisc *now)
{
	struct bq_error ignored = { 0 };
	struct bq_record head;

	if (!is_here(point) || bq_record_get_head(fd, point, &head) || head.making ||
	    head.restoring || bq_tc_get(point->ifindex, point->parent, now, &ignored))
		return false;
	return *now->kind && (head.n_steps || !bq_is_default_qdisc(now));
}

struct sweep {
	int fd;
	bq_alive_fn alive;
	void *alive_arg;
	bq_lost_fn lost;
	void *lost_arg;
};

/* Return true if the record of POINT is still needed. A live instance confirms its installation. */
static bool keep(const struct bq_attach_point *point, void *arg)
{
	const struct sweep *sweep = arg;
	bool is_alive = sweep->alive(point, sweep->alive_arg);
	struct bq_tc_qdisc now = { 0 };

	if (is_alive)
		bq_undo_commit(point);
	return is_alive || still_pending(sweep->fd, point) || is_lost(sweep->fd, point, &now);
}

void bq_undo_sweep(bq_alive_fn alive, void *arg)
{
	struct bq_error ignored = { 0 };
	struct sweep sweep = {
		.fd = bq_record_open(false, &ignored),
		.alive = alive,
		.alive_arg = arg,
	};

	if (sweep.fd < 0)
		return;
	bq_record_each(sweep.fd, keep, &sweep);
	bq_record_tidy(sweep.fd);
	close(sweep.fd);
}

static bool tell_if_lost(const struct bq_attach_point *point, void *arg)
{
	const struct sweep *sweep = arg;
	struct bq_tc_qdisc now = { 0 };

	if (is_lost(sweep->fd, point, &now) && !sweep->alive(point, sweep->alive_arg))
		sweep->lost(point, &now, sweep->lost_arg);
	return true;
}

void bq_undo_each_lost(bq_alive_fn alive, void *alive_arg, bq_lost_fn fn, void *arg)
{
	struct bq_error ignored = { 0 };
	struct sweep sweep = {
		.fd = bq_record_open(false, &ignored),
		.alive = alive,
		.alive_arg = alive_arg,
		.lost = fn,
		.lost_arg = arg,
	};

	if (sweep.fd < 0)
		return;
	bq_record_each(sweep.fd, tell_if_lost, &sweep);
	close(sweep.fd);
}

bool bq_undo_delete_lost(const struct bq_attach_point *point)
{
	struct bq_error ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	struct bq_tc_qdisc now = { 0 };
	bool lost;

	if (fd < 0)
		return false;
	lost = is_lost(fd, point, &now);
	if (lost)
		bq_record_delete(fd, point);
	close(fd);
	return lost;
}
