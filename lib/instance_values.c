// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options, counters and rules of an instance as values, read with the rows of the descriptor. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bqdisc/memory.h>

#include "bpf/arena.h"
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
	const struct bqdisc_qdisc *rows; /* descriptor with the rows of its options */
	const void *config;              /* options of this rule */
	const struct bq_match *match;    /* NULL: every packet */
	const char *arena;               /* of the kind, for the stats of classes */
	uint32_t n;
};

static void emit_rule(struct bqdisc_rule *rule, const struct bq_blob *tables, bqdisc_rule_fn fn,
		      void *arg)
{
	const struct bq_instance_info *first = rule->inst->v[0];
	const struct bqdisc_qdisc *q = first->kind->q;
	size_t size = q->rules->classes ? rule->rows->config_size : q->rules->size;
	void *config = NULL;

	rule->match = bq_rules_match(q, tables, rule->n);
	if (rule->n) {
		config = calloc(1, rule->rows->config_size);
		if (!config)
			return;
		memcpy(config, bq_rules_options(q, tables, rule->n), size);
	}
	rule->config = rule->n ? config : bq_kind_config(first->kind, first->id);
	fn(rule, arg);
	free(config);
}

static void emit_rules(struct bqdisc_rule *rule, const struct bq_blob *tables, bqdisc_rule_fn fn,
		       void *arg)
{
	const struct bqdisc_qdisc *q = rule->inst->v[0]->kind->q;
	uint32_t n = bq_rules_count(q, tables);

	if (n == 1 && !bq_rules_match(q, tables, 0))
		return;
	for (rule->n = q->rules->classes ? 1 : 0; rule->n < n; rule->n++)
		emit_rule(rule, tables, fn, arg);
}

void bqdisc_instance__each_rule(const struct bqdisc_instance *inst, bqdisc_rule_fn fn, void *arg)
{
	const struct bq_instance_info *first = inst->v[0];
	const struct bqdisc_qdisc *q = first->kind->q;
	struct bqdisc_rule rule = { .inst = inst, .rows = q };
	struct bq_blob tables;
	char *arena = NULL;

	if (!q->rules || bq_range_read_tables(first->kind, first->id, &tables, NULL))
		return;
	if (q->rules->classes) {
		rule.rows = q->rules->classes;
		rule.arena = arena = bq_arena_map(first->kind->memory_fd);
	}
	if (arena || !q->rules->classes)
		emit_rules(&rule, &tables, fn, arg);
	if (arena)
		munmap(arena, BQ_MEMORY_BYTES);
	free(tables.data);
}

uint32_t bqdisc_rule__number(const struct bqdisc_rule *rule)
{
	return rule->arena ? rule->n : rule->n + 1;
}

const char *bqdisc_rule__class(const struct bqdisc_rule *rule)
{
	const struct bq_rules *r = rule->inst->v[0]->kind->q->rules;

	return r->classes ? (const char *)rule->config + r->name_offset : NULL;
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
	const struct bq_rules *r = rule->inst->v[0]->kind->q->rules;
	size_t i;

	for (i = 0; i < rule->rows->n_options; i++)
		if (r->classes || rule->rows->options[i].offset < r->size)
			bq_option_emit(rule->rows, i, rule->config, fn, arg);
}

/* Read the stats of the rule in queue I. */
static void read_stats(const struct bqdisc_rule *rule, size_t i, void *stats)
{
	const struct bq_instance *id = rule->inst->v[i]->id;
	const struct bq_rules *r = rule->inst->v[i]->kind->q->rules;

	if (r->classes)
		r->class_stats(id, rule->arena + id->memory, rule->n, stats);
	else
		memcpy(stats, (const char *)id + r->stats_offset + rule->n * r->stats_size,
		       r->stats_size);
}

/* All stats are u64. Those of the queues are summed up. */
void bqdisc_rule__each_counter(const struct bqdisc_rule *rule, bqdisc_value_fn fn, void *arg)
{
	const struct bq_rules *r = rule->inst->v[0]->kind->q->rules;
	size_t i, k, n = r->stats_size / sizeof(uint64_t);
	uint64_t *sums = calloc(2 * n, sizeof(*sums));
	const struct bq_counter *row;

	if (!sums)
		return;
	for (i = 0; i < rule->inst->n; i++) {
		read_stats(rule, i, sums + n);
		for (k = 0; k < n; k++)
			sums[k] += sums[n + k];
	}
	for (row = r->counters; row < r->counters + r->n_counters; row++)
		bq_counter_emit(row, &sums[row->offset / sizeof(*sums)], fn, arg);
	free(sums);
}
