// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Histograms: bounds of their buckets, and percentiles. */
#include <string.h>

#include "bqdisc.h"
#include "suites.h"

#define BUCKETS 32

static struct bqdisc_value histogram_of(uint64_t counts[BUCKETS])
{
	struct bqdisc_value v = {
		.histogram = true, .unit = BQDISC_UNIT_TIME, .values = counts, .count = BUCKETS
	};
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		v.value += counts[i];
	return v;
}

START_TEST(percentiles_of_nothing)
{
	uint64_t counts[BUCKETS] = { 0 };
	struct bqdisc_value v = histogram_of(counts);

	ck_assert_uint_eq(bqdisc_value__percentile(&v, 500), 0);
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 1000), 0);
}
END_TEST

/* 500 in bucket 3, 400 in bucket 5, 99 in bucket 6 and 1 in the last. */
START_TEST(percentiles)
{
	uint64_t counts[BUCKETS] = { [3] = 500, [5] = 400, [6] = 99, [BUCKETS - 1] = 1 };
	struct bqdisc_value v = histogram_of(counts);

	ck_assert_uint_eq(bqdisc_value__percentile(&v, 0), bqdisc_value__bound(&v, 3));
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 500), bqdisc_value__bound(&v, 3));
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 501), bqdisc_value__bound(&v, 5));
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 900), bqdisc_value__bound(&v, 5));
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 990), bqdisc_value__bound(&v, 6));
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 999), bqdisc_value__bound(&v, 6));
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 1000), UINT64_MAX);
}
END_TEST

START_TEST(bounds_rise)
{
	uint64_t counts[BUCKETS] = { 0 };
	struct bqdisc_value v = histogram_of(counts);
	size_t i;

	for (i = 1; i < BUCKETS; i++)
		ck_assert_uint_gt(bqdisc_value__bound(&v, i), bqdisc_value__bound(&v, i - 1));
	ck_assert_uint_eq(bqdisc_value__bound(&v, BUCKETS - 1), UINT64_MAX);
}
END_TEST

Suite *histogram_suite(void)
{
	Suite *suite = suite_create("histogram");

	ADD_TEST(suite, percentiles_of_nothing);
	ADD_TEST(suite, percentiles);
	ADD_TEST(suite, bounds_rise);
	return suite;
}
