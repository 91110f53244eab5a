// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options and counters as values, by the rows of the descriptor. */
#include <string.h>

#include "qdisc/value.h"
#include "util/array.h"

static uint64_t sum_of(const uint64_t *values, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += values[i];
	return sum;
}

void bq_option_emit(const struct bqdisc_qdisc *q, size_t n, const void *config, bqdisc_value_fn fn,
		    void *arg)
{
	const struct bq_option *row = &q->options[n];
	uint64_t values[BQ_VALUES_MAX] = { 0 };
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
		bq_option_emit(q, i, config, fn, arg);
}

#define CORE(member, unit_, metric_, help_)                                                        \
	{                                                                                          \
		.key = #member, .help = help_, .group = "core", .unit = BQDISC_UNIT_##unit_,       \
		.metric = BQDISC_METRIC_##metric_,                                                 \
		.offset = offsetof(struct bq_core_stats, member),                                  \
	}

/* Counters that the kernel's core keeps for every qdisc, read through netlink. */
const struct bq_counter bq_core_counters[] = {
	CORE(bytes, BYTES, COUNTER, "bytes sent"),
	CORE(packets, PACKETS, COUNTER, "packets sent"),
	CORE(drops, PACKETS, COUNTER, "packets dropped for any reason"),
	CORE(overlimits, COUNT, COUNTER, "times that a rate made the qdisc hold packets back"),
	CORE(requeues, PACKETS, COUNTER, "packets that a busy device returned"),
	CORE(backlog_bytes, BYTES, GAUGE, "bytes waiting now"),
	CORE(backlog_packets, PACKETS, GAUGE, "packets waiting now"),
};

const size_t bq_n_core_counters = ARRAY_SIZE(bq_core_counters);

size_t bq_counter_count(const struct bq_counter *row)
{
	return row->count ? row->count : 1;
}

void bq_counter_emit(const struct bq_counter *row, const uint64_t *counts, bqdisc_value_fn fn,
		     void *arg)
{
	struct bqdisc_value value = {
		.name = row->key,
		.key = row->key,
		.help = row->help,
		.unit = row->unit,
		.fold = row->fold,
		.metric = row->fold == BQDISC_FOLD_SUM ? row->metric : BQDISC_METRIC_GAUGE,
		.values = counts,
		.warning = row->warning,
		.group = row->group,
		.histogram = row->histogram,
		.count = bq_counter_count(row),
		.value = sum_of(counts, bq_counter_count(row)),
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

void bqdisc_qdisc__each_counter(const struct bqdisc_qdisc *q, bqdisc_value_fn fn, void *arg)
{
	static const uint64_t zeros[BQ_VALUES_MAX];
	size_t i;

	for (i = 0; i < bq_n_core_counters; i++)
		bq_counter_emit(&bq_core_counters[i], zeros, fn, arg);
	for (i = 0; q && i < q->n_counters; i++)
		bq_counter_emit(&q->counters[i], zeros, fn, arg);
}
