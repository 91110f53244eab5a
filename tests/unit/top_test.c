// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rates, sort order, filter and history of bqdisc top. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "top_model.h"

#define BUCKETS 32

/* Totals of device N, whose packets have 100 bytes each. */
static struct top_reading totals(uint32_t n, uint64_t packets)
{
	struct top_reading r = { .key = { .ifindex = n },
				 .qdisc = "pfifo",
				 .packets = packets,
				 .bytes = 100 * packets };

	snprintf(r.name, sizeof(r.name), "du%u", n);
	return r;
}

static void read_all(struct top_model *m, double now, const struct top_reading *readings, size_t n)
{
	size_t i;

	top_model_begin(m, now);
	for (i = 0; i < n; i++)
		top_model_add(m, &readings[i]);
	top_model_end(m);
}

static const char *names(const struct top_model *m)
{
	static char text[256];
	size_t i;

	*text = '\0';
	for (i = 0; i < m->n_shown; i++)
		sprintf(text + strlen(text), "%s%s", i ? " " : "", m->shown[i]->last.name);
	return text;
}

START_TEST(rates)
{
	struct top_reading a[] = { totals(1, 10), totals(2, 1000) };
	struct top_reading b[] = { totals(1, 30), totals(2, 1500), totals(3, 7) };
	struct top_model m = { 0 };

	a[1].drops = 3;
	b[1].drops = 13;
	b[1].backlog_bytes = 77;
	read_all(&m, 5, a, N(a));
	ck_assert(isnan(m.rows[0].value[TOP_BITS]) && isnan(m.rows[0].value[TOP_DROPS]));
	read_all(&m, 7, b, N(b));
	ck_assert_str_eq(names(&m), "du2 du1 du3");
	ck_assert_double_eq(m.shown[0]->value[TOP_PACKETS], 250);
	ck_assert_double_eq(m.shown[0]->value[TOP_BITS], 250 * 800);
	ck_assert_double_eq(m.shown[0]->value[TOP_DROPS], 5);
	ck_assert_double_eq(m.shown[0]->value[TOP_BACKLOG], 77);
	ck_assert_double_eq(m.shown[1]->value[TOP_PACKETS], 10);
	ck_assert(isnan(m.shown[2]->value[TOP_PACKETS])); /* the row is new */
	ck_assert_double_eq(top_model_sum(&m, TOP_PACKETS), 260);
	top_model_clear(&m);
}
END_TEST

/* A qdisc that was replaced counts from 0: its rate is unknown, not huge. */
START_TEST(rate_of_a_smaller_total)
{
	struct top_reading a = totals(1, 1000), b = totals(1, 10);
	struct top_model m = { 0 };

	read_all(&m, 1, &a, 1);
	read_all(&m, 2, &b, 1);
	ck_assert(isnan(m.rows[0].value[TOP_BITS]));
	top_model_clear(&m);
}
END_TEST

static struct top_reading with_delays(uint64_t packets, size_t bucket, uint64_t count)
{
	struct top_reading r = totals(1, packets);

	r.counts = calloc(BUCKETS, sizeof(*r.counts));
	r.counts[3] = 1000;
	r.counts[bucket] += count;
	r.delays = (struct bqdisc_value){
		.histogram = true, .unit = BQDISC_UNIT_TIME, .count = BUCKETS, .values = r.counts
	};
	return r;
}

/* The packets of the interval count, not those before it. */
START_TEST(delays_of_the_interval)
{
	struct top_reading a = with_delays(1000, 3, 0), b = with_delays(1010, 9, 10);
	struct top_reading c = with_delays(1010, 9, 10), d = with_delays(1020, BUCKETS - 1, 10);
	uint64_t counts[BUCKETS] = { [9] = 10 };
	struct bqdisc_value v = {
		.histogram = true, .values = counts, .count = BUCKETS, .value = 10
	};
	struct top_model m = { 0 };

	d.counts[9] += 10;
	read_all(&m, 1, &a, 1);
	ck_assert(isnan(m.rows[0].value[TOP_P50]));
	read_all(&m, 2, &b, 1);
	ck_assert_double_eq(m.rows[0].value[TOP_P50], (double)bqdisc_value__percentile(&v, 500));
	ck_assert_double_eq(m.rows[0].value[TOP_P99], (double)bqdisc_value__percentile(&v, 990));
	read_all(&m, 3, &c, 1);
	ck_assert(isnan(m.rows[0].value[TOP_P50]));
	read_all(&m, 4, &d, 1);
	ck_assert(isinf(m.rows[0].value[TOP_P50]));
	top_model_clear(&m);
}
END_TEST

START_TEST(order_and_filter)
{
	struct top_reading all[] = { totals(10, 1), totals(2, 1), totals(1, 1) };
	struct top_model m = { 0 };
	char filter[8] = "";

	strcpy(all[1].qdisc, "fq");
	m.filter = filter;
	read_all(&m, 1, all, N(all));
	ck_assert_str_eq(names(&m), "du1 du2 du10"); /* equal: by key */
	m.sort = TOP_NAME;
	m.reverse = true;
	top_model_show(&m);
	ck_assert_str_eq(names(&m), "du10 du2 du1");
	m.sort = TOP_QDISC;
	m.reverse = false;
	top_model_show(&m);
	ck_assert_str_eq(names(&m), "du2 du1 du10");
	strcpy(filter, "U1");
	top_model_show(&m);
	ck_assert_str_eq(names(&m), "du1 du10");
	ck_assert_uint_eq(top_model_find(&m, &all[0].key), 1);
	ck_assert_uint_eq(top_model_find(&m, &all[1].key), 2);
	strcpy(filter, "fq");
	top_model_show(&m);
	ck_assert_str_eq(names(&m), "du2");
	top_model_clear(&m);
}
END_TEST

START_TEST(rows_come_and_go)
{
	struct top_reading a[] = { totals(1, 1), totals(2, 1) },
			   b[] = { totals(2, 3), totals(3, 1) };
	struct top_model m = { 0 };

	read_all(&m, 1, a, N(a));
	read_all(&m, 2, b, N(b));
	ck_assert_str_eq(names(&m), "du2 du3");
	ck_assert_double_eq(m.shown[0]->value[TOP_PACKETS], 2);
	read_all(&m, 3, NULL, 0);
	ck_assert_uint_eq(m.n_shown, 0);
	top_model_clear(&m);
}
END_TEST

/* The first reading is unknown, and then there are 0, 1, 2 ... packets a second. */
START_TEST(history)
{
	signed char levels[TOP_HISTORY];
	struct top_reading r;
	struct top_model m = { 0 };
	uint64_t sum = 0;
	int i;

	for (i = 0; i < TOP_HISTORY / 2; i++) {
		r = totals(1, sum += (uint64_t)i);
		read_all(&m, i + 1, &r, 1);
	}
	ck_assert_double_eq(top_row_levels(m.rows, TOP_PACKETS, TOP_HISTORY, levels),
			    TOP_HISTORY / 2 - 1);
	ck_assert_int_eq(levels[TOP_HISTORY / 2], -1);
	ck_assert_int_eq(levels[TOP_HISTORY / 2 + 1], 0);
	ck_assert_int_eq(levels[TOP_HISTORY - 1], TOP_LEVELS - 1);
	for (i = TOP_HISTORY / 2 + 1; i < TOP_HISTORY; i++)
		ck_assert_int_ge(levels[i], levels[i - 1]);
	top_row_levels(m.rows, TOP_PACKETS, 4, levels);
	ck_assert_int_eq(levels[1], -1);
	ck_assert_int_eq(levels[2], 3);
	ck_assert_int_eq(levels[3], TOP_LEVELS - 1);
	top_row_levels(m.rows, TOP_DROPS, 2, levels);
	ck_assert_int_eq(levels[1], 0); /* all are 0 */
	top_model_clear(&m);
}
END_TEST

Suite *top_suite(void)
{
	Suite *s = suite_create("top");

	ADD_TEST(s, rates);
	ADD_TEST(s, rate_of_a_smaller_total);
	ADD_TEST(s, delays_of_the_interval);
	ADD_TEST(s, order_and_filter);
	ADD_TEST(s, rows_come_and_go);
	ADD_TEST(s, history);
	return s;
}
