// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements load, unload and the default qdisc. These kinds stay registered without a qdisc. A
 * mark beside the pins of a kind tells the sweep to keep it.
 */
#include <errno.h>
#include <string.h>

#include "attachment/budget.h"
#include "attachment/kinds.h"
#include "attachment/native.h"
#include "attachment/saved_default.h"
#include "netlink/link.h"
#include "util/system.h"
#include "bpf/kernel.h"
#include "attachment/pool.h"
#include "session.h"
#include "util/opts.h"
#include "attachment/pinned.h"

/* Find the qdisc NAME, or the one in the object file NAME, with the name AS in the kernel. */
static const struct bqdisc_qdisc *find(struct bqdisc *bq, const char *name, const char *as)
{
	const struct bqdisc_qdisc *q = as ? bq_builtin_find(name) : NULL;

	if (q)
		return bq_catalog_as(&bq->catalog, q, as, &bq->error);
	if (bq_user_object_is_file(name))
		return bq_catalog_open_file(&bq->catalog, name, as, &bq->error);
	return bq_catalog_find_word(&bq->catalog, name, as, &bq->error);
}

/* Check the system, its kernel too if NEW, and take the lock. As bq_pinned_lock(). */
static int lock(struct bqdisc *bq, bool new, bool create, struct bq_pinned *pinned)
{
	int err = bq_system_check_caps(&bq->error);

	if (!err && new)
		err = bq_kernel_check(&bq->error);
	return err ? err : bq_pinned_lock(pinned, &bq->catalog, create, &bq->error);
}

/*
 * Find the qdisc NAME, or the one in the object file NAME, with the name AS. Take the lock. Return
 * 0 or -errno, as bq_pinned_lock() does.
 */
static int begin(struct bqdisc *bq, const char *name, const char *as, bool create,
		 struct bq_pinned *pinned, const struct bqdisc_qdisc **q)
{
	int err = bq->broken;

	if (!err) {
		*q = find(bq, name, as);
		err = *q ? lock(bq, create && !bq_kinds_has_name(*q), create, pinned) : -EINVAL;
	}
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

/* Return 1 if load would change something, 0 if not, -errno on failure. */
static int check_load(struct bqdisc *bq, const char *name, const char *as)
{
	const struct bqdisc_qdisc *q = bq->broken ? NULL : find(bq, name, as);
	const struct bq_loaded *l;

	if (!q)
		return bq->broken ? bq->broken : -EINVAL;
	l = bq_catalog_loaded(&bq->catalog, bq_catalog_resolve(&bq->catalog, q));
	return !(l && bq_kinds_is_marked(l, BQ_MARK_KEPT));
}

int bqdisc__load(struct bqdisc *bq, const char *name, const struct bqdisc_load_opts *user_opts,
		 const struct bqdisc_qdisc **loaded)
{
	const struct bqdisc_qdisc *q;
	struct bqdisc_load_opts opts;
	struct bq_pinned pinned;
	int ret = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->error);

	if (!ret && opts.dry_run)
		return check_load(bq, name, opts.as);
	if (!ret)
		ret = begin(bq, name, opts.as, true, &pinned, &q);
	if (ret)
		return ret;
	if (loaded)
		*loaded = q;
	/* The own name of an object is the choice of its author, as for attach. */
	ret = opts.as ? bq_native_check(&bq->catalog, q, opts.force, &bq->error) : 0;
	if (!ret)
		ret = load_marked(bq, q, BQ_MARK_KEPT);
	if (ret >= 0)
		bq_pool_check(&bq->catalog, q, &bq->error);
	bq_pinned_close(&pinned);
	return ret;
}

/* --- native names --- */

struct missing {
	struct bqdisc *bq;
	bool force;
	bqdisc_native_fn fn;
	void *arg;
};

/* Load the built-in Q under its native name if that is free. Return as load_marked() does. */
static int load_missing(const struct missing *m, const struct bqdisc_qdisc *builtin)
{
	const struct bqdisc_qdisc *q = bq_catalog_native(&m->bq->catalog, builtin);
	enum bqdisc_owner owner;
	int ret = 0;

	if (!q)
		return bq_fail(&m->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	owner = bq_native_owner(&m->bq->catalog, q->kind);
	/* A user object may have the name. */
	if (owner == BQDISC_OWNER_NONE || (owner == BQDISC_OWNER_MODULE && m->force) ||
	    bq_catalog_loaded(&m->bq->catalog, q))
		ret = load_marked(m->bq, q, BQ_MARK_KEPT);
	if (ret > 0)
		owner = BQDISC_OWNER_BQDISC;
	m->fn(q, owner, ret, m->arg);
	return ret;
}

int bqdisc__load_missing(struct bqdisc *bq, const struct bqdisc_load_opts *user_opts,
			 bqdisc_native_fn fn, void *arg)
{
	const struct bqdisc_qdisc *q = NULL;
	struct missing m = { .bq = bq, .fn = fn, .arg = arg };
	struct bqdisc_load_opts opts;
	struct bq_pinned pinned;
	int one, ret = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->error);

	m.force = opts.force;
	if (!ret)
		ret = bq->broken ? bq->broken : lock(bq, true, true, &pinned);
	if (ret)
		return ret;
	while ((q = bq_builtin_next(q))) {
		/* The kernel has none of that name. */
		if (q->peer)
			continue;
		one = load_missing(&m, q);
		ret = one < 0 || (one > 0 && !ret) ? one : ret;
	}
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
static int unload_one(struct bqdisc *bq, struct bq_loaded *l)
{
	if (bq_kinds_is_marked(l, BQ_MARK_DEFAULT))
		return fail_is_default(l->q, &bq->error);
	if (bq_catalog_open(l, &bq->error) == -EPROTO)
		return unload_other(bq, l->q, l);
	return bq_kinds_unmark(l, BQ_MARK_KEPT);
}

/* Return true if L is a kind of the qdisc NAME. Builds a descriptor only if its name says so. */
static bool is_named(struct bqdisc *bq, struct bq_loaded *l, const char *name)
{
	if (!l->q && !strcmp(l->name, name))
		bq_catalog_describe(&bq->catalog, l, NULL);
	return l->q && !strcmp(l->q->name, name);
}

/* Unload the qdisc under all its names. A failure stops before those that follow. */
static int unload(struct bqdisc *bq, const char *name)
{
	struct bq_loaded *l, *next;
	int one, ret = 0;

	for (l = bq_catalog_first(&bq->catalog); l; l = next) {
		next = l->next;
		if (!is_named(bq, l, name))
			continue;
		one = unload_one(bq, l);
		if (one < 0)
			return one;
		ret |= one;
	}
	return ret;
}

int bqdisc__unload(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q;
	struct bq_pinned pinned;
	int ret = begin(bq, name, NULL, false, &pinned, &q);

	if (ret)
		return ret == -BQ_PIN_NONE ? 0 : ret;
	ret = unload(bq, q->name);
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
	if (q->needs_options)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s cannot be a default: it needs options; attach it to each device",
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
