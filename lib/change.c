// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Implements change: options of a live qdisc, without losing or delaying packets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bpf/range.h"
#include "command.h"
#include "user/globals.h"
#include "util/system.h"

struct change {
	struct bq_command c; /* first member */
	uint64_t memory;     /* limit for all instances together, in bytes */
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)];
	struct bq_blob tables; /* tables of the configuration */
	struct bq_options_change change;
};

static void merge_present(const struct bq_kind *kind, const struct bq_instance *id, void *config)
{
	bq_options_merge(kind->q, config, bq_kind_config(kind, id));
}

/* Refuse to change constants of a plain kind, which are fixed when it is loaded. */
static int check_constants(struct change *a, const struct bq_attachment *attachment)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	const struct bq_option *row;

	if (!q->plain)
		return 0;
	merge_present(attachment->kind, attachment->v[0], a->config);
	row = bq_globals_constant_differs(q, a->config,
					  bq_kind_config(attachment->kind, attachment->v[0]));
	if (!row)
		return 0;
	return bq_fail(a->c.error, BQDISC_ERROR_USAGE, EINVAL,
		       "%s %s: a constant of the object cannot be changed live; 'bqdisc attach' "
		       "with the new value replaces the qdisc",
		       q->name, row->name);
}

/* Parse and apply the options. Only now is it known to which qdisc they belong. */
static int change_options(struct change *a, const struct bq_attachment *attachment)
{
	struct bq_kind *kind = attachment->kind;
	int err = bq_range_read_tables(kind, attachment->v[0], &a->tables, a->c.error);

	if (!err)
		err = bq_command_parse(&a->c, kind->q, a->c.batch->n_words, a->c.batch->words,
				       a->config, &a->tables);
	if (!err)
		err = check_constants(a, attachment);
	return err ? err
		   : bq_command_plan_change(&a->c, attachment, &a->change, a->config, &a->tables,
					    merge_present, a->memory, NULL);
}

/* Report a usage error: there is nothing to change, and no other program's qdisc is at risk. */
static int fail_nothing_to_change(const struct bq_command *c)
{
	const struct bq_tc_qdisc *was = &c->was;
	bool foreign = was->handle && !bq_is_default_qdisc(was);
	char what[64] = "";

	if (foreign)
		snprintf(what, sizeof(what), ", but %s %x:", was->kind, was->handle >> 16);
	return bq_fail(c->error, BQDISC_ERROR_USAGE, ENOENT,
		       "%s: no qdisc of bqdisc to change%s; run 'bqdisc attach %s QDISC%s' first",
		       c->dev.name, what, c->dev.name, foreign ? " --force" : "");
}

static int plan(struct bq_command *c)
{
	struct bq_attachment attachment;
	int ret = bq_command_find_attachment(c, &attachment);

	if (ret < 0)
		return ret;
	if (ret && !attachment.n && !attachment.mq)
		return -EPROTO; /* the error was reported */
	if (!ret || !attachment.n)
		return fail_nothing_to_change(c);
	return change_options((struct change *)c, &attachment);
}

static void release(struct bq_command *c)
{
	struct change *a = (struct change *)c;

	bq_options_change_free(&a->change);
	free(a->tables.data);
}

int bqdisc__change(struct bqdisc *bq, const char *devs, int n, char *const words[],
		   const struct bqdisc_change_opts *user_opts)
{
	struct bq_batch b = { .bq = bq, .n_words = n, .words = words };
	struct bqdisc_change_opts opts = { 0 };
	int err = bq_batch_begin(&b, &opts, sizeof(opts), user_opts);
	struct change *a;

	b.dry_run = opts.dry_run;
	b.report = opts.report;
	if (!err)
		err = bq_batch_find(&b, devs, opts.parent, sizeof(*a));
	if (!err)
		err = bq_system_check_caps(&bq->error);
	for (a = b.commands; !err && a < (struct change *)b.commands + b.n; a++)
		a->memory = opts.memory ? opts.memory : BQDISC_MEMORY;
	if (!err)
		err = bq_batch_run(&b, false, plan);
	bq_batch_end(&b, release);
	return err;
}
