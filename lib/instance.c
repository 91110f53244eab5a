// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Attach, change and detach: joins the other rooms and owns the rollback. Order: what was typed,
 * then what the machine can do, then the lock, then what nobody sees (load, prepare, record), and
 * last the one system call that touches traffic.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brought.h"
#include "capture.h"
#include "expire.h"
#include "install.h"
#include "machine.h"
#include "ours.h"
#include "pin.h"
#include "plan.h"
#include "session.h"

/* One attach or detach on its way. */
struct job {
	struct bqdisc *bq;
	struct bq_report *rep;
	const struct bqdisc_qdisc *q;
	struct bq_link link;
	struct bq_place place;
	const struct bqdisc_dry_run *dry_run; /* NULL: it is done */
	int n;                                /* of the words that were typed */
	char *const *words;
	bool force, root, mq;
	uint64_t until_ns;      /* as in struct bq_instance */
	int expired;            /* how many were detached on the way because their time was over */
	uint64_t memory;        /* the most that an instance may take, bytes */
	struct bq_tc_qdisc was; /* what is there now */
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)];
	struct bq_blob annex; /* of the configuration */
};

/* Reads the caller's opts: the first that every command does. */
static int begin(const struct job *job, void *opts, size_t size, const void *user_opts)
{
	return job->bq->broken ? job->bq->broken : bq_opts_copy(opts, size, user_opts, job->rep);
}

static int parse_options(struct job *job, const struct bqdisc_qdisc *q, int n, char *const words[])
{
	if (q->parse)
		return q->parse(q, n, words, job->config, &job->annex, job->rep);
	return bq_options_parse(q, n, words, job->config, job->rep);
}

static int complete(struct job *job, const struct bqdisc_qdisc *q)
{
	return q->complete ? q->complete(job->config, &job->link.device, job->rep) : 0;
}

static int parse_words(struct job *job, const char *as)
{
	int err;

	if (job->n < 1)
		return bq_fail(job->rep, BQDISC_FAULT_USAGE, EINVAL,
			       "which qdisc? 'bqdisc list' names them");
	job->q = bq_brought_find(job->words[0], as, job->rep);
	err = job->q ? 0 : -EINVAL;
	if (!err)
		err = parse_options(job, job->q, job->n - 1, job->words + 1);
	if (!err && job->q->brought)
		bq_brought_fill(job->q, job->config);
	return err ? err : complete(job, job->q);
}

static int find_place(struct job *job, const char *dev, uint32_t parent)
{
	int err = bq_link_find(dev, &job->link, job->rep);

	job->place.net_cookie = job->bq->net_cookie;
	job->place.ifindex = job->link.ifindex;
	job->place.parent = parent ? parent : TC_H_ROOT;
	return err ? err : bq_machine_check_caps(job->rep);
}

/* --root and --mq make sense only once, and where there are queues. */
static int check_shape(const struct job *job)
{
	if (job->root && job->mq)
		return bq_fail(job->rep, BQDISC_FAULT_USAGE, EINVAL,
			       "--root and --mq are two ways to do it: give one");
	if ((job->root || job->mq) && job->place.parent != TC_H_ROOT)
		return bq_fail(job->rep, BQDISC_FAULT_USAGE, EINVAL,
			       "--parent names one class: --root and --mq have no place beside it");
	if (job->mq && job->link.queues < 2)
		return bq_fail(job->rep, BQDISC_FAULT_USAGE, EINVAL,
			       "%s has one transmit queue: mq needs several", job->link.name);
	if (job->link.queues >= BQ_INSTANCES - BQ_POOL_INSTANCES)
		return bq_fail(job->rep, BQDISC_FAULT_UNSUPPORTED, ENOSPC,
			       "%s has %u transmit queues: there are instances for %d",
			       job->link.name, job->link.queues,
			       BQ_INSTANCES - BQ_POOL_INSTANCES - 1);
	return 0;
}

/* 1: what is at the job's place is ours, and OURS is to be closed; 0: it is not. */
static int find_ours(struct job *job, struct bq_ours *ours)
{
	int err = bq_tc_get(job->place.ifindex, job->place.parent, &job->was, job->rep);

	if (err || !bq_ours_find(&job->place, &job->was, ours, job->rep))
		return err;
	if (ours->mq || !ours->n || !ours->v[0]->set)
		return 1;
	bq_ours_close(ours);
	return bq_fail(job->rep, BQDISC_FAULT_USAGE, EINVAL,
		       "%x:%x is one of the queues of %s, which are attached, changed and detached "
		       "together: leave out --parent",
		       job->place.parent >> 16, TC_H_MIN(job->place.parent), job->link.name);
}

/* What someone else put in the place of one of our set is theirs. */
static int judge_stranger(struct job *job, const struct bq_ours *ours, const char *then)
{
	struct bq_tc_qdisc stranger = { 0 };

	if (job->force ||
	    !bq_ours_has_stranger(ours, job->place.ifindex, job->link.queues, &stranger))
		return 0;
	return bq_fail(job->rep, BQDISC_FAULT_FOREIGN, EBUSY,
		       "someone else configured %s %x: for the queue %x:%x of %s: %s",
		       stranger.kind, stranger.handle >> 16, stranger.parent >> 16,
		       TC_H_MIN(stranger.parent), job->link.name, then);
}

/* A default is replaced without asking, ours too; anything else only by force. */
static int judge_foreign(struct job *job, const struct bq_replay *undo)
{
	if (bq_replay_is_default(&job->was))
		return 0;
	if (!job->force && bq_undo_is_pending(&job->place, &job->was))
		return bq_fail(
			job->rep, BQDISC_FAULT_FOREIGN, EBUSY,
			"a detach of %s was interrupted, and half of what was there is back: "
			"'bqdisc detach %s' finishes it",
			job->link.name, job->link.name);
	if (!job->force)
		return bq_fail(job->rep, BQDISC_FAULT_FOREIGN, EBUSY,
			       "%s has a qdisc that someone else configured: %s %x:; --force "
			       "replaces it%s%s",
			       job->link.name, job->was.kind, job->was.handle >> 16,
			       *undo->lost ? ", but detach cannot put back "
					   : ", and detach puts it back",
			       undo->lost);
	if (*undo->lost)
		bq_warn(job->rep, "%s: detach will not put back %s", job->link.name, undo->lost);
	return 0;
}

/* --- attach --- */

/* How many instances under an mq; 0: one, at the place itself. */
static uint32_t choose_queues(const struct job *job, const struct bq_ours *ours)
{
	bool several = job->link.real_queues > 1 || (ours && ours->mq);

	if (job->mq ||
	    (!job->root && job->place.parent == TC_H_ROOT && job->q->per_queue && several))
		return job->link.queues;
	return 0;
}

static struct bq_install describe(const struct job *job, uint32_t queues)
{
	struct bq_install in = {
		.q = job->q,
		.link = &job->link,
		.place = job->place,
		.queues = queues,
		.over_default = !job->was.handle,
		.annex = job->annex,
		.until_ns = job->until_ns,
	};

	memcpy(in.config, job->config, job->q->config_size);
	return in;
}

/*
 * What OURS is now, to be installed again; its annex is to be freed. Q is NULL when nothing of it
 * is left.
 */
static int describe_ours(const struct job *job, const struct bq_ours *ours, struct bq_install *in)
{
	*in = (struct bq_install){
		.q = ours->n ? ours->kind.q : NULL,
		.link = &job->link,
		.place = job->place,
		.queues = ours->mq ? job->link.queues : 0,
	};
	if (!in->q)
		return 0;
	in->until_ns = ours->v[0]->until_ns;
	memcpy(in->config, bq_kind_config(&ours->kind, ours->v[0]), in->q->config_size);
	return bq_kind_read_annex(&ours->kind, ours->v[0], &in->annex, job->rep);
}

/*
 * Half of a new installation is in place: brings back what was there, ours (BEFORE), or what was
 * there before us. The failure that led here stays the message.
 */
static void roll_back(struct job *job, const struct bq_install *before)
{
	struct bq_report undo = { .warn = job->rep->warn };
	char why[sizeof(job->rep->text) / 2];
	bool took;

	if (before && before->q && !bq_install(before, &took, &undo))
		return;
	if (!bq_undo_restore(&job->place, &undo))
		return;
	snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, job->rep->text);
	bq_fail(job->rep, job->rep->fault, 0, "%s; putting back what was there failed: %.400s", why,
		undo.text);
}

/* It is the kernel's memory for as long as the qdisc is there: nobody shall be surprised. */
static int check_memory(const struct job *job, const struct bq_install *in)
{
	uint64_t bytes = bq_qdisc_cost_of(in->q, in->config, &in->link->device, in->annex.size);
	char cost[32], most[32];

	if (bytes <= job->memory)
		return 0;
	return bq_fail(job->rep, BQDISC_FAULT_USAGE, ENOSPC,
		       "%s with these options takes %s of kernel memory, and %s is the most: "
		       "--memory %llumb allows it",
		       in->q->name, bqdisc_size__round(bytes, cost, sizeof(cost)),
		       bqdisc_size__round(job->memory, most, sizeof(most)),
		       (unsigned long long)((bytes + (1 << 20) - 1) >> 20));
}

static struct bq_plan plan_of(const struct job *job)
{
	return bq_plan_for(job->dry_run, job->link.name);
}

static int install(struct job *job, const struct bq_install *in, const struct bq_install *before)
{
	const struct bq_plan plan = plan_of(job);
	bool took = false;
	int err = check_memory(job, in);

	if (!err && job->dry_run)
		return bq_plan_install(&plan, in, job->rep);
	if (!err)
		err = bq_install(in, &took, job->rep);
	if (err && took)
		roll_back(job, before);
	return err ? err : 1;
}

static void merge_defaults(const struct bq_kind *kind, const struct bq_instance *id, void *config)
{
	bq_options_fill(kind->q, config, bq_kind_defaults(kind, id));
}

/* Whether OURS is of the kind and the shape that are wanted: then its options decide. */
static bool is_same_shape(const struct job *job, const struct bq_ours *ours, uint32_t queues)
{
	return ours->kind.q == job->q && ours->n == (queues ? queues : 1) && !ours->mq == !queues;
}

static int replace_ours(struct job *job, const struct bq_ours *ours, uint32_t queues)
{
	struct bq_install before, in = describe(job, queues);
	int ret = describe_ours(job, ours, &before);

	/* The queues of one mq are swapped without a new mq: one interruption less. */
	if (queues && ours->mq && ours->n == queues)
		in.mq = before.mq = ours->mq;
	if (!ret)
		ret = install(job, &in, &before);
	free(before.annex.data);
	return ret;
}

/* The programs read the word at each packet. */
static bool set_until(const struct job *job, const struct bq_ours *ours)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < ours->n; i++) {
		changed |= ours->v[i]->until_ns != job->until_ns;
		if (!job->dry_run)
			__atomic_store_n(&ours->v[i]->until_ns, job->until_ns, __ATOMIC_RELEASE);
	}
	return changed;
}

static int bring(struct job *job, const struct bq_ours *ours, bq_merge_fn merge)
{
	const struct bq_plan plan = plan_of(job);

	if (job->dry_run)
		return bq_plan_bring(&plan, ours, job->config, &job->annex, merge,
				     &job->link.device, job->rep);
	return bq_ours_bring(ours, job->config, &job->annex, merge, &job->link.device, job->rep);
}

static int adjust_ours(struct job *job, const struct bq_ours *ours)
{
	int ret = bring(job, ours, merge_defaults);

	return ret >= 0 && set_until(job, ours) ? 1 : ret;
}

static int attach_over_ours(struct job *job, const struct bq_ours *ours)
{
	uint32_t queues = choose_queues(job, ours);
	int err;

	if (is_same_shape(job, ours, queues))
		return adjust_ours(job, ours);
	err = judge_stranger(job, ours, "--force replaces it, and detach cannot put it back");
	return err ? err : replace_ours(job, ours, queues);
}

static int attach_over_foreign(struct job *job)
{
	struct bq_install in = describe(job, choose_queues(job, NULL));
	struct bq_replay undo;
	int ret = bq_capture(&job->was, &undo, job->rep);

	in.undo = &undo;
	if (!ret)
		ret = judge_foreign(job, &undo);
	if (!ret)
		ret = install(job, &in, NULL);
	bq_replay_free(&undo);
	return ret;
}

static int attach_locked(struct job *job)
{
	struct bq_ours ours;
	int ret;

	if (job->q->brought)
		job->q = bq_brought_settle(job->q);
	ret = complete(job, job->q); /* the device is known now */
	if (ret)
		return ret;
	ret = find_ours(job, &ours);
	if (ret <= 0)
		return ret ? ret : attach_over_foreign(job);
	ret = attach_over_ours(job, &ours);
	bq_ours_close(&ours);
	return ret;
}

/* --- change --- */

static void merge_present(const struct bq_kind *kind, const struct bq_instance *id, void *config)
{
	bq_options_inherit(kind->q, config, bq_kind_config(kind, id));
}

/* The options are checked here: which qdisc they are for is known only now. */
static int change_ours(struct job *job, const struct bq_ours *ours)
{
	int ret = bq_kind_read_annex(&ours->kind, ours->v[0], &job->annex, job->rep);

	if (!ret)
		ret = parse_options(job, ours->kind.q, job->n, job->words);
	if (!ret)
		ret = bring(job, ours, merge_present);
	return ret;
}

static int change_locked(struct job *job)
{
	struct bq_ours ours;
	int ret = find_ours(job, &ours);

	if (ret < 0)
		return ret;
	if (ret && !ours.n && !ours.mq)
		return -EPROTO; /* which the report tells of */
	if (!ret || !ours.n)
		return bq_fail(job->rep, BQDISC_FAULT_FOREIGN, ENOENT,
			       "%s has no qdisc of bqdisc to change: attach one", job->link.name);
	ret = change_ours(job, &ours);
	bq_ours_close(&ours);
	return ret;
}

/* --- detach --- */

/* Not ours: most often that is all. A kind of ours without its pins is told from that. */
static int judge_orphan(struct job *job)
{
	const struct bq_tc_qdisc *was = &job->was;
	const struct bqdisc_qdisc *q = bq_registry_find_kind(was->kind);
	struct bq_kind kind;
	int err;

	if (!q || !was->handle)
		return 0;
	err = bq_table_open(&kind, q, job->rep);
	if (err && err != -ENOENT)
		return err;
	bq_kind_close(&kind);
	/* To delete a child of mq would stop its queue. */
	return bq_fail(job->rep, BQDISC_FAULT_FOREIGN, ENOENT,
		       "%s has %s %x:, but %s has no record of it: %s it with tc", job->link.name,
		       was->kind, was->handle >> 16, BQ_PIN_DIR,
		       was->parent == TC_H_ROOT ? "delete" : "replace");
}

/* OURS: what is there; NULL: half of what was there before. */
static int restore(struct job *job, const struct bq_ours *ours)
{
	const struct bq_plan plan = plan_of(job);

	if (job->dry_run)
		return bq_plan_restore(&plan, &job->place, ours, job->rep);
	return ours ? bq_undo_restore(&job->place, job->rep)
		    : bq_undo_resume(&job->place, job->rep);
}

static int detach_ours(struct job *job, const struct bq_ours *ours)
{
	int err = judge_stranger(job, ours, "--force deletes it with the rest");

	return err ? err : restore(job, ours);
}

static int detach_locked(struct job *job)
{
	struct bq_ours ours;
	int err, ret = find_ours(job, &ours);

	if (ret < 0)
		return ret;
	if (!ret && !job->dry_run && bq_undo_forget_lost(&job->place))
		bq_warn(job->rep,
			"what was attached to %s was lost before: someone else's %s %x: stays",
			job->link.name, job->was.kind, job->was.handle >> 16);
	if (!ret && !bq_undo_is_pending(&job->place, &job->was))
		return judge_orphan(job);
	if (ret) {
		err = detach_ours(job, &ours);
		bq_ours_close(&ours);
	} else {
		err = restore(job, NULL);
	}
	return err < 0 ? err : 1;
}

/* --- the commands --- */

/*
 * Runs WORK under the lock, after what ended qdiscs and killed runs left was swept up. CREATE:
 * there may be no pins yet; without it WORK finds nothing of ours then, and needs no lock.
 */
static int run_locked(struct job *job, bool create, int (*work)(struct job *job))
{
	int ret, lock;

	/* Not even the lock: it would make a directory. */
	if (job->dry_run)
		return work(job);
	lock = bq_pin_lock(create, job->rep);
	if (lock == -BQ_PIN_NONE)
		return work(job);
	if (lock < 0)
		return lock;
	bq_table_sweep();
	job->expired = bq_expire(job->bq->net_cookie, job->rep);
	ret = work(job);
	bq_table_sweep();
	bq_pin_unlock(lock);
	return ret;
}

int bqdisc__attach(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_attach_opts *user_opts)
{
	struct job job = { .bq = bq, .rep = &bq->rep, .n = n, .words = words };
	struct bqdisc_attach_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	job.dry_run = opts.dry_run;
	job.force = opts.force;
	job.root = opts.root;
	job.mq = opts.mq;
	job.until_ns = opts.for_ns ? bq_machine_now() + opts.for_ns : 0;
	job.memory = opts.memory ? opts.memory : BQDISC_MEMORY;
	if (!err)
		err = parse_words(&job, opts.as);
	if (!err)
		err = find_place(&job, dev, opts.parent);
	if (!err)
		err = check_shape(&job);
	/* A kind that is loaded has answered the question. */
	if (!err && !bq_table_is_loaded(job.q))
		err = bq_machine_check_kernel(job.rep);
	if (!err)
		err = run_locked(&job, true, attach_locked);
	free(job.annex.data);
	return err;
}

int bqdisc__change(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_change_opts *user_opts)
{
	struct job job = { .bq = bq, .rep = &bq->rep, .n = n, .words = words };
	struct bqdisc_change_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	job.dry_run = opts.dry_run;
	if (!err)
		err = find_place(&job, dev, opts.parent);
	if (!err)
		err = run_locked(&job, false, change_locked);
	free(job.annex.data);
	return err;
}

int bqdisc__detach(struct bqdisc *bq, const char *dev, const struct bqdisc_detach_opts *user_opts)
{
	struct job job = { .bq = bq, .rep = &bq->rep };
	struct bqdisc_detach_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	job.dry_run = opts.dry_run;
	job.force = opts.force;
	if (!err)
		err = find_place(&job, dev, opts.parent);
	return err ? err : run_locked(&job, false, detach_locked);
}

static int do_nothing(struct job *job)
{
	(void)job;
	return 0;
}

int bqdisc__sweep(struct bqdisc *bq)
{
	struct job job = { .bq = bq, .rep = &bq->rep };
	int err = bq->broken ? bq->broken : bq_machine_check_caps(job.rep);

	if (!err)
		err = run_locked(&job, false, do_nothing);
	return err ? err : job.expired;
}
