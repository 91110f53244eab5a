// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rates, history, sort order and filter of bqdisc top. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "top_model.h"

/* --- keys --- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int top_key_compare(const struct top_key *a, const struct top_key *b)
{
	int order = compare_numbers(a->ifindex, b->ifindex);

	if (!order)
		order = compare_numbers(a->parent, b->parent);
	if (!order)
		order = compare_numbers(a->handle, b->handle);
	return order ? order : compare_numbers(a->flow, b->flow);
}

static int compare_rows_by_key(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	return top_key_compare(&x->last.key, &y->last.key);
}

static struct top_row *find_row(const struct top_model *m, const struct top_key *key)
{
	const struct top_row wanted = { .last.key = *key };

	return m->n ? bsearch(&wanted, m->rows, m->n, sizeof(wanted), compare_rows_by_key) : NULL;
}

/* --- rates --- */

static double rate(uint64_t now, uint64_t before, double seconds)
{
	/* A total falls if its qdisc was replaced by one with the same handle, or reset. */
	return now < before ? NAN : (double)(now - before) / seconds;
}

/* Return the delay at PER_MILLE of DELAYS, the packets of one interval. */
static double percentile(const struct bqdisc_value *delays, unsigned int per_mille)
{
	uint64_t ns = bqdisc_value__percentile(delays, per_mille);

	return ns == UINT64_MAX ? INFINITY : (double)ns;
}

static void set_delays(struct top_row *row, const struct top_reading *now,
		       const struct top_reading *before)
{
	struct bqdisc_value delays = now->delays;
	uint64_t *counts = calloc(delays.count, sizeof(*counts));
	size_t i;

	if (!counts)
		abort();
	delays.values = counts;
	delays.value = 0;
	for (i = 0; i < delays.count && delays.count == before->delays.count; i++) {
		counts[i] = now->counts[i] - before->counts[i];
		delays.value += counts[i];
	}
	if (delays.value) {
		row->value[TOP_P50] = percentile(&delays, 500);
		row->value[TOP_P99] = percentile(&delays, 990);
	}
	free(counts);
}

static void set_rates(struct top_row *row, const struct top_reading *before, double seconds)
{
	const struct top_reading *now = &row->last;

	row->value[TOP_BITS] = 8 * rate(now->bytes, before->bytes, seconds);
	row->value[TOP_PACKETS] = rate(now->packets, before->packets, seconds);
	row->value[TOP_DROPS] = rate(now->drops, before->drops, seconds);
	if (now->counts && !isnan(row->value[TOP_PACKETS]))
		set_delays(row, now, before);
}

/* --- a reading --- */

void top_model_begin(struct top_model *m, double now)
{
	m->seconds = m->read_at ? now - m->read_at : 0;
	m->read_at = now;
}

static void add_history(struct top_row *row, const struct top_row *before)
{
	int column, i;

	for (column = 0; column < TOP_NUMBERS; column++) {
		for (i = 0; i < TOP_HISTORY - 1; i++)
			row->history[column][i] = before ? before->history[column][i + 1] : NAN;
		row->history[column][i] = (float)row->value[column];
	}
}

void top_model_add(struct top_model *m, const struct top_reading *reading)
{
	const struct top_row *before = find_row(m, &reading->key);
	struct top_row *row;
	int column;

	m->new_rows = reallocarray(m->new_rows, m->n_new + 1, sizeof(*row));
	if (!m->new_rows)
		abort();
	row = &m->new_rows[m->n_new++];
	row->last = *reading;
	for (column = 0; column < TOP_NUMBERS; column++)
		row->value[column] = NAN;
	row->value[TOP_BACKLOG] = (double)reading->backlog_bytes;
	if (reading->waited_ns)
		row->value[TOP_P99] = (double)reading->waited_ns;
	if (before && m->seconds > 0)
		set_rates(row, &before->last, m->seconds);
	add_history(row, before);
}

static void free_rows(struct top_model *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		free(m->rows[i].last.counts);
	free(m->rows);
	m->rows = NULL;
	m->n = 0;
}

void top_model_end(struct top_model *m)
{
	free_rows(m);
	m->rows = m->new_rows;
	m->n = m->n_new;
	m->new_rows = NULL;
	m->n_new = 0;
	if (m->n)
		qsort(m->rows, m->n, sizeof(*m->rows), compare_rows_by_key);
	top_model_show(m);
}

void top_model_clear(struct top_model *m)
{
	free_rows(m);
	free(m->shown);
	m->shown = NULL;
	m->n_shown = 0;
	m->read_at = 0;
}

/* --- order and filter --- */

static bool matches(const struct top_model *m, const struct top_row *row)
{
	return !m->filter || strcasestr(row->last.name, m->filter) ||
	       strcasestr(row->last.qdisc, m->filter);
}

/* Put numbers in order within names: du2 is before du10. */
static int compare_columns(const struct top_row *a, const struct top_row *b, enum top_column sort)
{
	double x, y;

	if (sort == TOP_NAME)
		return strverscmp(a->last.name, b->last.name);
	if (sort == TOP_QDISC)
		return strcmp(a->last.qdisc, b->last.qdisc);
	x = isnan(a->value[sort]) ? -1 : a->value[sort];
	y = isnan(b->value[sort]) ? -1 : b->value[sort];
	return (x < y) - (x > y);
}

static int compare_shown(const void *a, const void *b, void *arg)
{
	const struct top_row *x = *(const struct top_row *const *)a;
	const struct top_row *y = *(const struct top_row *const *)b;
	const struct top_model *m = arg;
	int order = compare_columns(x, y, m->sort);

	if (order)
		return m->reverse ? -order : order;
	return top_key_compare(&x->last.key, &y->last.key);
}

void top_model_show(struct top_model *m)
{
	size_t i;

	m->shown = reallocarray(m->shown, m->n + 1, sizeof(const struct top_row *));
	if (!m->shown)
		abort();
	m->n_shown = 0;
	for (i = 0; i < m->n; i++)
		if (matches(m, &m->rows[i]))
			m->shown[m->n_shown++] = &m->rows[i];
	qsort_r(m->shown, m->n_shown, sizeof(const struct top_row *), compare_shown, m);
}

size_t top_model_find(const struct top_model *m, const struct top_key *key)
{
	size_t i;

	for (i = 0; i < m->n_shown && top_key_compare(&m->shown[i]->last.key, key); i++)
		;
	return i;
}

double top_model_sum(const struct top_model *m, enum top_column column)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < m->n_shown; i++)
		if (!isnan(m->shown[i]->value[column]))
			sum += m->shown[i]->value[column];
	return sum;
}

/* --- history --- */

/* Return the highest value from FIRST up to LAST, or NAN. */
static float highest(const float *values, size_t first, size_t last)
{
	float max = NAN;

	for (; first < last; first++)
		max = fmaxf(max, values[first]);
	return max;
}

double top_row_levels(const struct top_row *row, enum top_column column, size_t columns,
		      signed char *levels)
{
	const float *history = row->history[column];
	float max = highest(history, 0, TOP_HISTORY), part;
	size_t i;

	for (i = 0; i < columns; i++) {
		part = highest(history, i * TOP_HISTORY / columns, (i + 1) * TOP_HISTORY / columns);
		if (isnan(part))
			levels[i] = -1;
		else if (part >= max)
			levels[i] = max > 0 ? TOP_LEVELS - 1 : 0;
		else
			levels[i] = (signed char)(part / max * (TOP_LEVELS - 1) + 0.5f);
	}
	return max;
}
