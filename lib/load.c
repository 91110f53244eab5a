// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements load, unload and the default qdisc. These kinds stay registered without a qdisc. A
 * mark beside the pins of a kind tells the sweep to keep it.
 */
#include <errno.h>
#include <string.h>

#include "user/user_object.h"
#include "attachment/budget.h"
#include "attachment/saved_default.h"
#include "netlink/link.h"
#include "util/system.h"
#include "bpf/kernel.h"
#include "bpf/pin.h"
#include "attachment/pool.h"
#include "session.h"
#include "util/opts.h"
#include "attachment/instances.h"

/*
 * Find the qdisc NAME, or the one in the object file NAME with the name AS. Take the lock and
 * sweep. Return the lock, or -errno.
 */
static int begin(struct bqdisc *bq, const char *name, const char *as, const struct bqdisc_qdisc **q,
		 bool create)
{
	int err = bq->broken, lock;

	if (!err) {
		*q = bq_user_object_find(name, as, &bq->error);
		err = *q ? bq_system_check_caps(&bq->error) : -EINVAL;
	}
	if (!err && create && !bq_kinds_is_loaded(*q))
		err = bq_kernel_check(&bq->error);
	if (err)
		return err;
	lock = bq_pin_lock(create, &bq->error);
	if (lock >= 0)
		bq_sweep();
	if (lock >= 0 && (*q)->user)
		*q = bq_user_object_resolve(*q);
	return lock;
}

static void end(int lock)
{
	bq_sweep();
	bq_pin_unlock(lock);
}

/*
 * Load Q, unless it is loaded, and mark it. Return 1 if the mark is new, 0 if not, -errno on
 * failure.
 */
static int load_marked(const struct bqdisc_qdisc *q, enum bq_mark mark, struct bq_error *error)
{
	/* A kind of another object with that name may still have a mark. */
	bool fresh = !bq_kinds_is_loaded(q);
	struct bq_kind kind;
	int err = bq_budget_check_load(q, error);

	if (!err)
		err = bq_kinds_load(&kind, q, error);
	if (err)
		return err;
	bq_kind_close(&kind);
	err = bq_kinds_mark(q, mark, error);
	return !err && fresh ? 1 : err;
}

int bqdisc__load(struct bqdisc *bq, const char *name, const struct bqdisc_load_opts *user_opts,
		 const struct bqdisc_qdisc **loaded)
{
	const struct bqdisc_qdisc *q;
	struct bqdisc_load_opts opts;
	int ret, lock = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->error);

	if (!lock)
		lock = begin(bq, name, opts.as, &q, true);
	if (lock < 0)
		return lock;
	if (loaded)
		*loaded = q;
	ret = load_marked(q, BQ_MARK_KEPT, &bq->error);
	if (ret >= 0)
		bq_pool_check(q, &bq->error);
	end(lock);
	return ret;
}

static int fail_is_default(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_REFUSED, EBUSY,
		       "%s: is the default qdisc; run 'bqdisc default --restore' first", q->kind);
}

struct search {
	const struct bqdisc_qdisc *q;
	struct bq_error *error;
};

static int fail_user(const struct bq_dev_qdisc *qdisc, void *arg)
{
	const struct search *s = arg;

	if (strcmp(qdisc->kind, s->q->kind) != 0)
		return 0;
	return bq_fail(s->error, BQDISC_ERROR_REFUSED, EBUSY, "%s: uses %s; detach it first",
		       qdisc->dev, s->q->name);
}

/*
 * Unload a kind of another release. Its instances cannot be read, so look for its qdiscs on the
 * devices.
 */
static int unload_other(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	struct search search = { q, error };
	int err = bq_dev_each_qdisc(fail_user, &search, error);

	if (err)
		return err;
	bq_kinds_remove(q);
	return 1;
}

/* Remove the mark. The sweep unregisters the kind, now or after its last qdisc. */
static int unload(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	struct bq_kind kind;
	int err;

	if (bq_kinds_is_marked(q, BQ_MARK_DEFAULT))
		return fail_is_default(q, error);
	err = bq_kinds_open(&kind, q, error);
	bq_kind_close(&kind);
	return err == -EPROTO ? unload_other(q, error) : bq_kinds_unmark(q, BQ_MARK_KEPT);
}

int bqdisc__unload(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q;
	int ret, lock = begin(bq, name, NULL, &q, false);

	if (lock == -BQ_PIN_NONE)
		return 0;
	if (lock < 0)
		return lock;
	ret = unload(q, &bq->error);
	end(lock);
	return ret;
}

bool bqdisc_qdisc__is_loaded(const struct bqdisc_qdisc *q)
{
	return bq_kinds_is_loaded(q);
}

/* --- net.core.default_qdisc --- */

/*
 * Make Q the default. Mark the kind and record the previous default first. If the command is
 * interrupted, the next sweep finds these without the sysctl, and removes them.
 */
static int make_default(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	char now[BQ_DEFAULT_MAX];
	int err;

	if (bq_user_object_is_plain(q))
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s cannot be a default: its object was not made with bqdisc's kit, "
			       "and all devices would share its variables",
			       q->name);
	err = bq_system_get_default(now, error);
	if (!err && !strcmp(now, q->kind) && bq_kinds_is_loaded(q))
		return 0;
	if (!err)
		err = load_marked(q, BQ_MARK_DEFAULT, error);
	if (err > 0 || !err)
		err = bq_saved_default_record(now, error);
	if (!err)
		err = bq_system_set_default(q->kind, error);
	return err ? err : 1;
}

int bqdisc__set_default(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q;
	int ret, lock = begin(bq, name, NULL, &q, true);

	if (lock < 0)
		return lock;
	ret = make_default(q, &bq->error);
	if (ret >= 0)
		bq_pool_check(q, &bq->error);
	end(lock);
	return ret;
}

static int fail_not_recorded(const char *now, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_FOREIGN, ENOENT,
		       "net.core.default_qdisc: is %s, and the previous value is not recorded; "
		       "set it with sysctl",
		       now);
}

/* Restore the saved default. It may be a kind of bqdisc as well. */
static int restore_default(struct bq_error *error)
{
	char now[BQ_DEFAULT_MAX], previous[BQ_DEFAULT_MAX];
	const struct bqdisc_qdisc *q;
	int err = bq_system_get_default(now, error);

	if (err)
		return err;
	if (!bq_qdisc_find_kind(now))
		return 0;
	if (bq_saved_default_read(previous))
		return fail_not_recorded(now, error);
	q = bq_qdisc_find_kind(previous);
	err = q ? load_marked(q, BQ_MARK_DEFAULT, error) : 0;
	if (err >= 0)
		err = bq_system_set_default(previous, error);
	if (err)
		return err;
	bq_saved_default_delete();
	return 1;
}

int bqdisc__restore_default(struct bqdisc *bq)
{
	int ret, lock;

	if (bq->broken)
		return bq->broken;
	ret = bq_system_check_caps(&bq->error);
	if (ret)
		return ret;
	lock = bq_pin_lock(false, &bq->error);
	if (lock < 0 && lock != -BQ_PIN_NONE)
		return lock;
	ret = restore_default(&bq->error);
	if (lock >= 0)
		end(lock);
	return ret;
}

int bqdisc__default(struct bqdisc *bq, struct bqdisc_default *def)
{
	int err = bq->broken;

	*def = (struct bqdisc_default){ .kind = "" };
	if (!err)
		err = bq_system_get_default(def->kind, &bq->error);
	if (err)
		return err;
	def->qdisc = bq_qdisc_find_kind(def->kind);
	if (bq_saved_default_read(def->previous))
		def->previous[0] = '\0';
	return 0;
}
