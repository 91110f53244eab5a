// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bpf/netem/model.h: the models that run in the kernel, run here for a million packets each. Seeds
 * are fixed: what passes once passes always.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/distribution.h"
#include "netem/model.h"
#include "suites.h"

#define PACKETS 1000000

static struct netem_config config;
static struct netem_state state;
static int16_t table[NETEM_TABLE_MAX];

/* Convert a percentage as tc and bqdisc do. */
static uint32_t percent(double value)
{
	return (uint32_t)rint(value / 100 * UINT32_MAX);
}

static void begin(uint64_t seed)
{
	netem_complete(&config, 1500);
	netem_state_init(&state, seed);
}

static void give(enum netem_option option)
{
	config.all.set_mask |= UINT64_C(1) << option;
}

static void forget(void)
{
	memset(&config, 0, sizeof(config));
	memset(&state, 0, sizeof(state));
}

struct losses {
	unsigned int lost, bursts;
};

static struct losses lose(unsigned int packets)
{
	struct losses l = { 0 };
	bool now, before = false;
	unsigned int i;

	for (i = 0; i < packets; i++) {
		now = netem_loses(&config.all, &state);
		l.lost += now;
		l.bursts += now && !before;
		before = now;
	}
	return l;
}

/*
 * Check that N of OF is within three standard deviations of P. CORRELATED multiplies the variance.
 */
static void check_rate(unsigned int n, unsigned int of, double p, double correlated)
{
	double sigma = sqrt(of * p * (1 - p) * correlated);

	ck_assert_msg(fabs(n - of * p) <= 3 * sigma, "%u of %u, not %.0f +- %.0f", n, of, of * p,
		      3 * sigma);
}

/* Check the mean length of loss bursts to 2 %. */
static void check_bursts(double length)
{
	struct losses l = lose(20 * PACKETS);
	double mean = (double)l.lost / l.bursts;

	ck_assert_msg(fabs(mean / length - 1) < 0.02, "bursts of %.3f: mean %.3f", length, mean);
}

/*
 * Expected: what the in-tree netem of Linux 7.3 passed of 20,000 pktgen packets with these seeds.
 */
START_TEST(netem_counts_of_the_kernel)
{
	forget();
	config.all.loss = percent(5);
	begin(4242);
	ck_assert_uint_eq(20000 - lose(20000).lost, 18955);

	forget();
	config.all.ge_p = percent(1);
	config.all.ge_r = percent(10);
	config.all.ge_bad = percent(70);
	config.all.ge_good = percent(0.1);
	give(NETEM_GE_P);
	give(NETEM_GE_R);
	give(NETEM_GE_BAD);
	begin(4242);
	ck_assert_uint_eq(20000 - lose(20000).lost, 18730);

	forget();
	config.all.p13 = percent(2);
	config.all.p31 = percent(30);
	give(NETEM_P13);
	give(NETEM_P31);
	begin(4242);
	ck_assert_uint_eq(20000 - lose(20000).lost, 18847);
}
END_TEST

START_TEST(netem_loss_random)
{
	static const double rates[] = { 0.01, 1, 10, 50, 99 };
	size_t i;

	for (i = 0; i < N(rates); i++) {
		forget();
		config.all.loss = percent(rates[i]);
		begin(i);
		check_rate(lose(PACKETS).lost, PACKETS, rates[i] / 100, 1);
		check_bursts(1 / (1 - rates[i] / 100));
	}
	forget();
	begin(1);
	ck_assert_uint_eq(lose(PACKETS).lost, 0);
	config.all.loss = NETEM_ALWAYS;
	ck_assert_uint_eq(lose(PACKETS).lost, PACKETS);
}
END_TEST

/* The example in tc's manual loses no packet, as bqdisc's manual says. */
START_TEST(netem_loss_correlated)
{
	forget();
	config.all.loss = percent(0.3);
	config.all.loss_corr = percent(25);
	begin(1);
	ck_assert_uint_le(lose(PACKETS).lost, 1);
}
END_TEST

/*
 * A chain of two states that is left with probabilities P and R: neighbours resemble each other by
 * 1-P-R, which makes the variance of their number (1+c)/(1-c) times that of independent ones.
 */
static double correlation_factor(double p, double r)
{
	double c = 1 - p - r;

	return (1 + c) / (1 - c);
}

START_TEST(netem_loss_burst)
{
	static const struct {
		double percent;
		uint32_t length;
	} cases[] = { { 2, 5 }, { 10, 3 }, { 0.5, 20 }, { 30, 1 }, { 60, 4 }, { 10, 100 } };
	size_t i;

	for (i = 0; i < N(cases); i++) {
		double p = cases[i].percent / 100, r = 1.0 / cases[i].length;

		forget();
		config.all.burst = percent(cases[i].percent);
		config.all.burst_len = cases[i].length;
		give(NETEM_BURST);
		begin(i + 1);
		check_rate(lose(PACKETS).lost, PACKETS, p, correlation_factor(p * r / (1 - p), r));
		check_bursts(cases[i].length);
	}
}
END_TEST

START_TEST(netem_loss_gemodel)
{
	double p = 0.01, r = 0.1, bad = 0.7, good = 0.001, share = p / (p + r), lost, twice;

	forget();
	config.all.ge_p = percent(100 * p);
	config.all.ge_r = percent(100 * r);
	config.all.ge_bad = percent(100 * bad);
	config.all.ge_good = percent(100 * good);
	give(NETEM_GE_P);
	give(NETEM_GE_R);
	give(NETEM_GE_BAD);
	begin(3);
	lost = share * bad + (1 - share) * good;
	check_rate(lose(PACKETS).lost, PACKETS, lost, correlation_factor(p, r));
	/* Two in a row: loss, a step that does not depend on it, loss. */
	twice = share * bad * ((1 - r) * bad + r * good) +
		(1 - share) * good * (p * bad + (1 - p) * good);
	check_bursts(lost / (lost - twice));

	config.all.ge_bad = NETEM_ALWAYS;
	config.all.ge_good = 0;
	begin(4);
	check_rate(lose(PACKETS).lost, PACKETS, share, correlation_factor(p, r));
	check_bursts(1 / r);
}
END_TEST

/* The four states' shares: those of the chain's steady state. */
START_TEST(netem_loss_state)
{
	double p13 = 0.05, p31 = 0.3, p32 = 0.1, p23 = 0.4, p14 = 0.03;
	/* In units of state 1; what goes into a state leaves it. */
	double s3 = p13 / p31, s2 = s3 * p32 / p23, s4 = p14, all = 1 + s2 + s3 + s4;

	forget();
	config.all.p13 = percent(100 * p13);
	config.all.p31 = percent(100 * p31);
	config.all.p32 = percent(100 * p32);
	config.all.p23 = percent(100 * p23);
	config.all.p14 = percent(100 * p14);
	give(NETEM_P13);
	give(NETEM_P31);
	give(NETEM_P23);
	begin(5);
	check_rate(lose(PACKETS).lost, PACKETS, (s3 + s4) / all, correlation_factor(p13, p31));
	/* Runs that begin with a step to state 3, and single losses. */
	check_bursts((s3 + s4) / (p13 + s2 * p23 + p14));
}
END_TEST

START_TEST(netem_reorder_and_gap)
{
	unsigned int i, ahead = 0;

	forget();
	config.all.delay = 1000;
	config.all.reorder = percent(25);
	give(NETEM_REORDER);
	begin(6);
	for (i = 0; i < PACKETS; i++)
		ahead += (unsigned int)netem_goes_ahead(&config.all, &state);
	check_rate(ahead, PACKETS, 0.25, 1);

	config.all.reorder = NETEM_ALWAYS;
	config.all.gap = 5;
	give(NETEM_GAP);
	begin(6);
	for (i = 1; i <= PACKETS; i++)
		ck_assert_int_eq(netem_goes_ahead(&config.all, &state), i % 5 == 0);
}
END_TEST

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t drawn[PACKETS], expected[PACKETS];

/* Kolmogorov's and Smirnov's greatest distance of two distributions. */
static double distance(void)
{
	size_t i, j = 0;
	double most = 0, d;

	qsort(drawn, PACKETS, sizeof(drawn[0]), by_value);
	qsort(expected, PACKETS, sizeof(expected[0]), by_value);
	for (i = 0; i < PACKETS; i++) {
		/* Equal values count together. */
		if (i + 1 < PACKETS && drawn[i] == drawn[i + 1])
			continue;
		while (j < PACKETS && expected[j] <= drawn[i])
			j++;
		d = fabs((double)(i + 1) - (double)j) / PACKETS;
		if (d > most)
			most = d;
	}
	return most;
}

/* At the level of 0.1 % the distance of a sample of N is 1.95 / sqrt(N). */
#define KS_LIMIT (1.95 / sqrt(PACKETS))

START_TEST(netem_distributions)
{
	static const char *const names[] = { "normal", "pareto", "paretonormal" };
	struct bq_error error;
	size_t i, n, values;

	for (n = 0; n < N(names); n++) {
		forget();
		config.all.delay = 100000000;
		config.all.jitter = 20000000;
		begin(n);
		values =
			(size_t)bq_distribution_load(names[n], table, (int)NETEM_TABLE_MAX, &error);
		for (i = 0; i < PACKETS; i++) {
			drawn[i] = netem_delay(&config.all, &state, table, (uint32_t)values);
			expected[i] = (int64_t)rint(100e6 + 20e6 * table[i % values] / 8192.0);
		}
		ck_assert_msg(distance() < KS_LIMIT, "%s: %f", names[n], distance());
	}
}
END_TEST

START_TEST(netem_uniform)
{
	size_t i;

	forget();
	config.all.delay = 100000000;
	config.all.jitter = 20000000;
	begin(7);
	for (i = 0; i < PACKETS; i++) {
		drawn[i] = netem_delay(&config.all, &state, NULL, 0);
		ck_assert_int_ge(drawn[i], 80000000);
		ck_assert_int_lt(drawn[i], 120000000);
		expected[i] = 80000000 + (int64_t)(40000000.0 * (double)i / PACKETS);
	}
	/* As the kernel: a number modulo the width, of which 107 and a part go into 2^32. */
	ck_assert_msg(distance() < KS_LIMIT + 0.25 / 107, "%f", distance());
}
END_TEST

START_TEST(netem_rate)
{
	uint64_t time, last = 0;
	__s64 delay;
	int i;

	forget();
	config.all.rate = 125000; /* 1 Mbit/s */
	config.all.overhead = 24;
	begin(1);
	for (i = 1; i <= 1000; i++) {
		time = netem_time(&config.all, &state, NULL, 0, 5000, 976, &delay);
		ck_assert_uint_eq(time, 5000 + (uint64_t)i * 8000000);
	}
	/* A packet of 100 bytes in cells of 48, each 5 longer: three. */
	config.all.overhead = 0;
	config.all.cell_size = 48;
	config.all.cell_overhead = 5;
	ck_assert_uint_eq(netem_packet_time(&config.all, 100), 3 * 53 * 8000);
	config.all.overhead = -200;
	ck_assert_uint_eq(netem_packet_time(&config.all, 100), 0);
	/* Time between packets is not lost, nor saved. */
	config.all.cell_size = 0;
	config.all.overhead = 0;
	begin(1);
	netem_time(&config.all, &state, NULL, 0, 1000000000, 1000, &delay);
	last = netem_time(&config.all, &state, NULL, 0, 1004000000, 1000, &delay);
	ck_assert_uint_eq(last, 1016000000);
	last = netem_time(&config.all, &state, NULL, 0, 2000000000, 1000, &delay);
	ck_assert_uint_eq(last, 2008000000);
}
END_TEST

START_TEST(netem_ordered)
{
	uint64_t time, last = 0, now;
	__s64 delay;
	unsigned int i, later = 0;

	forget();
	config.all.delay = 10000000;
	config.all.jitter = 9000000;
	config.all.ordered = 1;
	begin(2);
	for (i = 0; i < PACKETS; i++) {
		now = i * UINT64_C(100000);
		time = netem_time(&config.all, &state, NULL, 0, now, 100, &delay);
		ck_assert_uint_ge(time, last);
		ck_assert_uint_lt(time, now + 19000000 + 1);
		later += time > last;
		last = time;
	}
	ck_assert_uint_gt(later, 1000);
}
END_TEST

START_TEST(netem_limit)
{
	/* 100 Mbit/s for 100 ms: 834 packets of 1500 bytes, half as many again, the queue. */
	ck_assert_uint_eq(netem_default_limit(12500000, 100000000, 0, 1500), 2250);
	ck_assert_uint_eq(netem_default_limit(0, 100000000, 0, 1500), 100000);
	ck_assert_uint_eq(netem_default_limit(1, 0, 0, 1500), 1000);
	ck_assert_uint_eq(netem_default_limit(UINT64_MAX, NETEM_MAX_TIME, 0, 0), NETEM_MAX_LIMIT);
	ck_assert_uint_eq(netem_default_limit(125000000000, 10000000000, 0, 68), NETEM_MAX_LIMIT);
}
END_TEST

Suite *netem_suite(void)
{
	Suite *s = suite_create("netem");

	ADD_TEST(s, netem_counts_of_the_kernel);
	ADD_TEST(s, netem_loss_random);
	ADD_TEST(s, netem_loss_correlated);
	ADD_TEST(s, netem_loss_burst);
	ADD_TEST(s, netem_loss_gemodel);
	ADD_TEST(s, netem_loss_state);
	ADD_TEST(s, netem_reorder_and_gap);
	ADD_TEST(s, netem_distributions);
	ADD_TEST(s, netem_uniform);
	ADD_TEST(s, netem_rate);
	ADD_TEST(s, netem_ordered);
	ADD_TEST(s, netem_limit);
	return s;
}
