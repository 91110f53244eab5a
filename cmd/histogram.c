// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>

#include "histogram.h"

#define BARS_MAX 20
#define BAR_MAX 40 /* columns */
#define GAP_MIN 3  /* empty bars that are left out */

static const struct {
	const char *text, *key;
	unsigned int per_mille;
} percentiles[] = {
	{ "p50", "p50", 500 },     { "p90", "p90", 900 },  { "p99", "p99", 990 },
	{ "p99.9", "p99_9", 999 }, { "max", "max", 1000 },
};

static uint64_t from(const struct bqdisc_value *v, size_t n)
{
	return n ? bqdisc_value__bound(v, n - 1) : 0;
}

/* --- text --- */

/* Bars of a histogram: each is the sum of `step` buckets, and of a multiple of it the first. */
struct bars {
	const struct bqdisc_value *v;
	size_t step, first, last; /* the bars that are not empty, in bars */
};

static uint64_t bar_count(const struct bars *b, size_t bar)
{
	uint64_t sum = 0;
	size_t n;

	for (n = bar * b->step; n < (bar + 1) * b->step && n < b->v->count; n++)
		sum += b->v->values[n];
	return sum;
}

/* Combine buckets until there are few bars. */
static struct bars choose_bars(const struct bqdisc_value *v)
{
	struct bars b = { .v = v, .step = 1 };
	size_t first = 0, last = v->count - 1;

	while (first < last && !v->values[first])
		first++;
	while (last > first && !v->values[last])
		last--;
	while (last / b.step - first / b.step >= BARS_MAX)
		b.step *= 2;
	b.first = first / b.step;
	b.last = last / b.step;
	return b;
}

/* "1.024us", or "12" of packets. */
static const char *write_value(const struct bqdisc_value *v, uint64_t value, char *buf, size_t size)
{
	if (v->unit == BQDISC_UNIT_TIME)
		return bqdisc_unit__round(v->unit, value, buf, size);
	snprintf(buf, size, "%" PRIu64, value);
	return buf;
}

/* "1.024us to 2.048us": the bounds of a bar. */
static const char *write_bounds(const struct bars *b, size_t bar, char *buf, size_t size)
{
	uint64_t low = from(b->v, bar * b->step);
	size_t last = (bar + 1) * b->step - 1;
	char text[2][32];

	write_value(b->v, low, text[0], sizeof(text[0]));
	if (last + 1 >= b->v->count)
		snprintf(buf, size, "%s or more", text[0]);
	else if (bqdisc_value__bound(b->v, last) == low + 1)
		snprintf(buf, size, "%s", text[0]);
	else
		snprintf(buf, size, "%s to %s", text[0],
			 write_value(b->v, bqdisc_value__bound(b->v, last), text[1],
				     sizeof(text[1])));
	return buf;
}

static void print_bar(const struct bars *b, size_t bar, uint64_t highest)
{
	static const char line[BAR_MAX + 1] = "########################################";
	uint64_t count = bar_count(b, bar);
	/* A value that is not 0 has one column at least. */
	int columns = (int)((double)count / (double)highest * BAR_MAX + 0.5);
	char bounds[72];

	if (count && !columns)
		columns = 1;
	printf("    %-22s %11" PRIu64 "%s%.*s\n", write_bounds(b, bar, bounds, sizeof(bounds)),
	       count, columns ? " " : "", columns, line);
}

/* Return true if the bar is one of several empty ones in a row: they are printed as one line. */
static bool is_gap(const struct bars *b, size_t bar)
{
	size_t first = bar, last = bar;

	while (first && !bar_count(b, first - 1))
		first--;
	while (last < b->last && !bar_count(b, last + 1))
		last++;
	return last - first + 1 >= GAP_MIN;
}

void histogram_print_percentiles(const struct bqdisc_value *v)
{
	char text[32];
	uint64_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(percentiles); i++) {
		value = bqdisc_value__percentile(v, percentiles[i].per_mille);
		if (value == UINT64_MAX)
			printf("  %s >= %s", percentiles[i].text,
			       write_value(v, from(v, v->count - 1), text, sizeof(text)));
		else
			printf("  %s %s", percentiles[i].text,
			       write_value(v, value, text, sizeof(text)));
	}
}

void histogram_print(const struct bqdisc_value *v)
{
	struct bars b = choose_bars(v);
	uint64_t highest = 0;
	size_t bar;

	printf("  %s", v->key);
	if (v->value)
		histogram_print_percentiles(v);
	putchar('\n');
	for (bar = b.first; bar <= b.last; bar++)
		if (bar_count(&b, bar) > highest)
			highest = bar_count(&b, bar);
	for (bar = b.first; highest && bar <= b.last; bar++) {
		if (bar_count(&b, bar) || !is_gap(&b, bar))
			print_bar(&b, bar, highest);
		else if (bar_count(&b, bar - 1))
			puts("    ...");
	}
}

/* --- JSON --- */

/* UINT64_MAX stands for null. */
static void put(struct json_writer *w, const char *key, uint64_t value)
{
	if (value == UINT64_MAX)
		jsonw_string(w, key, NULL);
	else
		jsonw_uint(w, key, value);
}

static void put_bucket(struct json_writer *w, const struct bqdisc_value *v, size_t n)
{
	jsonw_begin(w, NULL, '{');
	put(w, "from", from(v, n));
	put(w, "below", bqdisc_value__bound(v, n));
	put(w, "count", v->values[n]);
	jsonw_end(w, '}');
}

void jsonw_histogram(struct json_writer *w, const struct bqdisc_value *v)
{
	unsigned int per_mille;
	size_t i;

	jsonw_begin(w, v->key, '{');
	put(w, "count", v->value);
	for (i = 0; i < ARRAY_SIZE(percentiles); i++) {
		per_mille = percentiles[i].per_mille;
		put(w, percentiles[i].key,
		    v->value ? bqdisc_value__percentile(v, per_mille) : UINT64_MAX);
	}
	jsonw_begin(w, "buckets", '[');
	for (i = 0; i < v->count; i++)
		if (v->values[i])
			put_bucket(w, v, i);
	jsonw_end(w, ']');
	jsonw_end(w, '}');
}
