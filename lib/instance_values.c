// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options, counters and rules of an instance as values, read with the rows of the descriptor. */
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "qdisc/match_words.h"
#include "qdisc/rule.h"

#define MAX_VALUES 64 /* of one option or counter */

static uint64_t sum_of(const uint64_t *values, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += values[i];
	return sum;
}

/* Pass option N to the callback. Skip an optional feature that the user did not name. */
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
		.is_set = bq_option_is_set(config, n),
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
		     (row->optional && !bq_option_is_set(config, bq_option_head(q, n)));
	value.word = row->words[0]  ? row->words[values[0] != 0]
		     : row->choices ? bq_choice_name(row, values[0])
				    : bq_option_name(row, config);
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
	const struct bq_instance_info *first = inst->v[0];

	bq_options_each(first->kind->q, bq_kind_config(first->kind, first->id), fn, arg);
}

#define CORE(member, unit_, help_)                                                                 \
	{                                                                                          \
		.key = #member, .help = help_, .group = "core", .unit = BQDISC_UNIT_##unit_,       \
		.offset = offsetof(struct bq_core_stats, member),                                  \
	}

/* Counters that the kernel's core keeps for every qdisc, read through netlink. */
static const struct bq_counter core_counters[] = {
	CORE(bytes, BYTES, "bytes sent"),
	CORE(packets, PACKETS, "packets sent"),
	CORE(drops, PACKETS, "packets dropped for any reason"),
	CORE(overlimits, COUNT, "times that a rate made the qdisc hold packets back"),
	CORE(requeues, PACKETS, "packets that a busy device returned"),
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
		.group = row->group,
		.bucket_ns = row->bucket_ns,
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

static uint64_t read_core(const struct bq_instance_info *found, const struct bq_counter *row,
			  size_t n)
{
	uint64_t count;

	(void)n;
	memcpy(&count, (const char *)&found->link.stats + row->offset, sizeof(count));
	return count;
}

static uint64_t read_own(const struct bq_instance_info *found, const struct bq_counter *row,
			 size_t n)
{
	uint64_t count = bq_kind_counter(found->kind, found->id, row, n);

	return row->deadline ? bq_time_until(count) : count;
}

/* Pass each value of the row to the callback, folded over all queues. */
static void emit_folded(const struct bqdisc_instance *inst, const struct bq_counter *row,
			uint64_t (*read)(const struct bq_instance_info *, const struct bq_counter *,
					 size_t),
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
	const void *config;           /* options of this rule */
	const struct bq_match *match; /* NULL: every packet */
	uint32_t n;
};

static void tell_rule(const struct bqdisc_instance *inst, const struct bq_blob *tables, uint32_t n,
		      bqdisc_rule_fn fn, void *arg)
{
	const struct bq_instance_info *first = inst->v[0];
	const struct bqdisc_qdisc *q = first->kind->q;
	struct bqdisc_rule rule = {
		.inst = inst,
		.match = bq_rules_match(q, tables, n),
		.n = n,
	};
	void *config = NULL;

	if (n) {
		config = calloc(1, q->config_size);
		if (!config)
			return;
		memcpy(config, bq_rules_options(q, tables, n), q->rules->size);
	}
	rule.config = n ? config : bq_kind_config(first->kind, first->id);
	fn(&rule, arg);
	free(config);
}

void bqdisc_instance__each_rule(const struct bqdisc_instance *inst, bqdisc_rule_fn fn, void *arg)
{
	const struct bq_instance_info *first = inst->v[0];
	const struct bqdisc_qdisc *q = first->kind->q;
	struct bq_error ignored = { 0 };
	struct bq_blob tables;
	uint32_t i, n;

	if (!q->rules || bq_range_read_tables(first->kind, first->id, &tables, &ignored))
		return;
	n = bq_rules_count(q, &tables);
	for (i = 0; i < n && (n > 1 || bq_rules_match(q, &tables, 0)); i++)
		tell_rule(inst, &tables, i, fn, arg);
	free(tables.data);
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

void bqdisc_rule__each_field(const struct bqdisc_rule *rule, bqdisc_match_fn fn, void *arg)
{
	if (rule->match)
		bq_match_each_field(rule->match, fn, arg);
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
