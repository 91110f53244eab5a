// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading: the instances, their options and counters. Changes nothing, takes no lock. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "companion.h"
#include "link.h"
#include "machine.h"
#include "match.h"
#include "pin.h"
#include "rules.h"
#include "session.h"
#include "stray.h"
#include "table.h"

#define MAX_KINDS 64

/* A qdisc of ours. */
struct found {
	struct bq_link_qdisc link;
	char dev[BQ_DEV_MAX]; /* what link.dev points to is gone after the walk */
	const struct bq_kind *kind;
	const struct bq_instance *id;
	bool told;
};

/* What is shown as one: a qdisc, or all queues of a set, in their order. */
struct bqdisc_instance {
	bool is_set; /* even of one, should it be all that is left */
	size_t n;
	const struct found *v[BQ_INSTANCES];
};

struct walk {
	struct bqdisc *bq;
	const char *dev; /* NULL: all */
	bq_stray_fn stray;
	void *arg;
	size_t n_kinds, n, room;
	struct bq_kind kinds[MAX_KINDS]; /* each is opened once */
	struct found *found;
};

static void warn_stray(const struct bq_stray *stray, void *arg)
{
	struct bqdisc *bq = arg;

	if (stray->lost)
		bq_warn(&bq->rep,
			"%s: what was attached here is lost, someone else put %s %x: in its place; "
			"'bqdisc detach %s' forgets it",
			stray->dev, stray->kind, stray->handle >> 16, stray->dev);
	else
		bq_warn(&bq->rep, "%s has %s %x:, but %s has no record of it", stray->dev,
			stray->kind, stray->handle >> 16, BQ_PIN_DIR);
}

static void visit_lost(const struct bq_place *place, const struct bq_tc_qdisc *now, void *arg)
{
	struct walk *walk = arg;
	char dev[BQ_DEV_MAX] = "?";
	struct bq_stray stray = {
		.dev = dev, .handle = now->handle, .kind = now->kind, .lost = true
	};

	if_indextoname(place->ifindex, dev);
	if (!walk->dev || !strcmp(walk->dev, dev))
		walk->stray(&stray, walk->arg);
}

/* What the options promise is not done then. */
static void warn_companion(const struct bqdisc_instance *inst, struct bq_report *rep)
{
	const char *dev = bqdisc_instance__dev(inst);
	const char *name = bqdisc_instance__qdisc(inst)->name;
	enum bqdisc_companion how = bqdisc_instance__companion(inst);

	if (how == BQDISC_COMPANION_BEHIND)
		bq_warn(rep,
			"%s: another program is before %s's companion on the egress hook, so it "
			"leaves packets alone",
			dev, name);
	if (how == BQDISC_COMPANION_GONE)
		bq_warn(rep, "%s: the companion of %s is gone: attach again to bring it back", dev,
			name);
}

/* Q's kind, opened once. NULL with *ERR: -ENOENT when it is not loaded. */
static const struct bq_kind *open_kind(struct walk *walk, const struct bqdisc_qdisc *q, int *err)
{
	struct bq_kind *kind;
	size_t i;

	for (i = 0; i < walk->n_kinds; i++)
		if (walk->kinds[i].q == q)
			return &walk->kinds[i];
	kind = &walk->kinds[walk->n_kinds];
	*err = walk->n_kinds < MAX_KINDS ? bq_table_open(kind, q, &walk->bq->rep) : -ENOENT;
	if (*err)
		return NULL;
	walk->n_kinds++;
	return kind;
}

/* The instance that LINK is, of whichever kind of that name has it. -ENOENT: of none. */
static int find_instance(struct walk *walk, const struct bq_link_qdisc *link, struct found *found)
{
	struct bq_place place = { walk->bq->net_cookie, link->ifindex, link->parent };
	const struct bqdisc_qdisc *q;
	int err = 0;

	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (strcmp(q->kind, link->kind) != 0)
			continue;
		found->kind = open_kind(walk, q, &err);
		if (!found->kind && err != -ENOENT)
			return err;
		found->id = found->kind ? bq_table_find(found->kind, &place, link->handle) : NULL;
		if (found->id)
			return 0;
	}
	return -ENOENT;
}

static int keep(struct walk *walk, const struct found *found)
{
	struct found *all;

	if (walk->n == walk->room) {
		all = reallocarray(walk->found, walk->room + 64, sizeof(*all));
		if (!all)
			return bq_fail(&walk->bq->rep, BQDISC_FAULT_REFUSED, ENOMEM,
				       "out of memory");
		walk->found = all;
		walk->room += 64;
	}
	walk->found[walk->n++] = *found;
	return 0;
}

static int visit(const struct bq_link_qdisc *link, void *arg)
{
	struct bq_stray orphan = { .dev = link->dev, .handle = link->handle, .kind = link->kind };
	struct found found = { .link = *link };
	struct walk *walk = arg;
	int err;

	if ((walk->dev && strcmp(walk->dev, link->dev)) || !bq_registry_find_kind(link->kind))
		return 0;
	err = find_instance(walk, link, &found);
	if (err == -ENOENT)
		walk->stray(&orphan, walk->arg);
	if (err == -EPROTO)
		bq_warn(&walk->bq->rep, "%s has %s %x:, but %s", link->dev, link->kind,
			link->handle >> 16, walk->bq->rep.text);
	if (err)
		return err == -ENOENT || err == -EPROTO ? 0 : err;
	snprintf(found.dev, sizeof(found.dev), "%s", link->dev);
	return keep(walk, &found);
}

static bool is_same_set(const struct found *a, const struct found *b)
{
	return a->id->set == b->id->set && a->link.ifindex == b->link.ifindex && a->kind == b->kind;
}

/* The Nth that was found, with the rest of its set if it is of one and TOGETHER. */
static void gather(struct walk *walk, size_t n, bool together, struct bqdisc_instance *inst)
{
	struct found *first = &walk->found[n], *f;

	inst->n = 0;
	inst->is_set = together && first->id->set;
	for (f = first; f < walk->found + walk->n; f++) {
		if (f != first && !(inst->is_set && is_same_set(first, f)))
			continue;
		f->told = true;
		inst->v[inst->n++] = f;
	}
}

static int tell_all(struct walk *walk, bool together, bqdisc_instance_fn fn, void *arg)
{
	struct bqdisc_instance *inst = malloc(sizeof(*inst));
	int ret = 0;
	size_t i;

	if (!inst)
		return bq_fail(&walk->bq->rep, BQDISC_FAULT_REFUSED, ENOMEM, "out of memory");
	for (i = 0; !ret && i < walk->n; i++) {
		if (walk->found[i].told)
			continue;
		gather(walk, i, together, inst);
		warn_companion(inst, &walk->bq->rep);
		ret = fn(inst, arg);
	}
	free(inst);
	return ret;
}

static int collect(struct walk *walk)
{
	struct bq_report *rep = &walk->bq->rep;
	struct bq_link link;
	int err = walk->bq->broken;

	if (!err && walk->dev)
		err = bq_link_find(walk->dev, &link, rep);
	if (!err)
		err = bq_machine_check_caps(rep);
	if (!err)
		err = bq_link_each_qdisc(visit, walk, rep);
	if (!err)
		bq_table_each_lost(visit_lost, walk);
	return err;
}

static void end(struct walk *walk)
{
	free(walk->found);
	while (walk->n_kinds)
		bq_kind_close(&walk->kinds[--walk->n_kinds]);
}

static int each(struct bqdisc *bq, const char *dev, bool together, bqdisc_instance_fn fn, void *arg)
{
	struct walk walk = { .bq = bq, .dev = dev, .stray = warn_stray, .arg = bq };
	int ret = collect(&walk);

	if (!ret)
		ret = tell_all(&walk, together, fn, arg);
	end(&walk);
	return ret;
}

int bq_each_stray(struct bqdisc *bq, const char *dev, bq_stray_fn fn, void *arg)
{
	struct walk walk = { .bq = bq, .dev = dev, .stray = fn, .arg = arg };
	int err = collect(&walk);

	end(&walk);
	return err;
}

int bqdisc__each_instance(struct bqdisc *bq, const char *dev, bqdisc_instance_fn fn, void *arg)
{
	return each(bq, dev, true, fn, arg);
}

int bqdisc__each_queue(struct bqdisc *bq, const char *dev, bqdisc_instance_fn fn, void *arg)
{
	return each(bq, dev, false, fn, arg);
}

const char *bqdisc_instance__dev(const struct bqdisc_instance *inst)
{
	return inst->v[0]->dev;
}

uint32_t bqdisc_instance__ifindex(const struct bqdisc_instance *inst)
{
	return inst->v[0]->link.ifindex;
}

uint32_t bqdisc_instance__queues(const struct bqdisc_instance *inst)
{
	return inst->is_set ? (uint32_t)inst->n : 0;
}

bool bqdisc_instance__is_alone(const struct bqdisc_instance *inst)
{
	struct bq_report ignored = { 0 };
	struct bq_link link;

	return !inst->is_set && inst->v[0]->kind->q->per_queue &&
	       inst->v[0]->link.parent == BQDISC_PARENT_ROOT &&
	       !bq_link_find(inst->v[0]->dev, &link, &ignored) && link.real_queues > 1;
}

uint32_t bqdisc_instance__handle(const struct bqdisc_instance *inst)
{
	return inst->is_set ? inst->v[0]->id->set : inst->v[0]->link.handle;
}

uint32_t bqdisc_instance__parent(const struct bqdisc_instance *inst)
{
	return inst->is_set ? BQDISC_PARENT_ROOT : inst->v[0]->link.parent;
}

const struct bqdisc_qdisc *bqdisc_instance__qdisc(const struct bqdisc_instance *inst)
{
	return inst->v[0]->kind->q;
}

enum bqdisc_companion bqdisc_instance__companion(const struct bqdisc_instance *inst)
{
	return bq_companion_look(inst->v[0]->kind, inst->v[0]->id);
}

bool bqdisc_instance__keeps_checksums(const struct bqdisc_instance *inst)
{
	return bq_companion_turned_off(inst->v[0]->id->companion).checksums;
}

bool bqdisc_instance__keeps_segments(const struct bqdisc_instance *inst)
{
	return bq_companion_turned_off(inst->v[0]->id->companion).segments > 1;
}

const char *bqdisc_companion__name(enum bqdisc_companion companion)
{
	static const char *const names[] = {
		[BQDISC_COMPANION_FIRST] = "first",
		[BQDISC_COMPANION_BEHIND] = "behind",
		[BQDISC_COMPANION_GONE] = "gone",
	};

	return names[companion];
}

/* What earlier steps had is not written down: at most a fourth each. */
static uint64_t all_slots(const struct bq_instance *id)
{
	uint64_t all = id->slots, step = id->slots;
	uint32_t i;

	for (i = 0; i < id->slots_step; i++) {
		step /= BQ_SLOTS_GROWTH;
		all += step;
	}
	return all;
}

static uint64_t memory_of(const struct found *f)
{
	const struct bqdisc_qdisc *q = f->kind->q;
	const struct bq_instance *id = f->id;

	if (!id->slots_map)
		return bq_qdisc_cost(q, id->slots, q->pool_memory);
	return bq_qdisc_cost(q, all_slots(id),
			     (uint64_t)id->memory_size + id->annex[0].size + id->annex[1].size);
}

uint64_t bqdisc_instance__memory(const struct bqdisc_instance *inst)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < inst->n; i++)
		sum += memory_of(inst->v[i]);
	return sum;
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

void bq_options_each(const struct bqdisc_qdisc *q, const void *config, bqdisc_value_fn fn,
		     void *arg)
{
	size_t i;

	for (i = 0; i < q->n_options; i++)
		emit_option(q, i, config, fn, arg);
}

void bqdisc_instance__each_option(const struct bqdisc_instance *inst, bqdisc_value_fn fn, void *arg)
{
	const struct found *first = inst->v[0];

	bq_options_each(first->kind->q, bq_kind_config(first->kind, first->id), fn, arg);
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
		.fold = row->fold,
		.values = counts,
		.warning = row->warning,
		.count = counter_count(row),
		.value = sum_of(counts, counter_count(row)),
	};

	fn(&value, arg);
}

uint64_t bqdisc_fold(enum bqdisc_fold fold, uint64_t a, uint64_t b)
{
	if (fold == BQDISC_FOLD_SUM)
		return a + b;
	if (fold == BQDISC_FOLD_LOWEST && (!a || !b))
		return a ? a : b;
	return (a > b) == (fold == BQDISC_FOLD_HIGHEST) ? a : b;
}

/* What is left until a point of CLOCK_MONOTONIC. */
static uint64_t time_until(uint64_t ns)
{
	uint64_t now = bq_machine_now();

	return ns > now ? ns - now : 0;
}

bool bqdisc_instance__expires(const struct bqdisc_instance *inst, uint64_t *ns)
{
	uint64_t until = inst->v[0]->id->until_ns;

	*ns = time_until(until);
	return until;
}

static uint64_t read_core(const struct found *found, const struct bq_counter *row, size_t n)
{
	uint64_t count;

	(void)n;
	memcpy(&count, (const char *)&found->link.stats + row->offset, sizeof(count));
	return count;
}

static uint64_t read_own(const struct found *found, const struct bq_counter *row, size_t n)
{
	uint64_t count = bq_kind_counter(found->kind, found->id, row, n);

	return row->deadline ? time_until(count) : count;
}

/* Each value of the row, folded over all queues. */
static void emit_folded(const struct bqdisc_instance *inst, const struct bq_counter *row,
			uint64_t (*read)(const struct found *, const struct bq_counter *, size_t),
			bqdisc_value_fn fn, void *arg)
{
	uint64_t counts[MAX_VALUES];
	size_t i, queue;

	for (i = 0; i < counter_count(row); i++) {
		counts[i] = read(inst->v[0], row, i);
		for (queue = 1; queue < inst->n; queue++)
			counts[i] = bqdisc_fold(row->fold, counts[i], read(inst->v[queue], row, i));
	}
	emit(row, counts, fn, arg);
}

#define N_CORE (sizeof(core_counters) / sizeof(core_counters[0]))

void bqdisc_instance__each_counter(const struct bqdisc_instance *inst, bqdisc_value_fn fn,
				   void *arg)
{
	const struct bqdisc_qdisc *q = inst->v[0]->kind->q;
	size_t i;

	for (i = 0; i < N_CORE; i++)
		emit_folded(inst, &core_counters[i], read_core, fn, arg);
	for (i = 0; i < q->n_counters; i++)
		emit_folded(inst, &q->counters[i], read_own, fn, arg);
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

/* --- rules --- */

struct bqdisc_rule {
	const struct bqdisc_instance *inst;
	const void *config;           /* of this rule */
	const struct bq_match *match; /* NULL: it is for every packet */
	uint32_t n;
};

static void tell_rule(const struct bqdisc_instance *inst, const struct bq_blob *annex, uint32_t n,
		      bqdisc_rule_fn fn, void *arg)
{
	const struct found *first = inst->v[0];
	const struct bqdisc_qdisc *q = first->kind->q;
	struct bqdisc_rule rule = {
		.inst = inst,
		.match = bq_rules_match(q, annex, n),
		.n = n,
	};
	void *config = NULL;

	if (n) {
		config = calloc(1, q->config_size);
		if (!config)
			return;
		memcpy(config, bq_rules_options(q, annex, n), q->rules->size);
	}
	rule.config = n ? config : bq_kind_config(first->kind, first->id);
	fn(&rule, arg);
	free(config);
}

void bqdisc_instance__each_rule(const struct bqdisc_instance *inst, bqdisc_rule_fn fn, void *arg)
{
	const struct found *first = inst->v[0];
	const struct bqdisc_qdisc *q = first->kind->q;
	struct bq_report ignored = { 0 };
	struct bq_blob annex;
	uint32_t i, n;

	if (!q->rules || bq_kind_read_annex(first->kind, first->id, &annex, &ignored))
		return;
	n = bq_rules_count(q, &annex);
	for (i = 0; i < n && (n > 1 || bq_rules_match(q, &annex, 0)); i++)
		tell_rule(inst, &annex, i, fn, arg);
	free(annex.data);
}

uint32_t bqdisc_rule__number(const struct bqdisc_rule *rule)
{
	return rule->n + 1;
}

char *bqdisc_rule__match(const struct bqdisc_rule *rule, char *buf, size_t size)
{
	*buf = '\0';
	return rule->match ? bq_match_format(rule->match, buf, size) : buf;
}

void bqdisc_rule__each_option(const struct bqdisc_rule *rule, bqdisc_value_fn fn, void *arg)
{
	const struct bqdisc_qdisc *q = rule->inst->v[0]->kind->q;
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (q->options[i].offset < q->rules->size)
			emit_option(q, i, rule->config, fn, arg);
}

void bqdisc_rule__each_counter(const struct bqdisc_rule *rule, bqdisc_value_fn fn, void *arg)
{
	const struct bq_rules *r = rule->inst->v[0]->kind->q->rules;
	const struct bq_counter *row;
	uint64_t count;
	size_t i;

	for (row = r->counters; row < r->counters + r->n_counters; row++) {
		for (count = 0, i = 0; i < rule->inst->n; i++)
			count += *(const volatile uint64_t
					   *)(const void *)((const char *)rule->inst->v[i]->id +
							    r->stats_offset +
							    rule->n * r->stats_size + row->offset);
		emit(row, &count, fn, arg);
	}
}
