// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements load, unload and the default qdisc. These kinds stay registered without a qdisc. A
 * mark beside the pins of a kind tells the sweep to keep it.
 */
#include <errno.h>
#include <string.h>

#include "attachment/budget.h"
#include "attachment/kinds.h"
#include "attachment/saved_default.h"
#include "netlink/link.h"
#include "util/system.h"
#include "bpf/kernel.h"
#include "attachment/pool.h"
#include "session.h"
#include "util/opts.h"
#include "attachment/pinned.h"

/*
 * Find the qdisc NAME, or the one in the object file NAME with the name AS. Take the lock. Return 0
 * or -errno, as bq_pinned_lock() does.
 */
static int begin(struct bqdisc *bq, const char *name, const char *as, bool create,
		 struct bq_pinned *pinned, const struct bqdisc_qdisc **q)
{
	int err = bq->broken;

	if (!err) {
		*q = bq_catalog_find_word(&bq->catalog, name, as, &bq->error);
		err = *q ? bq_system_check_caps(&bq->error) : -EINVAL;
	}
	if (!err && create && !bq_kinds_has_name(*q))
		err = bq_kernel_check(&bq->error);
	if (!err)
		err = bq_pinned_lock(pinned, &bq->catalog, create, &bq->error);
	if (!err)
		*q = bq_catalog_resolve(&bq->catalog, *q);
	return err;
}

/*
 * Load Q, unless it is loaded, and mark it. Return 1 if the mark is new, 0 if not, -errno on
 * failure.
 */
static int load_marked(struct bqdisc *bq, const struct bqdisc_qdisc *q, enum bq_mark mark)
{
	/* A kind of another object with that name may still have a mark. */
	bool fresh = !bq_catalog_loaded(&bq->catalog, q);
	const struct bq_room room = { .pool = true };
	struct bq_loaded *l;
	int err = bq_budget_check_load(q, bq_kinds_load_cost(&bq->catalog, q, &room), &bq->error);

	if (!err)
		err = bq_kinds_load(&bq->catalog, q, &room, &l, &bq->error);
	if (!err)
		err = bq_kinds_mark(l, mark, &bq->error);
	return !err && fresh ? 1 : err;
}

int bqdisc__load(struct bqdisc *bq, const char *name, const struct bqdisc_load_opts *user_opts,
		 const struct bqdisc_qdisc **loaded)
{
	const struct bqdisc_qdisc *q;
	struct bqdisc_load_opts opts;
	struct bq_pinned pinned;
	int ret = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->error);

	if (!ret)
		ret = begin(bq, name, opts.as, true, &pinned, &q);
	if (ret)
		return ret;
	if (loaded)
		*loaded = q;
	ret = load_marked(bq, q, BQ_MARK_KEPT);
	if (ret >= 0)
		bq_pool_check(&bq->catalog, q, &bq->error);
	bq_pinned_close(&pinned);
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
static int unload_other(struct bqdisc *bq, const struct bqdisc_qdisc *q, struct bq_loaded *l)
{
	struct search search = { q, &bq->error };
	int err = bq_dev_each_qdisc(fail_user, &search, &bq->error);

	if (err)
		return err;
	bq_kinds_remove(&bq->catalog, l);
	return 1;
}

/* Remove the mark. The sweep unregisters the kind, now or after its last qdisc. */
static int unload(struct bqdisc *bq, const struct bqdisc_qdisc *q)
{
	struct bq_loaded *l = bq_catalog_loaded(&bq->catalog, q);

	if (!l)
		return 0;
	if (bq_kinds_is_marked(l, BQ_MARK_DEFAULT))
		return fail_is_default(q, &bq->error);
	if (bq_catalog_open(l, &bq->error) == -EPROTO)
		return unload_other(bq, q, l);
	return bq_kinds_unmark(l, BQ_MARK_KEPT);
}

int bqdisc__unload(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q;
	struct bq_pinned pinned;
	int ret = begin(bq, name, NULL, false, &pinned, &q);

	if (ret)
		return ret == -BQ_PIN_NONE ? 0 : ret;
	ret = unload(bq, q);
	bq_pinned_close(&pinned);
	return ret;
}

/* --- net.core.default_qdisc --- */

/*
 * Make Q the default. Mark the kind and record the previous default first. If the command is
 * interrupted, the next sweep finds these without the sysctl, and removes them.
 */
static int make_default(struct bqdisc *bq, const struct bqdisc_qdisc *q)
{
	struct bq_error *error = &bq->error;
	char now[BQ_DEFAULT_MAX];
	int err;

	if (q->plain)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s cannot be a default: its object was not made with bqdisc's kit, "
			       "and all devices would share its variables",
			       q->name);
	err = bq_system_get_default(now, error);
	if (!err && !strcmp(now, q->kind) && bq_kinds_has_name(q))
		return 0;
	if (!err)
		err = load_marked(bq, q, BQ_MARK_DEFAULT);
	if (err > 0 || !err)
		err = bq_saved_default_record(now, error);
	if (!err)
		err = bq_system_set_default(q->kind, error);
	return err ? err : 1;
}

int bqdisc__set_default(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q;
	struct bq_pinned pinned;
	int ret = begin(bq, name, NULL, true, &pinned, &q);

	if (ret)
		return ret;
	ret = make_default(bq, q);
	if (ret >= 0)
		bq_pool_check(&bq->catalog, q, &bq->error);
	bq_pinned_close(&pinned);
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
static int restore_default(struct bqdisc *bq)
{
	struct bq_error *error = &bq->error;
	char now[BQ_DEFAULT_MAX], previous[BQ_DEFAULT_MAX];
	const struct bqdisc_qdisc *q;
	int err = bq_system_get_default(now, error);

	if (err)
		return err;
	if (!bq_catalog_has_kind(&bq->catalog, now))
		return 0;
	if (bq_saved_default_read(previous))
		return fail_not_recorded(now, error);
	q = bq_catalog_find_kind(&bq->catalog, previous);
	err = q ? load_marked(bq, q, BQ_MARK_DEFAULT) : 0;
	if (err >= 0)
		err = bq_system_set_default(previous, error);
	if (err)
		return err;
	bq_saved_default_delete();
	return 1;
}

int bqdisc__restore_default(struct bqdisc *bq)
{
	struct bq_pinned pinned;
	int ret, locked;

	if (bq->broken)
		return bq->broken;
	ret = bq_system_check_caps(&bq->error);
	if (ret)
		return ret;
	locked = bq_pinned_lock(&pinned, &bq->catalog, false, &bq->error);
	if (locked && locked != -BQ_PIN_NONE)
		return locked;
	ret = restore_default(bq);
	if (!locked)
		bq_pinned_close(&pinned);
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
	def->qdisc = bq_catalog_find_kind(&bq->catalog, def->kind);
	if (bq_saved_default_read(def->previous))
		def->previous[0] = '\0';
	return 0;
}
