// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>
#include <unistd.h>

#include "util/system.h"
#include "attachment/undo.h"

/*
 * Number of values of the map up to which every sweep looks at all records. With more, it looks at
 * those of changed instances.
 */
#define FEW 16

void bq_undo_open(struct bq_undo *undo)
{

	undo->fd = bq_record_open(false, NULL);
}

void bq_undo_close(struct bq_undo *undo)
{
	if (undo->fd >= 0)
		close(undo->fd);
	undo->fd = -1;
}

/* --- what is seen --- */

static bool is_here(const struct bq_attach_point *point)
{
	uint64_t here;

	return !bq_system_net_cookie(&here, NULL) && here == point->net_cookie;
}

/* Return true if NOW is the qdisc that the first step of a running restore creates. */
static bool is_first_step(const struct bq_transition *t, const struct bq_tc_qdisc *now)
{
	struct bq_snapshot snapshot;
	struct bq_record head;
	bool is_first;

	if (t->head.state != BQ_UNDO_RESTORING || bq_record_get(t->fd, t->point, &head, &snapshot))
		return false;
	is_first = bq_snapshot_creates(&snapshot, now);
	bq_snapshot_free(&snapshot);
	return is_first;
}

static enum bq_undo_seen classify(const struct bq_transition *t, const struct bq_tc_qdisc *now)
{
	if (t->head.mq && t->head.mq == now->handle && !strcmp(now->kind, "mq"))
		return BQ_SEEN_OWN_MQ;
	if (is_first_step(t, now))
		return BQ_SEEN_FIRST_STEP;
	if (!*now->kind || (!t->head.n_steps && bq_is_default_qdisc(now)))
		return BQ_SEEN_PREVIOUS;
	return BQ_SEEN_FOREIGN;
}

/* Read the qdisc at the attach point into NOW. */
static void look(struct bq_transition *t, struct bq_tc_qdisc *now)
{

	t->now = now;
	if (!is_here(t->point))
		t->seen = BQ_SEEN_UNKNOWN;
	else if (bq_tc_get(t->point->ifindex, t->point->parent, now, NULL))
		t->seen = BQ_SEEN_PREVIOUS;
	else
		t->seen = classify(t, now);
}

/* Begin an event of detach. NOW is the qdisc at POINT, which is not known to be one of bqdisc. */
static struct bq_transition begin_at(const struct bq_undo *undo,
				     const struct bq_attach_point *point,
				     const struct bq_tc_qdisc *now)
{
	struct bq_transition t = bq_transition_begin(undo, point, NULL);

	t.now = now;
	t.seen = classify(&t, now);
	return t;
}

bool bq_undo_has(const struct bq_undo *undo, const struct bq_attach_point *point)
{
	return bq_transition_begin(undo, point, NULL).head.state != BQ_UNDO_NONE;
}

bool bq_undo_is_own_mq(const struct bq_undo *undo, const struct bq_attach_point *point,
		       const struct bq_tc_qdisc *now)
{
	return begin_at(undo, point, now).seen == BQ_SEEN_OWN_MQ;
}

bool bq_undo_is_interrupted(const struct bq_undo *undo, const struct bq_attach_point *point,
			    const struct bq_tc_qdisc *now)
{
	struct bq_transition t = begin_at(undo, point, now);

	return bq_transition_would(&t, BQ_ON_DETACH) == BQ_DO_RESUME;
}

/* --- attach --- */

static int create(struct bq_undo *undo, struct bq_error *error)
{
	if (undo->fd < 0)
		undo->fd = bq_record_open(true, error);
	return undo->fd < 0 ? undo->fd : 0;
}

int bq_undo_record(struct bq_undo *undo, const struct bq_attach_point *point,
		   const struct bq_snapshot *was, uint32_t mq, struct bq_error *error)
{
	int ret = create(undo, error);
	struct bq_transition t = bq_transition_begin(undo, point, error);

	t.was = was;
	t.mq = mq;
	if (!ret)
		ret = bq_transition_handle(&t, mq ? BQ_ON_ATTACH_MQ : BQ_ON_ATTACH);
	return ret < 0 ? ret : 0;
}

int bq_undo_record_mq(struct bq_undo *undo, const struct bq_attach_point *point, uint32_t mq,
		      struct bq_error *error)
{
	int ret = create(undo, error);
	struct bq_transition t = bq_transition_begin(undo, point, error);

	t.mq = mq;
	if (!ret)
		ret = bq_transition_handle(&t, BQ_ON_REPLACE_MQ);
	return ret < 0 ? ret : 0;
}

void bq_undo_confirm(const struct bq_undo *undo, const struct bq_attach_point *point)
{
	struct bq_transition t = bq_transition_begin(undo, point, NULL);

	t.seen = BQ_SEEN_INSTANCE;
	bq_transition_handle(&t, BQ_ON_INSTALLED);
}

void bq_undo_cancel(const struct bq_undo *undo, const struct bq_attach_point *point)
{
	struct bq_transition t = bq_transition_begin(undo, point, NULL);

	bq_transition_handle(&t, BQ_ON_REFUSED);
}

static bool is_reserved(uint32_t handle, const void *snapshot)
{
	return bq_snapshot_uses(snapshot, handle);
}

int bq_undo_free_handles(const struct bq_undo *undo, const struct bq_attach_point *point,
			 uint32_t *handles, size_t n, struct bq_error *error)
{
	struct bq_snapshot snapshot = { 0 };
	struct bq_record head;
	int err;

	if (undo->fd >= 0)
		bq_record_get(undo->fd, point, &head, &snapshot);
	err = bq_tc_free_handles(point->ifindex, is_reserved, &snapshot, handles, n, error);
	bq_snapshot_free(&snapshot);
	return err;
}

/* --- detach --- */

static int detach(struct bq_transition *t)
{
	int ret = bq_transition_handle(t, BQ_ON_DETACH);

	if (ret == BQ_DO_RESTORE || ret == BQ_DO_RESUME)
		bq_transition_handle(t, BQ_ON_RESTORED);
	return ret;
}

int bq_undo_restore(const struct bq_undo *undo, const struct bq_attach_point *point,
		    struct bq_error *error)
{
	struct bq_transition t = bq_transition_begin(undo, point, error);
	int ret;

	t.seen = BQ_SEEN_INSTANCE;
	ret = detach(&t);
	return ret < 0 ? ret : 0;
}

int bq_undo_resume(const struct bq_undo *undo, const struct bq_attach_point *point,
		   const struct bq_tc_qdisc *now, struct bq_error *error)
{
	struct bq_transition t = begin_at(undo, point, now);

	t.error = error;
	return detach(&t);
}

/* --- all records --- */

struct visit {
	const struct bq_undo *undo;
	bq_alive_fn alive;
	void *alive_arg;
	bq_lost_fn lost;
	void *lost_arg;
	struct bq_error ignored;
};

static void sweep_one(const struct bq_attach_point *point, void *arg)
{
	struct visit *visit = arg;
	struct bq_transition t = bq_transition_begin(visit->undo, point, &visit->ignored);
	bool has_head = t.head.state != BQ_UNDO_NONE;
	struct bq_tc_qdisc now;

	if (visit->alive(point, visit->alive_arg))
		t.seen = BQ_SEEN_INSTANCE;
	else
		look(&t, &now);
	bq_transition_handle(&t, BQ_ON_SWEEP);
	if (!has_head)
		bq_record_tidy(visit->undo->fd, point);
}

void bq_undo_sweep_point(const struct bq_undo *undo, const struct bq_attach_point *point,
			 bq_alive_fn alive, void *arg)
{
	struct visit visit = { .undo = undo, .alive = alive, .alive_arg = arg };

	if (undo->fd >= 0)
		sweep_one(point, &visit);
}

void bq_undo_sweep(struct bq_undo *undo, bool all, bq_alive_fn alive, void *arg)
{
	struct visit visit = { .undo = undo, .alive = alive, .alive_arg = arg };
	size_t most = all ? SIZE_MAX : FEW;

	if (undo->fd < 0)
		return;
	bq_record_each(undo->fd, most, sweep_one, &visit);
	if (bq_record_unlink_empty(undo->fd))
		bq_undo_close(undo);
}

static void show_one(const struct bq_attach_point *point, void *arg)
{
	struct visit *visit = arg;
	struct bq_transition t = bq_transition_begin(visit->undo, point, &visit->ignored);
	struct bq_tc_qdisc now;

	t.lost = visit->lost;
	t.lost_arg = visit->lost_arg;
	if (visit->alive(point, visit->alive_arg))
		t.seen = BQ_SEEN_INSTANCE;
	else
		look(&t, &now);
	bq_transition_handle(&t, BQ_ON_SHOW);
}

static struct visit visit_lost(const struct bq_undo *undo, bq_alive_fn alive, void *alive_arg,
			       bq_lost_fn fn, void *arg)
{
	return (struct visit){
		.undo = undo,
		.alive = alive,
		.alive_arg = alive_arg,
		.lost = fn,
		.lost_arg = arg,
	};
}

void bq_undo_check_lost(const struct bq_undo *undo, const struct bq_attach_point *point,
			bq_alive_fn alive, void *alive_arg, bq_lost_fn fn, void *arg)
{
	struct visit visit = visit_lost(undo, alive, alive_arg, fn, arg);

	if (undo->fd >= 0)
		show_one(point, &visit);
}

void bq_undo_each_lost(const struct bq_undo *undo, bq_alive_fn alive, void *alive_arg,
		       bq_lost_fn fn, void *arg)
{
	struct visit visit = visit_lost(undo, alive, alive_arg, fn, arg);

	if (undo->fd >= 0)
		bq_record_each(undo->fd, SIZE_MAX, show_one, &visit);
}
