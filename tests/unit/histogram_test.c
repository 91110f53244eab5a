// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Histograms: bounds of their buckets, and percentiles. */
#include <string.h>

#include <bqdisc/histogram.h>

#include "bqdisc.h"
#include "suites.h"

#define BUCKETS BQ_TIMES

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

/* 500 in bucket 3, 400 from 10 to 12, 99 from 12 to 14 and 1 in the last. */
START_TEST(percentiles)
{
	uint64_t counts[BUCKETS] = { [3] = 500, [9] = 400, [10] = 99, [BUCKETS - 1] = 1 };
	struct bqdisc_value v = histogram_of(counts);

	ck_assert_uint_eq(bqdisc_value__percentile(&v, 0), 3);
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 500), 3);
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 501), 10);
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 900), 10);
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 990), 12);
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 999), 12);
	ck_assert_uint_eq(bqdisc_value__percentile(&v, 1000), UINT64_MAX);
}
END_TEST

/* Fail unless VALUE was counted between the bounds of its bucket, and near its middle. */
static void check_counted(const __u64 *counted, size_t n, uint64_t value)
{
	uint64_t counts[BUCKETS];
	struct bqdisc_value v = { .histogram = true, .values = counts, .count = n, .value = 1 };
	uint64_t middle, bound;
	size_t i;

	memcpy(counts, counted, n * sizeof(counts[0]));
	middle = bqdisc_value__percentile(&v, 500);
	for (i = 0; i < n && !counts[i]; i++)
		;
	ck_assert_uint_lt(i, n);
	bound = bqdisc_value__bound(&v, i);
	ck_assert_msg(value < bound || bound == UINT64_MAX, "%llu >= %llu",
		      (unsigned long long)value, (unsigned long long)bound);
	ck_assert_msg(!i || value >= bqdisc_value__bound(&v, i - 1), "%llu in bucket %zu",
		      (unsigned long long)value, i);
	if (bound != UINT64_MAX)
		ck_assert_uint_le((value > middle ? value - middle : middle - value) * 8, value);
}

static void check_time(uint64_t ns)
{
	__u64 counts[BQ_TIMES] = { 0 };

	bq_times_add(counts, ns);
	check_counted(counts, BQ_TIMES, ns);
}

static void check_length(uint32_t packets)
{
	__u64 counts[BQ_LENGTHS] = { 0 };

	bq_lengths_add(counts, packets);
	check_counted(counts, BQ_LENGTHS, packets);
}

/* All small values, and those beside each bound. */
START_TEST(every_bucket)
{
	uint64_t bound;
	uint32_t n;

	for (n = 0; n < 70000; n++) {
		check_time(n);
		check_length(n);
	}
	for (n = 0; n <= BQ_TIMES; n++) {
		bound = bq_bucket_from(n);
		check_time(bound - !!n);
		check_time(bound);
		check_time(bound + 1);
	}
	check_time(UINT64_MAX);
	check_length(UINT32_MAX);
}
END_TEST

START_TEST(random_values)
{
	size_t i;

	for (i = 0; i < 100000; i++) {
		check_time(random_magnitude());
		check_length((uint32_t)random_magnitude());
	}
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
	ADD_TEST(suite, every_bucket);
	ADD_TEST(suite, random_values);
	ADD_TEST(suite, bounds_rise);
	return suite;
}
