// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements attach, change and detach, with rollback. Order: validate arguments, probe the kernel,
 * lock, then load, prepare and record. One system call at the end replaces the qdisc.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/attachment.h"
#include "attachment/budget.h"
#include "attachment/expire.h"
#include "attachment/install.h"
#include "attachment/kinds.h"
#include "attachment/orphan.h"
#include "attachment/pinned.h"
#include "bpf/bpffs.h"
#include "bpf/kernel.h"
#include "bpf/object.h"
#include "bpf/range.h"
#include "snapshot/capture.h"
#include "user/clone.h"
#include "user/globals.h"
#include "util/system.h"
#include "dry_run.h"
#include "session.h"
#include "util/opts.h"

/* State of one attach, change or detach. */
struct job {
	struct bqdisc *bq;
	struct bq_error *error;
	const struct bqdisc_qdisc *q;
	struct bq_dev link;
	struct bq_attach_point point;
	struct bq_pinned pinned;
	const struct bqdisc_dry_run *dry_run; /* NULL: apply the change */
	int n;                                /* number of words */
	char *const *words;
	bool force, root, mq;
	uint64_t expires_ns;    /* as in struct bq_instance */
	int expired;            /* number of qdiscs detached by this command because they expired */
	uint64_t memory;        /* limit for all instances together, in bytes */
	struct bq_tc_qdisc was; /* the current qdisc */
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)];
	struct bq_blob tables; /* tables of the configuration */
};

/* Copy the caller's options, checking their size. Every command begins with this. */
static int begin(const struct job *job, void *opts, size_t size, const void *user_opts)
{
	return job->bq->broken ? job->bq->broken : bq_opts_copy(opts, size, user_opts, job->error);
}

static int parse_options(struct job *job, const struct bqdisc_qdisc *q, int n, char *const words[])
{
	if (q->plain)
		return bq_clone_parse(q, n, words, job->config, job->error);
	if (q->parse)
		return q->parse(q, n, words, job->config, &job->tables, job->error);
	return bq_options_parse(q, n, words, job->config, job->error);
}

static int complete(struct job *job, const struct bqdisc_qdisc *q)
{
	return q->complete ? q->complete(job->config, &job->link.device, job->error) : 0;
}

static int parse_words(struct job *job, const char *as)
{
	int err;

	if (job->n < 1)
		return bq_fail(job->error, BQDISC_ERROR_USAGE, EINVAL,
			       "attach: missing QDISC; 'bqdisc list' lists them");
	job->q = bq_catalog_find_word(&job->bq->catalog, job->words[0], as, job->error);
	err = job->q ? 0 : -EINVAL;
	if (!err)
		err = parse_options(job, job->q, job->n - 1, job->words + 1);
	if (!err)
		bq_user_object_apply_defaults(job->q, job->config);
	return err ? err : complete(job, job->q);
}

static int find_place(struct job *job, const char *dev, uint32_t parent)
{
	int err = bq_dev_find(dev, &job->link, job->error);

	job->point.net_cookie = job->bq->net_cookie;
	job->point.ifindex = job->link.ifindex;
	job->point.parent = parent ? parent : TC_H_ROOT;
	return err ? err : bq_system_check_caps(job->error);
}

/* Check that only one of --root and --mq is given, and that the device has several queues. */
static int check_shape(const struct job *job)
{
	if (job->root && job->mq)
		return bq_fail(job->error, BQDISC_ERROR_USAGE, EINVAL,
			       "attach: --root and --mq exclude each other; give one");
	if ((job->root || job->mq) && job->point.parent != TC_H_ROOT)
		return bq_fail(job->error, BQDISC_ERROR_USAGE, EINVAL,
			       "attach: --parent excludes --root and --mq; give one");
	if (job->mq && job->link.queues < 2)
		return bq_fail(job->error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s: has one transmit queue, but mq needs several; leave out --mq",
			       job->link.name);
	if (job->mq && job->q->plain)
		return bq_fail(job->error, BQDISC_ERROR_USAGE, EINVAL,
			       "--mq: the object of %s was not made with bqdisc's kit, and its "
			       "queues would share its variables; leave out --mq",
			       job->q->name);
	if (job->link.queues >= BQ_POOL_FIRST)
		return bq_fail(job->error, BQDISC_ERROR_UNSUPPORTED, ENOSPC,
			       "%s: has %u transmit queues; at most %d are supported",
			       job->link.name, job->link.queues, BQ_POOL_FIRST - 1);
	return 0;
}

/* Return 1 if the qdisc at the attach point belongs to bqdisc, 0 if not, -errno on failure. */
static int find_ours(struct job *job, struct bq_attachment *attachment)
{
	int err = bq_tc_get(job->point.ifindex, job->point.parent, &job->was, job->error);

	if (err ||
	    !bq_attachment_find(&job->pinned, &job->point, &job->was, attachment, job->error))
		return err;
	if (attachment->mq || !attachment->n || !attachment->v[0]->set)
		return 1;
	return bq_fail(job->error, BQDISC_ERROR_USAGE, EINVAL,
		       "%x:%x: is a queue of %s, and all queues are attached, changed and detached "
		       "together; leave out --parent",
		       job->point.parent >> 16, TC_H_MIN(job->point.parent), job->link.name);
}

/* Refuse to overwrite a per-queue qdisc that another program installed, unless --force is given. */
static int check_foreign_queue(struct job *job, const struct bq_attachment *attachment,
			       const char *then)
{
	struct bq_tc_qdisc stranger = { 0 };

	if (job->force || !bq_attachment_has_foreign_queue(attachment, job->point.ifindex,
							   job->link.queues, &stranger))
		return 0;
	return bq_fail(job->error, BQDISC_ERROR_FOREIGN, EBUSY,
		       "%s: another program configured %s %x: on queue %x:%x; %s", job->link.name,
		       stranger.kind, stranger.handle >> 16, stranger.parent >> 16,
		       TC_H_MIN(stranger.parent), then);
}

/*
 * Refuse to replace a qdisc that another program configured, unless it is a default or --force is
 * given.
 */
static int check_foreign(struct job *job, const struct bq_snapshot *undo)
{
	if (bq_is_default_qdisc(&job->was))
		return 0;
	if (!job->force && bq_undo_is_interrupted(&job->pinned.undo, &job->point, &job->was))
		return bq_fail(
			job->error, BQDISC_ERROR_FOREIGN, EBUSY,
			"%s: a detach was interrupted and has restored a part; run 'bqdisc detach "
			"%s' again to resume",
			job->link.name, job->link.name);
	if (!job->force)
		return bq_fail(job->error, BQDISC_ERROR_FOREIGN, EBUSY,
			       "%s: has a configured qdisc, %s %x:; --force replaces it%s%s",
			       job->link.name, job->was.kind, job->was.handle >> 16,
			       *undo->lost ? ", but detach cannot restore "
					   : ", and detach restores it",
			       undo->lost);
	if (*undo->lost)
		bq_warn(job->error, "%s: detach cannot restore %s", job->link.name, undo->lost);
	return 0;
}

/* --- attach --- */

/* Return the number of instances under an mq; 0: one instance at the attach point. */
static uint32_t choose_queues(const struct job *job, const struct bq_attachment *attachment)
{
	bool several = job->link.real_queues > 1 || (attachment && attachment->mq);

	if (job->mq ||
	    (!job->root && job->point.parent == TC_H_ROOT && job->q->per_queue && several))
		return job->link.queues;
	return 0;
}

static struct bq_install describe(struct job *job, uint32_t queues)
{
	struct bq_install in = {
		.q = job->q,
		.link = &job->link,
		.point = job->point,
		.undo = &job->pinned.undo,
		.queues = queues,
		.over_default = !job->was.handle,
		.tables = job->tables,
		.expires_ns = job->expires_ns,
	};

	in.most_units = bq_budget_units(job->q, job->config, &job->link.device, queues);
	memcpy(in.config, job->config, job->q->config_size);
	return in;
}

/*
 * Describe the present attachment, so that it can be installed again. The caller frees the tables.
 * Q is NULL if no instance is left.
 */
static int describe_ours(struct job *job, const struct bq_attachment *attachment,
			 struct bq_install *in)
{
	*in = (struct bq_install){
		.q = attachment->n ? attachment->kind->q : NULL,
		.link = &job->link,
		.point = job->point,
		.undo = &job->pinned.undo,
		.queues = attachment->mq ? job->link.queues : 0,
	};
	if (!in->q)
		return 0;
	in->expires_ns = attachment->v[0]->expires_ns;
	in->most_units = attachment->v[0]->units;
	memcpy(in->config, bq_kind_config(attachment->kind, attachment->v[0]), in->q->config_size);
	return bq_range_read_tables(attachment->kind, attachment->v[0], &in->tables, job->error);
}

/*
 * Undo a partial installation: restore bqdisc's earlier qdisc (BEFORE), or the recorded one. The
 * message of the original failure is kept.
 */
static void roll_back(struct job *job, const struct bq_install *before)
{
	struct bq_error undo = { .warn = job->error->warn };
	char why[sizeof(job->error->text) / 2];
	bool took;

	if (before && before->q && !bq_install(&job->bq->catalog, before, &took, &undo))
		return;
	if (!bq_undo_restore(&job->pinned.undo, &job->point, &undo))
		return;
	snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, job->error->text);
	bq_fail(job->error, job->error->error_class, 0,
		"%s; restoring the previous qdisc failed: %.400s", why, undo.text);
}

/* Check the memory before allocating it, as the kernel cannot reclaim it while the qdisc exists. */
static int check_memory(const struct job *job, const struct bq_install *in)
{
	uint64_t one = bq_qdisc_cost_of(in->q, in->config, &in->link->device, in->tables.size);
	uint64_t all = one * (in->queues ? in->queues : 1);
	struct bq_catalog *catalog = &job->bq->catalog;
	bool loaded = bq_catalog_loaded(catalog, in->q);
	struct bpf_object *obj = loaded ? NULL : bq_catalog_object(catalog, in->q);
	const struct bq_need need = {
		.q = in->q,
		.queues = in->queues,
		.all = all,
		.new_bytes = all,
		.load_bytes = obj ? bq_object_cost(in->q, obj) : 0,
		.most = job->memory,
	};

	return bq_budget_check(&need, job->error);
}

static struct bq_dry_run plan_of(const struct job *job)
{
	return bq_dry_run_for(job->dry_run, job->link.name);
}

static int install(struct job *job, const struct bq_install *in, const struct bq_install *before)
{
	const struct bq_dry_run plan = plan_of(job);
	bool took = false;
	int err = check_memory(job, in);

	if (!err && job->dry_run)
		return bq_dry_run_install(&plan, &job->bq->catalog, in, job->error);
	if (!err)
		err = bq_install(&job->bq->catalog, in, &took, job->error);
	if (err && took)
		roll_back(job, before);
	return err ? err : 1;
}

static void merge_defaults(const struct bq_kind *kind, const struct bq_instance *id, void *config)
{
	bq_options_apply_defaults(kind->q, config, bq_kind_defaults(kind, id));
}

/*
 * Choose the kind of a plain object: the present one if its options can be changed that way, else a
 * new one.
 */
static int choose_kind(struct job *job, const struct bq_attachment *attachment)
{
	const struct bq_kind *there = attachment ? attachment->kind : NULL;

	if (!job->q->plain)
		return 0;
	if (there && attachment->n == 1 && bq_user_object_same(there->q, job->q) &&
	    !bq_globals_constant_differs(there->q, job->config,
					 bq_kind_config(there, attachment->v[0])))
		job->q = there->q;
	else
		job->q = bq_clone_pick(&job->bq->catalog, job->q, job->config, job->error);
	return job->q ? 0 : -EINVAL;
}

/*
 * Return true if ATTACHMENT has the requested kind and layout, so that a change of options
 * suffices.
 */
static bool is_same_shape(const struct job *job, const struct bq_attachment *attachment,
			  uint32_t queues)
{
	return attachment->kind->q == job->q && attachment->n == (queues ? queues : 1) &&
	       !attachment->mq == !queues;
}

static int replace_ours(struct job *job, const struct bq_attachment *attachment, uint32_t queues)
{
	struct bq_install before, in = describe(job, queues);
	int ret = describe_ours(job, attachment, &before);

	/* Replace the queues under the present mq, which interrupts traffic only once. */
	if (queues && attachment->mq && attachment->n == queues)
		in.mq = before.mq = attachment->mq;
	if (!ret)
		ret = install(job, &in, &before);
	free(before.tables.data);
	return ret;
}

/* Set the expiry time of all instances. The programs read it with each packet. */
static bool set_until(const struct job *job, const struct bq_attachment *attachment)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < attachment->n; i++) {
		changed |= attachment->v[i]->expires_ns != job->expires_ns;
		if (!job->dry_run)
			__atomic_store_n(&attachment->v[i]->expires_ns, job->expires_ns,
					 __ATOMIC_RELEASE);
	}
	return changed;
}

static int bring(struct job *job, const struct bq_attachment *attachment, bq_merge_fn merge)
{
	const struct bq_dry_run plan = plan_of(job);
	struct bq_need need = { .most = job->memory };
	int err = bq_attachment_need(attachment, job->config, &job->tables, merge,
				     &job->link.device, &need, job->error);

	if (!err)
		err = bq_budget_check(&need, job->error);
	if (err)
		return err;
	if (job->dry_run)
		return bq_dry_run_apply(&plan, attachment, job->config, &job->tables, merge,
					&job->link.device, job->error);
	return bq_attachment_apply(attachment, job->config, &job->tables, merge, &job->link.device,
				   job->error);
}

static int adjust_ours(struct job *job, const struct bq_attachment *attachment)
{
	int ret = bring(job, attachment, merge_defaults);

	return ret >= 0 && set_until(job, attachment) ? 1 : ret;
}

static int attach_over_ours(struct job *job, const struct bq_attachment *attachment)
{
	uint32_t queues = choose_queues(job, attachment);
	int err = choose_kind(job, attachment);

	if (err)
		return err;
	if (is_same_shape(job, attachment, queues))
		return adjust_ours(job, attachment);
	err = check_foreign_queue(job, attachment,
				  "--force replaces it, and detach cannot put it back");
	return err ? err : replace_ours(job, attachment, queues);
}

/*
 * Return true for a BPF kind whose name alone suffices to restore a qdisc. A qdisc of the kit also
 * has options, which the kernel cannot report.
 */
static bool is_foreign_bpf(const char *kind, void *catalog)
{
	const struct bqdisc_qdisc *q = bq_catalog_find_kind(catalog, kind);

	return (!q || q->plain) && bq_kernel_has_bpf_kind(kind);
}

static int attach_over_foreign(struct job *job)
{
	struct bq_install in;
	struct bq_snapshot undo;
	int ret = choose_kind(job, NULL);

	if (ret)
		return ret;
	in = describe(job, choose_queues(job, NULL));
	ret = bq_snapshot_capture(&job->was, is_foreign_bpf, &job->bq->catalog, &undo, job->error);
	in.previous = &undo;
	if (!ret)
		ret = check_foreign(job, &undo);
	if (!ret)
		ret = install(job, &in, NULL);
	bq_snapshot_free(&undo);
	return ret;
}

static int attach_locked(struct job *job)
{
	struct bq_attachment attachment;
	int ret;

	if (!job->q->plain)
		job->q = bq_catalog_resolve(&job->bq->catalog, job->q);
	ret = complete(job, job->q); /* the device is known now */
	if (ret)
		return ret;
	ret = find_ours(job, &attachment);
	if (ret <= 0)
		return ret ? ret : attach_over_foreign(job);
	return attach_over_ours(job, &attachment);
}

/* --- change --- */

static void merge_present(const struct bq_kind *kind, const struct bq_instance *id, void *config)
{
	bq_options_merge(kind->q, config, bq_kind_config(kind, id));
}

/* Refuse to change constants of a plain kind, which are fixed when it is loaded. */
static int check_constants(struct job *job, const struct bq_attachment *attachment)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	const struct bq_option *row;

	if (!q->plain)
		return 0;
	merge_present(attachment->kind, attachment->v[0], job->config);
	row = bq_globals_constant_differs(q, job->config,
					  bq_kind_config(attachment->kind, attachment->v[0]));
	if (!row)
		return 0;
	return bq_fail(job->error, BQDISC_ERROR_USAGE, EINVAL,
		       "%s %s: a constant of the object cannot be changed live; 'bqdisc attach' "
		       "with the new value replaces the qdisc",
		       q->name, row->name);
}

/* Parse and apply the options. Only now is it known to which qdisc they belong. */
static int change_ours(struct job *job, const struct bq_attachment *attachment)
{
	int ret =
		bq_range_read_tables(attachment->kind, attachment->v[0], &job->tables, job->error);

	if (!ret)
		ret = parse_options(job, attachment->kind->q, job->n, job->words);
	if (!ret)
		ret = check_constants(job, attachment);
	if (!ret)
		ret = bring(job, attachment, merge_present);
	return ret;
}

/* Report a usage error: there is nothing to change, and no other program's qdisc is at risk. */
static int fail_nothing_to_change(const struct job *job)
{
	const struct bq_tc_qdisc *was = &job->was;
	bool foreign = was->handle && !bq_is_default_qdisc(was);
	char what[64] = "";

	if (foreign)
		snprintf(what, sizeof(what), ", but %s %x:", was->kind, was->handle >> 16);
	return bq_fail(job->error, BQDISC_ERROR_USAGE, ENOENT,
		       "%s: no qdisc of bqdisc to change%s; run 'bqdisc attach %s QDISC%s' first",
		       job->link.name, what, job->link.name, foreign ? " --force" : "");
}

static int change_locked(struct job *job)
{
	struct bq_attachment attachment;
	int ret = find_ours(job, &attachment);

	if (ret < 0)
		return ret;
	if (ret && !attachment.n && !attachment.mq)
		return -EPROTO; /* the error was reported */
	if (!ret || !attachment.n)
		return fail_nothing_to_change(job);
	return change_ours(job, &attachment);
}

/* --- detach --- */

static void tell_orphan(const struct bq_tc_qdisc *orphan, void *arg)
{
	const struct bq_dry_run *plan = arg;

	bq_plan_remove(plan, orphan);
}

/* Handle a qdisc without pins: detach it if it is an orphan of bqdisc, else do nothing. */
static int detach_orphans(struct job *job)
{
	const struct bq_dry_run plan = plan_of(job);
	struct bq_tc_qdisc first;
	const uint32_t queues = job->link.queues;
	struct bq_instance *id;
	struct bq_loaded *loaded;
	int err, n = bq_orphan_each(&job->bq->catalog, &job->point, &job->was, queues, job->force,
				    &first, NULL, NULL);

	if (!n)
		return 0;
	if (job->force && job->dry_run)
		return bq_orphan_each(&job->bq->catalog, &job->point, &job->was, queues, job->force,
				      &first, tell_orphan, (void *)&plan);
	if (job->force)
		return bq_orphan_remove(&job->bq->catalog, &job->point, &job->was, queues,
					job->error);
	/* Opening a kind of another release reports an error of its own. */
	err = bq_instances_find_kind(&job->bq->catalog, first.kind, &job->point, first.handle,
				     &loaded, &id, job->error);
	if (err != -ENOENT)
		return err;
	return bq_fail(job->error, BQDISC_ERROR_FOREIGN, ENOENT,
		       "%s: has %s %x:, but %s has no record of it; 'bqdisc detach %s --force' "
		       "removes it",
		       job->link.name, first.kind, first.handle >> 16, BQ_PIN_DIR, job->link.name);
}

static int restore(struct job *job, const struct bq_attachment *attachment)
{
	const struct bq_dry_run plan = plan_of(job);

	if (job->dry_run)
		return bq_dry_run_restore(&plan, &job->pinned.undo, &job->point, attachment,
					  job->error);
	return bq_undo_restore(&job->pinned.undo, &job->point, job->error);
}

static int detach_ours(struct job *job, const struct bq_attachment *attachment)
{
	int err = check_foreign_queue(job, attachment, "--force deletes it with the rest");

	if (!err)
		err = restore(job, attachment);
	/* There is no undo record for a class of mq. */
	if (err == -ENOENT && job->force && !job->dry_run && job->point.parent != TC_H_ROOT)
		err = bq_orphan_remove_one(&job->was, job->error);
	return err;
}

/* Resume an interrupted restore. Return 1 if there was one, 0 if not, -errno on failure. */
static int resume(struct job *job)
{
	const struct bq_dry_run plan = plan_of(job);
	int done;

	if (job->dry_run && !bq_undo_is_interrupted(&job->pinned.undo, &job->point, &job->was))
		return 0;
	if (job->dry_run)
		return bq_dry_run_restore(&plan, &job->pinned.undo, &job->point, NULL, job->error);
	done = bq_undo_resume(&job->pinned.undo, &job->point, &job->was, job->error);
	if (done == BQ_DO_NOTE_LOST)
		bq_warn(job->error,
			"%s: the attached qdisc was lost; %s %x: of another program stays",
			job->link.name, job->was.kind, job->was.handle >> 16);
	return done < 0 ? done : done == BQ_DO_RESUME;
}

static int detach_locked(struct job *job)
{
	struct bq_attachment attachment;
	int err, ret = find_ours(job, &attachment);

	if (ret < 0)
		return ret;
	if (!ret) {
		ret = resume(job);
		return ret ? ret : detach_orphans(job);
	}
	err = detach_ours(job, &attachment);
	return err < 0 ? err : 1;
}

/* --- the commands --- */

/*
 * Run WORK under the lock, after a sweep. CREATE creates the pin directory. Without CREATE and
 * without pins there is no qdisc of bqdisc, so WORK runs without the lock.
 */
static int run_locked(struct job *job, bool create, int (*work)(struct job *job))
{
	int ret = -BQ_PIN_NONE;

	/* Do not lock for a dry run either, as that would create a directory. */
	if (!job->dry_run)
		ret = bq_pinned_lock(&job->pinned, &job->bq->catalog, create, job->error);
	if (ret == -BQ_PIN_NONE)
		bq_pinned_open(&job->pinned, &job->bq->catalog);
	else if (ret)
		return ret;
	else
		job->expired = bq_expire(&job->pinned, job->bq->net_cookie, job->error);
	ret = work(job);
	bq_pinned_close(&job->pinned);
	return ret;
}

int bqdisc__attach(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_attach_opts *user_opts)
{
	struct job job = { .bq = bq, .error = &bq->error, .n = n, .words = words };
	struct bqdisc_attach_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	job.dry_run = opts.dry_run;
	job.force = opts.force;
	job.root = opts.root;
	job.mq = opts.mq;
	job.expires_ns = opts.for_ns ? bq_system_now() + opts.for_ns : 0;
	job.memory = opts.memory ? opts.memory : BQDISC_MEMORY;
	job.error->dev = dev;
	if (!err)
		err = parse_words(&job, opts.as);
	if (!err)
		err = find_place(&job, dev, opts.parent);
	if (!err)
		err = check_shape(&job);
	/* A loaded kind proves that the kernel supports it. */
	if (!err && !bq_kinds_has_name(job.q))
		err = bq_kernel_check(job.error);
	if (!err && job.dry_run && bq_pin_has_bpffs())
		err = bq_bpffs_check_lasting(job.error);
	if (!err)
		err = run_locked(&job, true, attach_locked);
	job.error->dev = NULL;
	free(job.tables.data);
	return err;
}

int bqdisc__change(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_change_opts *user_opts)
{
	struct job job = { .bq = bq, .error = &bq->error, .n = n, .words = words };
	struct bqdisc_change_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	job.dry_run = opts.dry_run;
	job.error->dev = dev;
	job.memory = opts.memory ? opts.memory : BQDISC_MEMORY;
	if (!err)
		err = find_place(&job, dev, opts.parent);
	if (!err)
		err = run_locked(&job, false, change_locked);
	job.error->dev = NULL;
	free(job.tables.data);
	return err;
}

int bqdisc__detach(struct bqdisc *bq, const char *dev, const struct bqdisc_detach_opts *user_opts)
{
	struct job job = { .bq = bq, .error = &bq->error };
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
	struct job job = { .bq = bq, .error = &bq->error };
	int err = bq->broken ? bq->broken : bq_system_check_caps(job.error);

	if (!err)
		err = run_locked(&job, false, do_nothing);
	return err ? err : job.expired;
}
