// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements attach. Order: validate arguments, probe the kernel, lock, then plan all steps. The
 * last step replaces the qdisc with one system call.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/budget.h"
#include "attachment/install.h"
#include "attachment/kinds.h"
#include "bpf/bpffs.h"
#include "bpf/kernel.h"
#include "bpf/range.h"
#include "command.h"
#include "snapshot/capture.h"
#include "user/clone.h"
#include "user/globals.h"
#include "util/system.h"

struct attach {
	struct bq_command c; /* first member */
	const struct bqdisc_qdisc *q;
	const struct bqdisc_attach_opts *opts;
	uint64_t expires_ns; /* as in struct bq_instance */
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)];
	struct bq_blob tables; /* tables of the configuration */

	/* The plan. */
	struct bq_snapshot previous;     /* the qdisc of another program that is replaced */
	struct bq_install in, *before;   /* as in struct bq_install */
	struct bq_options_change change; /* of the present attachment */
};

/* --- arguments --- */

/* Rates may be shares of the device's speed, so the words are parsed for each device. */
static int parse(struct bq_command *c)
{
	struct attach *a = (struct attach *)c;

	return bq_command_parse_qdisc(c, a->opts->as, &a->q, a->config, &a->tables);
}

/* Check that the device has queues for --mq, and not too many. */
static int check_shape(struct bq_command *c)
{
	const struct attach *a = (const struct attach *)c;

	if (a->opts->mq && a->c.dev.queues < 2)
		return bq_fail(a->c.error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s: has one transmit queue, but mq needs several; leave out --mq",
			       a->c.dev.name);
	if (a->opts->mq && a->q->plain)
		return bq_fail(a->c.error, BQDISC_ERROR_USAGE, EINVAL,
			       "--mq: the object of %s was not made with bqdisc's kit, and its "
			       "queues would share its variables; leave out --mq",
			       a->q->name);
	if (a->c.dev.queues > BQ_QUEUES_MOST)
		return bq_fail(a->c.error, BQDISC_ERROR_UNSUPPORTED, ENOSPC,
			       "%s: has %u transmit queues; at most %d are supported",
			       a->c.dev.name, a->c.dev.queues, BQ_QUEUES_MOST);
	return 0;
}

/* --- a new installation --- */

/* Return the number of instances under an mq; 0: one instance at the attach point. */
static uint32_t choose_queues(const struct attach *a, const struct bq_attachment *attachment)
{
	const struct bqdisc_attach_opts *opts = a->opts;
	bool several = a->c.dev.real_queues > 1 || (attachment && attachment->mq);

	if (opts->mq ||
	    (!opts->root && a->c.point.parent == TC_H_ROOT && a->q->per_queue && several))
		return a->c.dev.queues;
	return 0;
}

static void describe(struct attach *a, uint32_t queues)
{
	struct bq_install *in = &a->in;

	*in = (struct bq_install){
		.pinned = a->c.pinned,
		.q = a->q,
		.dev = &a->c.dev,
		.point = a->c.point,
		.queues = queues,
		.handle = a->opts->handle,
		.over_default = !a->c.was.handle,
		.is_loading = a->c.batch->loading == a->q,
		.devices = (uint32_t)a->c.batch->n,
		.tables = a->tables,
		.expires_ns = a->expires_ns,
	};
	in->most_units =
		bq_budget_units(a->q, a->config, &a->c.dev.device, queues, a->c.batch->available);
	memcpy(in->config, a->config, a->q->config_size);
	bq_install_set_room(in);
}

/* Check the memory before allocating it, as the kernel cannot reclaim it while the qdisc exists. */
static int check_memory(struct attach *a)
{
	struct bq_need need = {
		.q = a->q,
		.queues = a->in.queues,
		.most = a->opts->memory,
	};

	need.all = bq_qdisc_cost_of(a->q, a->config, &a->c.dev.device, a->tables.size);
	need.all *= a->in.room.instances;
	need.new_bytes = need.all;
	if (!a->in.is_loading)
		need.load_bytes = bq_kinds_load_cost(&a->c.bq->catalog, a->q, &a->in.room);
	return bq_command_check_memory(&a->c, &need);
}

static int plan_install(struct attach *a)
{
	int err = check_memory(a);

	err = err ? err : bq_install_plan(&a->in, &a->c.steps, a->c.error);
	a->c.batch->loading = a->q;
	return err;
}

/*
 * Choose the kind of a plain object: the present one if its options can be changed that way, else a
 * new one.
 */
static int choose_kind(struct attach *a, const struct bq_attachment *attachment)
{
	const struct bq_kind *there = attachment ? attachment->kind : NULL;

	if (!a->q->plain)
		return 0;
	if (there && attachment->n == 1 && bq_user_object_same(there->q, a->q) &&
	    !bq_globals_constant_differs(there->q, a->config,
					 bq_kind_config(there, attachment->v[0])))
		a->q = there->q;
	else
		a->q = bq_clone_pick(&a->c.bq->catalog, a->q, a->config, &a->c.batch->clones,
				     a->c.error);
	return a->q ? 0 : -EINVAL;
}

/* --- over a qdisc of another program --- */

/*
 * Return true for a BPF kind whose name alone suffices to restore a qdisc. A qdisc of the kit also
 * has options, which the kernel cannot report.
 */
static bool is_foreign_bpf(const char *kind, void *catalog)
{
	const struct bqdisc_qdisc *q = bq_catalog_find_kind(catalog, kind);

	return (!q || q->plain) && bq_kernel_has_bpf_kind(kind);
}

/*
 * Refuse to replace a qdisc that another program configured, unless it is a default or --force is
 * given.
 */
static int check_foreign(struct attach *a, const struct bq_snapshot *undo)
{
	if (bq_is_default_qdisc(&a->c.was))
		return 0;
	if (!a->c.batch->force &&
	    bq_undo_is_interrupted(&a->c.pinned->undo, &a->c.point, &a->c.was))
		return bq_fail(
			a->c.error, BQDISC_ERROR_FOREIGN, EBUSY,
			"%s: a detach was interrupted and has restored a part; run 'bqdisc detach "
			"%s' again to resume",
			a->c.dev.name, a->c.dev.name);
	if (!a->c.batch->force)
		return bq_fail(a->c.error, BQDISC_ERROR_FOREIGN, EBUSY,
			       "%s: has a configured qdisc, %s %x:; --force replaces it%s%s",
			       a->c.dev.name, a->c.was.kind, a->c.was.handle >> 16,
			       *undo->lost ? ", but detach cannot restore "
					   : ", and detach restores it",
			       undo->lost);
	if (*undo->lost)
		bq_warn(a->c.error, "%s: detach cannot restore %s", a->c.dev.name, undo->lost);
	return 0;
}

static int attach_over_foreign(struct attach *a)
{
	int err = choose_kind(a, NULL);

	if (err)
		return err;
	describe(a, choose_queues(a, NULL));
	err = bq_snapshot_capture(&a->c.was, is_foreign_bpf, &a->c.bq->catalog, &a->previous,
				  a->c.error);
	a->in.previous = &a->previous;
	if (!err && a->opts->forget)
		bq_snapshot_free(&a->previous);
	err = err ? err : check_foreign(a, &a->previous);
	return err ? err : plan_install(a);
}

/* --- over a qdisc of bqdisc --- */

/*
 * Describe the present attachment, so that it can be installed again. The qdisc is NULL if no
 * instance is left.
 */
static int describe_present(struct attach *a, const struct bq_attachment *attachment,
			    struct bq_install *in)
{
	*in = (struct bq_install){
		.pinned = a->c.pinned,
		.q = attachment->n ? attachment->kind->q : NULL,
		.dev = &a->c.dev,
		.point = a->c.point,
		.queues = attachment->mq ? a->c.dev.queues : 0,
	};
	if (!in->q)
		return 0;
	in->expires_ns = attachment->v[0]->expires_ns;
	in->most_units = attachment->v[0]->units;
	memcpy(in->config, bq_kind_config(attachment->kind, attachment->v[0]), in->q->config_size);
	bq_install_set_room(in);
	return bq_range_read_tables(attachment->kind, attachment->v[0], &in->tables, a->c.error);
}

static int plan_replace(struct attach *a, const struct bq_attachment *attachment, uint32_t queues)
{
	int err;

	describe(a, queues);
	a->before = calloc(1, sizeof(*a->before));
	if (!a->before)
		return bq_fail(a->c.error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	err = describe_present(a, attachment, a->before);
	a->in.before = a->before;
	/* Replace the queues under the present mq, which interrupts traffic only once. */
	if (queues && attachment->mq && attachment->n == queues)
		a->in.mq = a->before->mq = attachment->mq;
	return err ? err : plan_install(a);
}

static void merge_defaults(const struct bq_kind *kind, const struct bq_instance *id, void *config)
{
	bq_options_apply_defaults(kind->q, config, bq_kind_defaults(kind, id));
}

/*
 * Return true if ATTACHMENT has the requested kind and layout, so that a change of options
 * suffices.
 */
static bool is_same_shape(const struct attach *a, const struct bq_attachment *attachment,
			  uint32_t queues)
{
	return attachment->n && bq_qdisc_same(attachment->kind->q, a->q) &&
	       attachment->n == (queues ? queues : 1) && !attachment->mq == !queues &&
	       (!a->opts->handle || a->opts->handle == a->c.was.handle);
}

static int attach_over_present(struct attach *a, const struct bq_attachment *attachment)
{
	uint32_t queues = choose_queues(a, attachment);
	int err = choose_kind(a, attachment);

	if (err)
		return err;
	if (is_same_shape(a, attachment, queues))
		return bq_command_plan_change(&a->c, attachment, &a->change, a->config, &a->tables,
					      merge_defaults, a->opts->memory, &a->expires_ns);
	err = bq_command_check_queues(&a->c, attachment,
				      "--force replaces it, and detach cannot put it back");
	return err ? err : plan_replace(a, attachment, queues);
}

/* --- the command --- */

static int plan(struct bq_command *c)
{
	struct attach *a = (struct attach *)c;
	struct bq_attachment attachment;
	int ret;

	if (!a->q->plain)
		a->q = bq_catalog_resolve(&c->bq->catalog, a->q);
	ret = bq_command_find_attachment(c, &attachment);
	if (ret < 0)
		return ret;
	return ret ? attach_over_present(a, &attachment) : attach_over_foreign(a);
}

/* Check the system. A loaded kind proves that the kernel supports it. */
static int check_system(const struct attach *a)
{
	int err = bq_system_check_caps(a->c.error);

	if (!err && !bq_kinds_has_name(a->q))
		err = bq_kernel_check(a->c.error);
	if (!err && a->c.batch->dry_run && bq_pin_has_bpffs())
		err = bq_bpffs_check_lasting(a->c.error);
	return err;
}

static void set_options(struct bq_batch *b, const struct bqdisc_attach_opts *opts)
{
	struct attach *a;

	for (a = b->commands; a < (struct attach *)b->commands + b->n; a++) {
		a->opts = opts;
		a->expires_ns = opts->for_ns ? bq_system_now() + opts->for_ns : 0;
	}
}

/* Report an error in the words rather than ERR, that the devices were not found. */
static int fail_find(struct bq_batch *b, const char *devs, const char *as, int err)
{
	struct bq_error *error = &b->bq->error, not_found = *error;
	int ret;

	error->dev = devs;
	ret = bq_check_words(b, as);
	error->dev = NULL;
	if (!ret)
		*error = not_found;
	return ret ? ret : err;
}

static void release(struct bq_command *c)
{
	struct attach *a = (struct attach *)c;

	bq_options_change_free(&a->change);
	bq_install_free(&a->in);
	if (a->before)
		free(a->before->tables.data);
	free(a->before);
	bq_snapshot_free(&a->previous);
	free(a->tables.data);
}

/* Attach to all devices, or to none. */
static int attach_all(struct bq_batch *b)
{
	int err = bq_batch_each(b, parse);

	if (!err)
		err = check_system(b->commands);
	if (!err)
		err = bq_batch_each(b, check_shape);
	return err ? err : bq_batch_run(b, true, plan);
}

/* Parse and check the words, and plan the steps, for a device that stands alone. */
static int plan_alone(struct bq_command *c)
{
	int err = parse(c);

	if (!err)
		err = check_system((struct attach *)c);
	if (!err)
		err = check_shape(c);
	return err ? err : plan(c);
}

int bqdisc__attach(struct bqdisc *bq, const char *devs, int n, char *const words[],
		   const struct bqdisc_attach_opts *user_opts)
{
	struct bq_batch b = { .bq = bq, .n_words = n, .words = words };
	struct bqdisc_attach_opts opts = { 0 };
	int err = bq_batch_begin(&b, &opts, sizeof(opts), user_opts);

	if (err)
		return err;
	b.dry_run = opts.dry_run;
	b.report = opts.report;
	b.force = opts.force;
	opts.memory = opts.memory ? opts.memory : BQDISC_MEMORY;
	err = bq_batch_find(&b, devs, opts.parent, sizeof(struct attach));
	err = err ? fail_find(&b, devs, opts.as, err) : bq_command_check_opts(&opts, &bq->error);
	if (!err) {
		set_options(&b, &opts);
		err = opts.each ? bq_batch_run_alone(&b, true, plan_alone) : attach_all(&b);
	}
	bq_batch_end(&b, release);
	return err;
}
