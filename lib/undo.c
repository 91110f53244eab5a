// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "undo.h"

/* --- recording --- */

int bq_undo_record(const struct bq_place *place, const struct bq_replay *was, uint32_t mq,
		   struct bq_report *rep)
{
	struct bq_record head = {
		.len = (uint32_t)was->len,
		.n_steps = (uint32_t)was->n_steps,
		.making = 1,
		.mq = mq,
	};
	int err, fd = bq_record_open(true, rep);

	if (fd < 0)
		return fd;
	memcpy(head.lost, was->lost, sizeof(head.lost));
	err = bq_record_put(fd, place, &head, was, rep);
	close(fd);
	return err;
}

void bq_undo_forget(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = bq_record_open(false, &ignored);

	if (fd < 0)
		return;
	bq_record_delete(fd, place);
	close(fd);
}

int bq_undo_expect(const struct bq_place *place, uint32_t mq, struct bq_report *rep)
{
	struct bq_record head = { 0 };
	int err, fd = bq_record_open(true, rep);

	if (fd < 0)
		return fd;
	bq_record_get_head(fd, place, &head);
	head.making = 1;
	head.mq = mq;
	err = bq_record_put_head(fd, place, &head, rep);
	close(fd);
	return err;
}

void bq_undo_settle(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	struct bq_record head;

	if (fd < 0)
		return;
	if (!bq_record_get_head(fd, place, &head) && head.making) {
		head.making = 0;
		bq_record_put_head(fd, place, &head, &ignored);
	}
	close(fd);
}

static bool expects(int fd, const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct bq_record head;

	return !bq_record_get_head(fd, place, &head) && head.making && head.mq &&
	       head.mq == now->handle && !strcmp(now->kind, "mq");
}

bool bq_undo_expects(const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct bq_report ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	bool ours;

	if (fd < 0)
		return false;
	ours = expects(fd, place, now);
	close(fd);
	return ours;
}

/* --- putting it back --- */

static int fail_half(const struct bq_replay *replay, size_t step, int err, struct bq_report *rep)
{
	char name[96], why[sizeof(rep->text)];

	if (!step)
		return err; /* ours is still there, and the kernel's sentence says all */
	snprintf(why, sizeof(why), "%s", rep->text);
	return bq_fail(rep, BQDISC_FAULT_REFUSED, -err,
		       "half of what was there is back: %zu of %zu parts, not %s nor what comes "
		       "after it; detach again goes on from there. %.512s",
		       step, replay->n_steps, bq_replay_describe(replay, step, name, sizeof(name)),
		       why);
}

/*
 * Does the steps that are not known to be done. The note of a step comes after it: the first one
 * may have been done by a run that was killed.
 */
static int do_steps(int fd, const struct bq_place *place, struct bq_record *head,
		    struct bq_replay *replay, struct bq_report *rep)
{
	bool again = head->restoring;
	int err;

	head->restoring = 1;
	err = bq_record_put_head(fd, place, head, rep);
	while (!err && head->done < replay->n_steps) {
		err = bq_replay_send(replay, head->done, again, rep);
		if (err)
			return fail_half(replay, head->done, err, rep);
		again = false;
		head->done++;
		/* One step is over when it is done. */
		if (replay->n_steps > 1)
			err = bq_record_put_head(fd, place, head, rep);
	}
	return err;
}

static int fail_nothing_recorded(const struct bq_place *place, struct bq_report *rep)
{
	return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOENT,
		       "nothing is recorded of what was at %x:%x, and to delete a "
		       "child of mq would "
		       "stop its queue: replace it with tc",
		       TC_H_MAJ(place->parent) >> 16, TC_H_MIN(place->parent));
}

/* OURS: what is at PLACE is ours; else it is what the first step made. */
static int put_back(const struct bq_place *place, bool ours, struct bq_report *rep)
{
	struct bq_replay replay = { 0 };
	int err, fd = bq_record_open(false, rep);
	struct bq_record head = { 0 };

	err = fd < 0 ? -ENOENT : bq_record_get(fd, place, &head, &replay);
	if (!err && replay.n_steps) {
		/* While ours is there nothing has been put back, not even by a run before. */
		if (ours)
			head.done = head.restoring = 0;
		else if (!head.done)
			head.done = 1;
		err = do_steps(fd, place, &head, &replay, rep);
	} else if (place->parent != TC_H_ROOT) {
		err = fail_nothing_recorded(place, rep);
	} else {
		err = bq_tc_delete(place->ifindex, place->parent, rep);
	}
	if (!err && *replay.lost)
		bq_warn(rep, "not put back: %s", replay.lost);
	bq_replay_free(&replay);
	if (fd >= 0) {
		if (!err)
			bq_record_delete(fd, place);
		close(fd);
	}
	return err;
}

bool bq_undo_has(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	struct bq_record head;
	bool has;

	if (fd < 0)
		return false;
	has = !bq_record_get_head(fd, place, &head);
	close(fd);
	return has;
}

int bq_undo_restore(const struct bq_place *place, struct bq_report *rep)
{
	return put_back(place, true, rep);
}

int bq_undo_resume(const struct bq_place *place, struct bq_report *rep)
{
	return put_back(place, false, rep);
}

int bq_undo_each_step(const struct bq_place *place, bool ours, bq_step_fn fn, void *arg,
		      struct bq_report *rep)
{
	struct bq_replay replay = { 0 };
	int n, fd = bq_record_open(false, rep);
	struct bq_record head = { 0 };
	size_t step;

	if (fd >= 0) {
		bq_record_get(fd, place, &head, &replay);
		close(fd);
	}
	for (step = ours ? 0 : head.done; step < replay.n_steps; step++)
		fn(&replay, step, arg);
	n = (int)replay.n_steps;
	bq_replay_free(&replay);
	return n || place->parent == TC_H_ROOT ? n : fail_nothing_recorded(place, rep);
}

static bool is_pending(int fd, const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct bq_replay replay;
	struct bq_record head;
	bool pending;

	if (bq_record_get(fd, place, &head, &replay))
		return false;
	pending = head.restoring && bq_replay_makes(&replay, now);
	bq_replay_free(&replay);
	return pending;
}

bool bq_undo_is_pending(const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct bq_report ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	bool pending;

	if (fd < 0)
		return false;
	pending = is_pending(fd, place, now);
	close(fd);
	return pending;
}

static bool is_reserved(uint32_t handle, const void *replay)
{
	return bq_replay_uses(replay, handle);
}

int bq_undo_free_handles(const struct bq_place *place, uint32_t *handles, size_t n,
			 struct bq_report *rep)
{
	struct bq_replay replay = { 0 };
	int err, fd = bq_record_open(false, rep);
	struct bq_record head;

	if (fd >= 0) {
		bq_record_get(fd, place, &head, &replay);
		close(fd);
	}
	err = bq_tc_free_handles(place->ifindex, is_reserved, &replay, handles, n, rep);
	bq_replay_free(&replay);
	return err;
}

/* --- sweeping up --- */

static bool is_here(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	uint64_t here;

	return !bq_machine_net_cookie(&here, &ignored) && here == place->net_cookie;
}

/* What was interrupted in another namespace is for those who are in it to judge. */
static bool still_pending(int fd, const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	struct bq_tc_qdisc now;
	struct bq_record head;

	if (bq_record_get_head(fd, place, &head) || !(head.restoring || (head.making && head.mq)))
		return false;
	if (!is_here(place))
		return true;
	return !bq_tc_get(place->ifindex, place->parent, &now, &ignored) &&
	       (is_pending(fd, place, &now) || expects(fd, place, &now));
}

/* NOW is filled in. A run that was killed on its way in or out has lost nothing. */
static bool is_lost(int fd, const struct bq_place *place, struct bq_tc_qdisc *now)
{
	struct bq_report ignored = { 0 };
	struct bq_record head;

	if (!is_here(place) || bq_record_get_head(fd, place, &head) || head.making ||
	    head.restoring || bq_tc_get(place->ifindex, place->parent, now, &ignored))
		return false;
	return *now->kind && (head.n_steps || !bq_replay_is_default(now));
}

struct sweep {
	int fd;
	bq_alive_fn alive;
	void *alive_arg;
	bq_lost_fn lost;
	void *lost_arg;
};

/* Whether the record of PLACE is of use. One that is alive has come to its place. */
static bool keep(const struct bq_place *place, void *arg)
{
	const struct sweep *sweep = arg;
	bool is_alive = sweep->alive(place, sweep->alive_arg);
	struct bq_tc_qdisc now = { 0 };

	if (is_alive)
		bq_undo_settle(place);
	return is_alive || still_pending(sweep->fd, place) || is_lost(sweep->fd, place, &now);
}

void bq_undo_sweep(bq_alive_fn alive, void *arg)
{
	struct bq_report ignored = { 0 };
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

static bool tell_if_lost(const struct bq_place *place, void *arg)
{
	const struct sweep *sweep = arg;
	struct bq_tc_qdisc now = { 0 };

	if (is_lost(sweep->fd, place, &now) && !sweep->alive(place, sweep->alive_arg))
		sweep->lost(place, &now, sweep->lost_arg);
	return true;
}

void bq_undo_each_lost(bq_alive_fn alive, void *alive_arg, bq_lost_fn fn, void *arg)
{
	struct bq_report ignored = { 0 };
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

bool bq_undo_forget_lost(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = bq_record_open(false, &ignored);
	struct bq_tc_qdisc now = { 0 };
	bool lost;

	if (fd < 0)
		return false;
	lost = is_lost(fd, place, &now);
	if (lost)
		bq_record_delete(fd, place);
	close(fd);
	return lost;
}
