// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Kinds that are registered on purpose, not because a qdisc of theirs was attached: loaded ones,
 * and the one that net.core.default_qdisc names. A mark beside a kind's pins says so; the sweep
 * spares a kind that has one.
 */
#include <errno.h>
#include <string.h>

#include "brought.h"
#include "former.h"
#include "link.h"
#include "machine.h"
#include "pin.h"
#include "session.h"
#include "table.h"

/*
 * Begins to work on the qdisc NAME, or the one that the file NAME brings AS another: under the
 * lock, swept. Returns the lock.
 */
static int begin(struct bqdisc *bq, const char *name, const char *as, const struct bqdisc_qdisc **q,
		 bool create)
{
	int err = bq->broken, lock;

	if (!err) {
		*q = bq_brought_find(name, as, &bq->rep);
		err = *q ? bq_machine_check_caps(&bq->rep) : -EINVAL;
	}
	if (!err && create && !bq_table_is_loaded(*q))
		err = bq_machine_check_kernel(&bq->rep);
	if (err)
		return err;
	lock = bq_pin_lock(create, &bq->rep);
	if (lock >= 0)
		bq_table_sweep();
	if (lock >= 0 && (*q)->brought)
		*q = bq_brought_settle(*q);
	return lock;
}

static void end(int lock)
{
	bq_table_sweep();
	bq_pin_unlock(lock);
}

/* Loads Q unless it is, and marks it. Returns 1 when the mark is new. */
static int load_marked(const struct bqdisc_qdisc *q, enum bq_mark mark, struct bq_report *rep)
{
	/* Another object of that name may have left its mark. */
	bool fresh = !bq_table_is_loaded(q);
	struct bq_kind kind;
	int err = bq_table_load(&kind, q, rep);

	if (err)
		return err;
	bq_kind_close(&kind);
	err = bq_table_mark(q, mark, rep);
	return !err && fresh ? 1 : err;
}

int bqdisc__load(struct bqdisc *bq, const char *name, const struct bqdisc_load_opts *user_opts,
		 const struct bqdisc_qdisc **loaded)
{
	const struct bqdisc_qdisc *q;
	struct bqdisc_load_opts opts;
	int ret, lock = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->rep);

	if (!lock)
		lock = begin(bq, name, opts.as, &q, true);
	if (lock < 0)
		return lock;
	if (loaded)
		*loaded = q;
	ret = load_marked(q, BQ_MARK_KEPT, &bq->rep);
	end(lock);
	return ret;
}

static int fail_is_default(const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	return bq_fail(rep, BQDISC_FAULT_REFUSED, EBUSY,
		       "%s is what new devices get: 'bqdisc default --restore' first", q->kind);
}

struct search {
	const struct bqdisc_qdisc *q;
	struct bq_report *rep;
};

static int fail_user(const struct bq_link_qdisc *qdisc, void *arg)
{
	const struct search *s = arg;

	if (strcmp(qdisc->kind, s->q->kind) != 0)
		return 0;
	return bq_fail(s->rep, BQDISC_FAULT_REFUSED, EBUSY, "%s has one of %s: detach it first",
		       qdisc->dev, s->q->name);
}

/* One of another release, in which we cannot see who uses it but by looking at the devices. */
static int unload_other(const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	struct search search = { q, rep };
	int err = bq_link_each_qdisc(fail_user, &search, rep);

	if (err)
		return err;
	bq_table_remove(q);
	return 1;
}

/* The sweep does the rest, now or after the last qdisc. */
static int unload(const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	struct bq_kind kind;
	int err;

	if (bq_table_is_marked(q, BQ_MARK_DEFAULT))
		return fail_is_default(q, rep);
	err = bq_table_open(&kind, q, rep);
	bq_kind_close(&kind);
	return err == -EPROTO ? unload_other(q, rep) : bq_table_unmark(q, BQ_MARK_KEPT);
}

int bqdisc__unload(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q;
	int ret, lock = begin(bq, name, NULL, &q, false);

	if (lock == -BQ_PIN_NONE)
		return 0;
	if (lock < 0)
		return lock;
	ret = unload(q, &bq->rep);
	end(lock);
	return ret;
}

bool bqdisc_qdisc__is_loaded(const struct bqdisc_qdisc *q)
{
	return bq_table_is_loaded(q);
}

/* --- net.core.default_qdisc --- */

/*
 * The mark comes first, and the record of what was there before: a run that is killed leaves either
 * without the sysctl, which the next sweep sees and takes away.
 */
static int make_default(const struct bqdisc_qdisc *q, struct bq_report *rep)
{
	char now[BQ_DEFAULT_MAX];
	int err = bq_machine_default(now, rep);

	if (!err && !strcmp(now, q->kind) && bq_table_is_loaded(q))
		return 0;
	if (!err)
		err = load_marked(q, BQ_MARK_DEFAULT, rep);
	if (err > 0 || !err)
		err = bq_former_record(now, rep);
	if (!err)
		err = bq_machine_set_default(q->kind, rep);
	return err ? err : 1;
}

int bqdisc__set_default(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q;
	int ret, lock = begin(bq, name, NULL, &q, true);

	if (lock < 0)
		return lock;
	ret = make_default(q, &bq->rep);
	end(lock);
	return ret;
}

static int fail_not_recorded(const char *now, struct bq_report *rep)
{
	return bq_fail(rep, BQDISC_FAULT_FOREIGN, ENOENT,
		       "net.core.default_qdisc is %s, but nothing is recorded of what it was "
		       "before: set it with sysctl",
		       now);
}

/* What was the default before may have been a kind of ours itself. */
static int restore_default(struct bq_report *rep)
{
	char now[BQ_DEFAULT_MAX], former[BQ_DEFAULT_MAX];
	const struct bqdisc_qdisc *q;
	int err = bq_machine_default(now, rep);

	if (err)
		return err;
	if (!bq_registry_find_kind(now))
		return 0;
	if (bq_former_read(former))
		return fail_not_recorded(now, rep);
	q = bq_registry_find_kind(former);
	err = q ? load_marked(q, BQ_MARK_DEFAULT, rep) : 0;
	if (err >= 0)
		err = bq_machine_set_default(former, rep);
	if (err)
		return err;
	bq_former_forget();
	return 1;
}

int bqdisc__restore_default(struct bqdisc *bq)
{
	int ret, lock;

	if (bq->broken)
		return bq->broken;
	ret = bq_machine_check_caps(&bq->rep);
	if (ret)
		return ret;
	lock = bq_pin_lock(false, &bq->rep);
	if (lock < 0 && lock != -BQ_PIN_NONE)
		return lock;
	ret = restore_default(&bq->rep);
	if (lock >= 0)
		end(lock);
	return ret;
}

int bqdisc__default(struct bqdisc *bq, struct bqdisc_default *def)
{
	int err = bq->broken;

	*def = (struct bqdisc_default){ .kind = "" };
	if (!err)
		err = bq_machine_default(def->kind, &bq->rep);
	if (err)
		return err;
	def->qdisc = bq_registry_find_kind(def->kind);
	if (bq_former_read(def->former))
		def->former[0] = '\0';
	return 0;
}
