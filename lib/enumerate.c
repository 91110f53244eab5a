// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading: the instances, their options and counters. Changes nothing, takes no lock. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "link.h"
#include "machine.h"
#include "pin.h"
#include "session.h"
#include "table.h"

struct bqdisc_instance {
	const struct bq_link_qdisc *link;
	const struct bq_kind *kind;
	const struct bq_instance *id;
};

struct walk {
	struct bqdisc *bq;
	const char *dev; /* NULL: all */
	bqdisc_instance_fn fn;
	void *arg;
};

static void warn_orphan(const struct bq_link_qdisc *link, struct bq_report *rep)
{
	bq_warn(rep, "%s has %s %x:, but %s has no record of it", link->dev, link->kind,
		link->handle >> 16, BQ_PIN_DIR);
}

static int visit(const struct bq_link_qdisc *link, void *arg)
{
	struct walk *walk = arg;
	struct bq_place place = { walk->bq->net_cookie, link->ifindex, link->parent };
	struct bqdisc_instance inst = { .link = link };
	struct bq_instance *id;
	struct bq_kind kind;
	int ret;

	if ((walk->dev && strcmp(walk->dev, link->dev)) || !bq_registry_find_kind(link->kind))
		return 0;
	ret = bq_table_find_kind(&kind, link->kind, &place, link->handle, &id, &walk->bq->rep);
	if (ret == -ENOENT)
		warn_orphan(link, &walk->bq->rep);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	inst.kind = &kind;
	inst.id = id;
	ret = walk->fn(&inst, walk->arg);
	bq_kind_close(&kind);
	return ret;
}

int bqdisc__each_instance(struct bqdisc *bq, const char *dev, bqdisc_instance_fn fn, void *arg)
{
	struct walk walk = { bq, dev, fn, arg };
	struct bq_link link;
	int err = bq->broken;

	if (!err && dev)
		err = bq_link_find(dev, &link, &bq->rep);
	if (!err)
		err = bq_machine_check_caps(&bq->rep);
	return err ? err : bq_link_each_qdisc(visit, &walk, &bq->rep);
}

const char *bqdisc_instance__dev(const struct bqdisc_instance *inst)
{
	return inst->link->dev;
}

uint32_t bqdisc_instance__ifindex(const struct bqdisc_instance *inst)
{
	return inst->link->ifindex;
}

uint32_t bqdisc_instance__handle(const struct bqdisc_instance *inst)
{
	return inst->link->handle;
}

uint32_t bqdisc_instance__parent(const struct bqdisc_instance *inst)
{
	return inst->link->parent;
}

const struct bqdisc_qdisc *bqdisc_instance__qdisc(const struct bqdisc_instance *inst)
{
	return inst->kind->q;
}

#define MAX_VALUES 64 /* of one option or counter */

static uint64_t sum_of(const uint64_t *values, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += values[i];
	return sum;
}

/* Of row N. What is done only when it is named is not there otherwise. */
static void emit_option(const struct bqdisc_qdisc *q, size_t n, const void *config,
			bqdisc_value_fn fn, void *arg)
{
	const struct bq_option *row = &q->options[n];
	uint64_t values[MAX_VALUES] = { 0 };
	struct bqdisc_value value = {
		.name = row->name,
		.key = row->key,
		.help = row->help,
		.unit = row->unit,
		.given = bq_option_given(config, n),
		.form = row->form,
		.follows = row->follows,
		.values = values,
		.count = bq_option_count(row),
	};
	size_t i;

	for (i = 0; i < value.count && row->unit != BQDISC_UNIT_NAME; i++)
		values[i] = bq_option_get(row, config, i);
	value.value = sum_of(values, value.count);
	value.none = (row->may_be_none && values[0] == UINT64_MAX) ||
		     (row->optional && !bq_option_given(config, bq_option_head(q, n)));
	value.word = row->words[0] ? row->words[values[0] != 0] : bq_option_name(row, config);
	fn(&value, arg);
}

void bqdisc_instance__each_option(const struct bqdisc_instance *inst, bqdisc_value_fn fn, void *arg)
{
	const void *config = bq_kind_config(inst->kind, inst->id);
	const struct bqdisc_qdisc *q = inst->kind->q;
	size_t i;

	for (i = 0; i < q->n_options; i++)
		emit_option(q, i, config, fn, arg);
}

#define CORE(member, unit_, help_)                                                                 \
	{                                                                                          \
		.key = #member, .help = help_, .unit = BQDISC_UNIT_##unit_,                        \
		.offset = offsetof(struct bq_core_stats, member),                                  \
	}

/* Counted by the core for every qdisc, and read through netlink. */
static const struct bq_counter core_counters[] = {
	CORE(bytes, BYTES, "bytes that were sent"),
	CORE(packets, PACKETS, "packets that were sent"),
	CORE(drops, PACKETS, "packets dropped, for whatever reason"),
	CORE(overlimits, COUNT, "times the qdisc held traffic back to keep a rate"),
	CORE(requeues, PACKETS, "packets the device handed back because it was busy"),
	CORE(backlog_bytes, BYTES, "bytes waiting now"),
	CORE(backlog_packets, PACKETS, "packets waiting now"),
};

static size_t counter_count(const struct bq_counter *row)
{
	return row->count ? row->count : 1;
}

static void emit(const struct bq_counter *row, const uint64_t *counts, bqdisc_value_fn fn,
		 void *arg)
{
	struct bqdisc_value value = {
		.name = row->key,
		.key = row->key,
		.help = row->help,
		.unit = row->unit,
		.values = counts,
		.count = counter_count(row),
		.value = sum_of(counts, counter_count(row)),
	};

	fn(&value, arg);
}

/* What is left until a point of CLOCK_MONOTONIC. */
static uint64_t time_until(uint64_t ns)
{
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	return ns > now ? ns - now : 0;
}

static void emit_own(const struct bqdisc_instance *inst, const struct bq_counter *row,
		     bqdisc_value_fn fn, void *arg)
{
	uint64_t counts[MAX_VALUES];
	size_t i;

	for (i = 0; i < counter_count(row); i++)
		counts[i] = bq_kind_counter(inst->kind, inst->id, row, i);
	if (row->deadline)
		counts[0] = time_until(counts[0]);
	emit(row, counts, fn, arg);
}

#define N_CORE (sizeof(core_counters) / sizeof(core_counters[0]))

void bqdisc_instance__each_counter(const struct bqdisc_instance *inst, bqdisc_value_fn fn,
				   void *arg)
{
	const struct bqdisc_qdisc *q = inst->kind->q;
	uint64_t count;
	size_t i;

	for (i = 0; i < N_CORE; i++) {
		memcpy(&count, (const char *)&inst->link->stats + core_counters[i].offset,
		       sizeof(count));
		emit(&core_counters[i], &count, fn, arg);
	}
	for (i = 0; i < q->n_counters; i++)
		emit_own(inst, &q->counters[i], fn, arg);
}

void bqdisc_qdisc__each_counter(const struct bqdisc_qdisc *q, bqdisc_value_fn fn, void *arg)
{
	static const uint64_t zeros[MAX_VALUES];
	size_t i;

	for (i = 0; i < N_CORE; i++)
		emit(&core_counters[i], zeros, fn, arg);
	for (i = 0; q && i < q->n_counters; i++)
		emit(&q->counters[i], zeros, fn, arg);
}
