// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Follows the drops of qdiscs. Each followed instance has the key of this process, and a time until
 * which its drops are sent. The time is renewed, so a process that is killed leaves nothing behind.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/follower.h"
#include "drops.h"
#include "instance.h"
#include "session.h"
#include "util/opts.h"
#include "util/system.h"

#define RENEW_MS 1000
#define UNTIL_NS 3000000000ull /* from now; several renewals may come late */

/* A kind, which stays open for longer than the session keeps it. */
struct kind {
	struct kind *next;
	struct bq_kind kind;
};

/* A followed qdisc. */
struct followed {
	struct bq_instance *id;
	const struct bq_kind *kind;
	uint64_t created_ns; /* another one has another */
	uint32_t parent;
	char dev[BQ_DEV_MAX];
};

struct follow {
	struct bqdisc *bq;
	struct bqdisc_follow_opts opts;
	struct bq_follower *follower;
	struct kind *kinds;
	struct followed *v;
	size_t n;
	const struct bqdisc_qdisc *without; /* a qdisc that does not record its drops */
};

static bool is_live(const struct followed *f)
{
	return bq_instance_state(f->id) == BQ_LIVE && f->id->created_ns == f->created_ns;
}

/* Return KIND, open for this call, or NULL after a failure. */
static const struct bq_kind *open_kind(struct follow *f, const struct bq_kind *kind)
{
	struct bq_error *error = &f->bq->error;
	struct kind *k;

	for (k = f->kinds; k; k = k->next)
		if (!strcmp(k->kind.dir, kind->dir))
			return &k->kind;
	k = malloc(sizeof(*k));
	if (!k) {
		bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
		return NULL;
	}
	if (bq_kind_open_usage(&k->kind, kind->name, kind->q, strrchr(kind->dir, '/') + 1, error) ||
	    bq_kind_open(&k->kind, error)) {
		free(k);
		return NULL;
	}
	k->next = f->kinds;
	f->kinds = k;
	return &k->kind;
}

static void close_kinds(struct follow *f)
{
	struct kind *k;

	while ((k = f->kinds)) {
		f->kinds = k->next;
		bq_kind_close(&k->kind);
		free(k);
	}
}

/* Follow an instance of KIND. Return 0 or -errno. */
static int add_instance(struct follow *f, const struct bq_kind *kind,
			const struct bq_instance_info *info)
{
	struct bq_instance *id = bq_kind_instance(kind, info->id->index);
	uint64_t now = bq_system_now();
	struct followed *grown;

	if (id->follow_until > now)
		return bq_fail(&f->bq->error, BQDISC_ERROR_REFUSED, EBUSY,
			       "%s: another process follows its drops; end that first", info->dev);
	grown = reallocarray(f->v, f->n + 1, sizeof(*grown));
	if (!grown)
		return bq_fail(&f->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	f->v = grown;
	grown[f->n] = (struct followed){
		.id = id,
		.kind = kind,
		.created_ns = id->created_ns,
		.parent = info->qdisc.parent,
	};
	memcpy(grown[f->n++].dev, info->dev, sizeof(grown->dev));
	id->follower = bq_follower_key(f->follower);
	id->follow_missed = 0;
	/* Release: programs read the fields above only if this time is to come. */
	__atomic_store_n(&id->follow_until, now + UNTIL_NS, __ATOMIC_RELEASE);
	return bq_follower_add(f->follower, kind, now, &f->bq->error);
}

static int add_qdisc(const struct bqdisc_instance *inst, void *arg)
{
	const struct bq_kind *kind = inst->v[0]->kind;
	struct follow *f = arg;

	if (!kind->q->n_drops) {
		f->without = kind->q;
		return 0;
	}
	kind = open_kind(f, kind);
	return kind ? add_instance(f, kind, inst->v[0]) : -EIO;
}

/* Let the drops be sent for some more time, or no longer. Return the number of qdiscs left. */
static size_t renew(struct follow *f, uint64_t until)
{
	size_t i, live = 0;

	for (i = 0; i < f->n; i++) {
		if (!is_live(&f->v[i]))
			continue;
		f->v[i].id->follow_until = until;
		live++;
	}
	return live;
}

static int emit(const struct bq_kind *kind, const struct bq_drop_event *from, void *arg)
{
	struct bqdisc_drop_event event = { .qdisc = kind->q, .missed = from->missed };
	struct follow *f = arg;
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].kind == kind && f->v[i].id->index == from->index)
			break;
	if (i == f->n || !bq_drop_read(kind->q, &from->drop, &event.drop))
		return 0;
	event.dev = f->v[i].dev;
	event.parent = f->v[i].parent;
	return f->opts.event(&event, f->opts.arg);
}

static int run(struct follow *f)
{
	int ret = 0;

	while (!ret && renew(f, bq_system_now() + UNTIL_NS)) {
		ret = bq_follower_read(f->follower, RENEW_MS);
		if (!ret)
			ret = f->opts.event(NULL, f->opts.arg);
	}
	return ret;
}

static int fail_none(struct follow *f, const char *devs)
{
	if (f->without)
		return bq_fail(&f->bq->error, BQDISC_ERROR_USAGE, ENOTSUP,
			       "%s: %s does not record its drops; all built-in qdiscs do", devs,
			       f->without->name);
	return bq_fail(&f->bq->error, BQDISC_ERROR_USAGE, ENOENT,
		       "%s: no qdisc of bqdisc is attached; attach one with 'bqdisc attach %s "
		       "QDISC'",
		       devs, devs);
}

int bqdisc__follow_drops(struct bqdisc *bq, const char *devs, const struct bqdisc_follow_opts *opts)
{
	struct follow f = { .bq = bq };
	int ret = bq_opts_copy(&f.opts, sizeof(f.opts), opts, &bq->error);

	if (ret)
		return ret;
	f.follower = bq_follower_new(emit, &f);
	if (!f.follower)
		return bq_fail(&bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	ret = bqdisc__each_queue(bq, devs, add_qdisc, &f);
	if (!ret)
		ret = f.n ? run(&f) : fail_none(&f, devs);
	renew(&f, 0);
	bq_follower_free(f.follower);
	close_kinds(&f);
	free(f.v);
	return ret;
}
