// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options, counters and rules of an instance as values, read with the rows of the descriptor. */
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "qdisc/match_words.h"
#include "qdisc/rule.h"
#include "qdisc/value.h"
#include "bpf/range.h"

void bqdisc_instance__each_option(const struct bqdisc_instance *inst, bqdisc_value_fn fn, void *arg)
{
	const struct bq_instance_info *first = inst->v[0];

	bq_options_each(first->kind->q, bq_kind_config(first->kind, first->id), fn, arg);
}

static uint64_t read_core(const struct bq_instance_info *found, const struct bq_counter *row,
			  size_t n)
{
	uint64_t count;

	(void)n;
	memcpy(&count, (const char *)&found->qdisc.stats + row->offset, sizeof(count));
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
	uint64_t counts[BQ_VALUES_MAX];
	size_t i, queue;

	for (i = 0; i < bq_counter_count(row); i++) {
		counts[i] = read(inst->v[0], row, i);
		for (queue = 1; queue < inst->n; queue++)
			counts[i] = bqdisc_fold(row->fold, counts[i], read(inst->v[queue], row, i));
	}
	bq_counter_emit(row, counts, fn, arg);
}

void bqdisc_instance__each_counter(const struct bqdisc_instance *inst, bqdisc_value_fn fn,
				   void *arg)
{
	const struct bqdisc_qdisc *q = inst->v[0]->kind->q;
	size_t i;

	for (i = 0; i < bq_n_core_counters; i++)
		emit_folded(inst, &bq_core_counters[i], read_core, fn, arg);
	for (i = 0; i < q->n_counters; i++)
		emit_folded(inst, &q->counters[i], read_own, fn, arg);
}

/* --- rules --- */

struct bqdisc_rule {
	const struct bqdisc_instance *inst;
	const void *config;           /* options of this rule */
	const struct bq_match *match; /* NULL: every packet */
	uint32_t n;
};

static void emit_rule(const struct bqdisc_instance *inst, const struct bq_blob *tables, uint32_t n,
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
	struct bq_blob tables;
	uint32_t i, n;

	if (!q->rules || bq_range_read_tables(first->kind, first->id, &tables, NULL))
		return;
	n = bq_rules_count(q, &tables);
	for (i = 0; i < n && (n > 1 || bq_rules_match(q, &tables, 0)); i++)
		emit_rule(inst, &tables, i, fn, arg);
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
			bq_option_emit(q, i, rule->config, fn, arg);
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
		bq_counter_emit(row, &count, fn, arg);
	}
}
