// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One command on all its devices, under one lock. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/expire.h"
#include "command.h"
#include "util/opts.h"
#include "util/system.h"

int bq_batch_begin(const struct bq_batch *b, void *opts, size_t bytes, const void *user_opts)
{
	return b->bq->broken ? b->bq->broken : bq_opts_copy(opts, bytes, user_opts, &b->bq->error);
}

/* --- the commands --- */

struct bq_command *bq_batch_at(const struct bq_batch *b, size_t i)
{
	return (struct bq_command *)((char *)b->commands + i * b->size);
}

static void init(struct bq_batch *b, struct bq_command *c, const struct bq_dev *dev,
		 uint32_t parent)
{
	c->batch = b;
	c->bq = b->bq;
	c->error = &b->bq->error;
	c->pinned = &b->pinned;
	c->dev = *dev;
	c->point.net_cookie = b->bq->net_cookie;
	c->point.ifindex = dev->ifindex;
	c->point.parent = parent ? parent : TC_H_ROOT;
	c->printer = bq_printer_for(b->dry_run, dev->name);
}

int bq_batch_alloc(struct bq_batch *b, const struct bq_devs *devs, uint32_t parent, size_t size)
{
	size_t i;

	b->commands = calloc(devs->n + 1, size); /* 0 is for nothing */
	if (!b->commands)
		return bq_fail(&b->bq->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	b->n = devs->n;
	b->size = size;
	for (i = 0; i < b->n; i++)
		init(b, bq_batch_at(b, i), &devs->v[i], parent);
	return 0;
}

int bq_batch_find(struct bq_batch *b, const char *list, uint32_t parent, size_t size)
{
	struct bq_devs devs;
	int err = bq_devs_find(list, &devs, &b->bq->error);

	if (!err)
		err = bq_batch_alloc(b, &devs, parent, size);
	bq_devs_free(&devs);
	return err;
}

void bq_batch_end(struct bq_batch *b, void (*release)(struct bq_command *c))
{
	size_t i;

	for (i = 0; release && i < b->n; i++)
		release(bq_batch_at(b, i));
	free(b->commands);
}

/* --- calls --- */

/* Name the device in a message, unless it is the only one or named already. */
static void name_device(struct bq_command *c)
{
	size_t len = strlen(c->dev.name);

	if (c->batch->n > 1 &&
	    (strncmp(c->error->text, c->dev.name, len) || c->error->text[len] != ':'))
		bq_fail_place(c->error, "%s: ", c->dev.name);
}

/* Rates may be shares of the device's speed. */
static int call(struct bq_command *c, bq_command_fn fn)
{
	int ret;

	c->error->dev = c->dev.name;
	ret = fn(c);
	c->error->dev = NULL;
	return ret;
}

int bq_batch_each(struct bq_batch *b, bq_command_fn fn)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < b->n; i++)
		err = call(bq_batch_at(b, i), fn);
	return err;
}

static void report(const struct bq_command *c, int result)
{
	const struct bqdisc_report *to = c->batch->report;

	if (to)
		to->done(c->dev.name, result, to->arg);
}

/* --- under the lock --- */

int bq_batch_lock(struct bq_batch *b, bool create)
{
	struct bqdisc *bq = b->bq;
	int err = -BQ_PIN_NONE;

	if (!b->dry_run)
		err = bq_pinned_lock(&b->pinned, &bq->catalog, create, &bq->error);
	if (err == -BQ_PIN_NONE)
		bq_pinned_open(&b->pinned, &bq->catalog);
	else if (err)
		return err;
	else
		b->expired = bq_expire(&b->pinned, bq->net_cookie, &bq->error);
	return 0;
}

void bq_batch_unlock(struct bq_batch *b)
{
	bq_pinned_close(&b->pinned);
}

static int plan_all(struct bq_batch *b, bq_command_fn plan)
{
	int err = 0;
	size_t i;

	b->available = bq_budget_available();
	for (i = 0; !err && i < b->n; i++) {
		err = call(bq_batch_at(b, i), plan);
		if (err)
			name_device(bq_batch_at(b, i));
	}
	return err;
}

/* Undo the steps of the first N devices. */
static void undo(struct bq_batch *b, size_t n)
{
	while (n--)
		bq_steps_undo(&bq_batch_at(b, n)->steps, &b->bq->error);
}

/* A dry run reports each device after its steps. */
static int perform_all(struct bq_batch *b)
{
	struct bq_command *c;
	int ret = 0;
	size_t i;

	for (i = 0; i < b->n; i++) {
		c = bq_batch_at(b, i);
		c->result = bq_steps_perform(&c->steps, &c->printer, c->error);
		if (c->result < 0) {
			name_device(c);
			undo(b, i);
			return c->result;
		}
		ret |= c->result;
		if (b->dry_run)
			report(c, c->result);
	}
	for (i = 0; i < b->n && !b->dry_run; i++)
		report(bq_batch_at(b, i), bq_batch_at(b, i)->result);
	return ret;
}

int bq_batch_run(struct bq_batch *b, bool create, bq_command_fn plan)
{
	int ret = bq_batch_lock(b, create);

	if (ret)
		return ret;
	ret = plan_all(b, plan);
	if (!ret)
		ret = perform_all(b);
	bq_batch_unlock(b);
	return ret;
}

int bq_batch_run_each(struct bq_batch *b, bq_command_fn work)
{
	struct bq_error *error = &b->bq->error, worst = { .error_class = BQDISC_ERROR_NONE };
	int one, ret = 0;
	size_t i;

	for (i = 0; i < b->n; i++) {
		one = call(bq_batch_at(b, i), work);
		if (one < 0)
			name_device(bq_batch_at(b, i));
		report(bq_batch_at(b, i), one);
		if (one < 0 && error->error_class > worst.error_class) {
			worst = *error;
			ret = one;
		} else if (one > 0 && !ret) {
			ret = one;
		}
	}
	if (ret < 0)
		*error = worst;
	return ret;
}

static int run_alone(struct bq_command *c)
{
	int ret = c->batch->plan(c);

	if (!ret)
		ret = bq_steps_perform(&c->steps, &c->printer, c->error);
	/* The plan of the next device finds the kind, unless its steps were not executed. */
	if (!c->batch->dry_run)
		c->batch->loading = NULL;
	return ret;
}

int bq_batch_run_alone(struct bq_batch *b, bool create, bq_command_fn plan)
{
	int ret = bq_system_check_caps(&b->bq->error);

	if (!ret)
		ret = bq_batch_lock(b, create);
	if (ret)
		return ret;
	b->available = bq_budget_available();
	b->plan = plan;
	ret = bq_batch_run_each(b, run_alone);
	bq_batch_unlock(b);
	return ret;
}
