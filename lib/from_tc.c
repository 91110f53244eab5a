// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements attach --from-tc. Order: convert all commands, then plan all operations as for a dry
 * run, which finds most of what can fail, then perform them.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/link.h"
#include "session.h"
#include "tc/plan.h"
#include "util/opts.h"
#include "util/system.h"

struct runner {
	struct bqdisc *bq;
	const struct bqdisc_from_tc_opts *opts;
	struct bq_plan plan;
	bool *was_there; /* for each operation: the attach point has a qdisc of bqdisc */
	bool is_script;  /* lines are named in messages */
};

/* --- messages --- */

static void place(const struct runner *r, int line)
{
	if (r->is_script)
		bq_fail_place(&r->bq->error, "line %d: ", line);
}

/* Report all problems: one as the message, or each to the caller. */
static int fail_problems(struct runner *r)
{
	const struct bq_problems *p = &r->plan.problems;
	char text[sizeof(r->bq->error.text)];
	size_t i;

	bq_fail(&r->bq->error, BQDISC_ERROR_USAGE, EINVAL, "%s", p->v[0].text);
	place(r, p->v[0].line);
	if (p->n == 1)
		return -EINVAL;
	for (i = 0; i < p->n && r->opts->problem; i++) {
		snprintf(text, sizeof(text), "line %d: %s", p->v[i].line, p->v[i].text);
		r->opts->problem(text, r->opts->arg);
	}
	return bq_fail(&r->bq->error, BQDISC_ERROR_USAGE, EINVAL,
		       "%zu problems, so nothing was changed; mend these lines, or leave them out",
		       p->n);
}

static void warn_notes(const struct runner *r)
{
	size_t i;

	for (i = 0; i < r->plan.notes.n; i++)
		if (r->is_script)
			bq_warn(&r->bq->error, "line %d: %s", r->plan.notes.v[i].line,
				r->plan.notes.v[i].text);
		else
			bq_warn(&r->bq->error, "%s", r->plan.notes.v[i].text);
}

/* --- one operation --- */

static int attach(const struct runner *r, const struct bq_op *op,
		  const struct bqdisc_dry_run *dry_run, const struct bqdisc_report *report)
{
	const struct bqdisc_attach_opts opts = {
		.sz = sizeof(opts),
		.parent = op->parent,
		.force = r->opts->force,
		.mq = op->queues,
		.for_ns = r->opts->for_ns,
		.memory = r->opts->memory,
		.dry_run = dry_run,
		.report = report,
	};
	struct bq_words words = { 0 };
	int ret;

	bq_words_add(&words, "%s", op->qdisc);
	bq_words_copy(&words, op->words.n, op->words.v);
	ret = words.failed ? bq_fail(&r->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory")
			   : bqdisc__attach(r->bq, op->dev, words.n, words.v, &opts);
	bq_words_free(&words);
	return ret;
}

static int change(const struct runner *r, const struct bq_op *op,
		  const struct bqdisc_dry_run *dry_run, const struct bqdisc_report *report)
{
	const struct bqdisc_change_opts opts = {
		.sz = sizeof(opts),
		.parent = op->parent,
		.memory = r->opts->memory,
		.dry_run = dry_run,
		.report = report,
	};

	return bqdisc__change(r->bq, op->dev, op->words.n, op->words.v, &opts);
}

static int detach(const struct runner *r, const struct bq_op *op,
		  const struct bqdisc_dry_run *dry_run, const struct bqdisc_report *report)
{
	const struct bqdisc_detach_opts opts = {
		.sz = sizeof(opts),
		.parent = op->parent,
		.force = r->opts->force,
		.dry_run = dry_run,
		.report = report,
	};

	return bqdisc__detach(r->bq, op->dev, &opts);
}

static int perform(const struct runner *r, const struct bq_op *op,
		   const struct bqdisc_dry_run *dry_run, const struct bqdisc_report *report)
{
	int (*const functions[])(const struct runner *, const struct bq_op *,
				 const struct bqdisc_dry_run *, const struct bqdisc_report *) = {
		[BQ_OP_ATTACH] = attach,
		[BQ_OP_CHANGE] = change,
		[BQ_OP_DETACH] = detach,
	};
	int ret = functions[op->verb](r, op, dry_run, report);

	if (ret < 0)
		place(r, op->line);
	return ret;
}

/* --- checks before the first change --- */

struct present {
	const struct bq_op *op;
	const struct bqdisc_qdisc *q; /* NULL: none of bqdisc */
};

static int find_present(const struct bqdisc_instance *inst, void *arg)
{
	struct present *p = arg;

	if (bqdisc_instance__parent(inst) == p->op->parent)
		p->q = bqdisc_instance__qdisc(inst);
	return 0;
}

/* tc refuses to change a qdisc of another kind. */
static int check_kind(const struct runner *r, const struct bq_op *op, const struct bqdisc_qdisc *q)
{
	if (op->verb != BQ_OP_CHANGE || !q || !strcmp(bqdisc_qdisc__name(q), op->qdisc))
		return 0;
	return bq_fail(&r->bq->error, BQDISC_ERROR_USAGE, EINVAL,
		       "%s: has %s, not %s; use replace in place of change", op->dev,
		       bqdisc_qdisc__name(q), op->qdisc);
}

/* The script sets all queues of mq, or the others would keep their qdiscs. */
static int check_queues(const struct runner *r, const struct bq_op *op)
{
	struct bq_dev dev;
	int err = op->queues ? bq_dev_find(op->dev, &dev, &r->bq->error) : 0;

	if (err || !op->queues || dev.queues == op->queues)
		return err;
	return bq_fail(&r->bq->error, BQDISC_ERROR_USAGE, EINVAL,
		       "%s: has %u transmit queues, but there are qdiscs for %u; bqdisc gives all "
		       "queues one",
		       op->dev, dev.queues, op->queues);
}

static void ignore_step(const char *text, bool command, void *arg)
{
	(void)text;
	(void)command;
	(void)arg;
}

static int check(struct runner *r, size_t i)
{
	const struct bqdisc_dry_run quiet = { .step = ignore_step };
	const struct bq_op *op = &r->plan.v[i];
	struct present present = { .op = op };
	int err = check_queues(r, op);

	if (!err)
		err = bqdisc__each_instance(r->bq, op->dev, find_present, &present);
	if (!err)
		err = check_kind(r, op, present.q);
	if (err) {
		place(r, op->line);
		return err;
	}
	r->was_there[i] = present.q;
	err = perform(r, op, &quiet, NULL);
	return err < 0 ? err : 0;
}

/* --- all operations --- */

static void begin(const struct runner *r, const struct bq_op *op)
{
	static const enum bqdisc_operation operations[] = {
		[BQ_OP_ATTACH] = BQDISC_OPERATION_ATTACH,
		[BQ_OP_CHANGE] = BQDISC_OPERATION_CHANGE,
		[BQ_OP_DETACH] = BQDISC_OPERATION_DETACH,
	};

	if (r->opts->begin)
		r->opts->begin(operations[op->verb], r->opts->arg);
}

/* Print the command of bqdisc before its steps. */
static void print_op(const struct runner *r, const struct bq_op *op)
{
	static const char *const verbs[] = {
		[BQ_OP_ATTACH] = "attach",
		[BQ_OP_CHANGE] = "change",
		[BQ_OP_DETACH] = "detach",
	};
	char text[2048];
	size_t len;
	int i;

	len = (size_t)snprintf(text, sizeof(text), "bqdisc %s %s%s%s", verbs[op->verb], op->dev,
			       op->verb == BQ_OP_ATTACH ? " " : "",
			       op->verb == BQ_OP_ATTACH ? op->qdisc : "");
	for (i = 0; i < op->words.n && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", op->words.v[i]);
	if (op->queues && len < sizeof(text))
		len += (size_t)snprintf(text + len, sizeof(text) - len, " --mq");
	if (op->parent != TC_H_ROOT && len < sizeof(text))
		snprintf(text + len, sizeof(text) - len, " --parent %x:%x", op->parent >> 16,
			 TC_H_MIN(op->parent));
	r->opts->dry_run->step(text, false, r->opts->dry_run->arg);
}

/* Detach what the first N operations have attached where nothing of bqdisc was before. */
static void undo(struct runner *r, size_t n)
{
	const struct bq_error failure = r->bq->error;

	while (n-- && !r->opts->dry_run)
		if (r->plan.v[n].verb == BQ_OP_ATTACH && !r->was_there[n])
			detach(r, &r->plan.v[n], NULL, NULL);
	r->bq->error = failure;
}

static int perform_all(struct runner *r)
{
	int one, ret = 0;
	size_t i;

	for (i = 0; i < r->plan.n; i++) {
		begin(r, &r->plan.v[i]);
		if (r->opts->dry_run)
			print_op(r, &r->plan.v[i]);
		one = perform(r, &r->plan.v[i], r->opts->dry_run, r->opts->report);
		if (one < 0) {
			undo(r, i);
			return one;
		}
		ret |= one;
	}
	return ret;
}

static int enter_netns(struct runner *r)
{
	int err;

	if (!r->plan.netns)
		return 0;
	err = bq_system_enter_netns(r->plan.netns, &r->bq->error);
	return err ? err : bq_system_net_cookie(&r->bq->net_cookie, &r->bq->error);
}

static int run(struct runner *r)
{
	int err = enter_netns(r);
	size_t i;

	if (err)
		return err;
	r->was_there = calloc(r->plan.n + 1, sizeof(*r->was_there));
	if (!r->was_there)
		return bq_fail(&r->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	for (i = 0; !err && i < r->plan.n; i++)
		err = check(r, i);
	if (!err)
		warn_notes(r);
	err = err ? err : perform_all(r);
	free(r->was_there);
	return err;
}

int bqdisc__attach_from_tc(struct bqdisc *bq, const char *text,
			   const struct bqdisc_from_tc_opts *user_opts)
{
	struct bqdisc_from_tc_opts opts = { 0 };
	struct runner r = { .bq = bq, .opts = &opts };
	int ret =
		bq->broken ? bq->broken : bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->error);

	if (ret)
		return ret;
	r.is_script = strchr(text, '\n');
	ret = bq_plan_make(&r.plan, text);
	if (ret)
		bq_fail(&bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	else if (r.plan.problems.n)
		ret = fail_problems(&r);
	else if (!r.plan.n)
		ret = bq_fail(&bq->error, BQDISC_ERROR_USAGE, EINVAL,
			      "--from-tc: no tc command that changes a qdisc; give one such as tc "
			      "qdisc add dev eth0 root netem delay 10ms");
	else
		ret = run(&r);
	bq_plan_free(&r.plan);
	return ret;
}
