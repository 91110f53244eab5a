// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/util/unit.c and unit_format.c: conversion of values from and to text. */
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "suites.h"
#include "util/unit.h"

#define COUNT BQDISC_UNIT_COUNT
#define PACKETS BQDISC_UNIT_PACKETS
#define BYTES BQDISC_UNIT_BYTES
#define TIME BQDISC_UNIT_TIME
#define RATE BQDISC_UNIT_RATE
#define PERCENT BQDISC_UNIT_PERCENT

#define UNTOUCHED UINT64_C(0xdead)
#define ROUNDS 20000

struct row {
	enum bqdisc_unit unit;
	const char *text;
	uint64_t value;
};

static void check_values(const struct row *rows, size_t n)
{
	const struct row *r;
	uint64_t value;

	for (r = rows; r < rows + n; r++) {
		enum bq_parse parse = bq_unit_parse(r->unit, r->text, &value);

		ck_assert_msg(parse == BQ_PARSE_OK, "%s '%s' %s", bqdisc_unit__name(r->unit),
			      r->text, bq_parse_strerror(parse));
		ck_assert_msg(value == r->value, "%s '%s' is %" PRIu64 ", not %" PRIu64,
			      bqdisc_unit__name(r->unit), r->text, value, r->value);
	}
}

struct refusal {
	enum bqdisc_unit unit;
	const char *text;
	enum bq_parse why;
};

static void check_refusals(const struct refusal *rows, size_t n)
{
	const struct refusal *r;

	for (r = rows; r < rows + n; r++) {
		uint64_t value = UNTOUCHED;
		enum bq_parse parse = bq_unit_parse(r->unit, r->text, &value);

		ck_assert_msg(parse == r->why, "%s '%s' %s; expected: %s",
			      bqdisc_unit__name(r->unit), r->text, bq_parse_strerror(parse),
			      bq_parse_strerror(r->why));
		ck_assert_msg(value == UNTOUCHED, "'%s' was refused and yet wrote a value",
			      r->text);
	}
}

START_TEST(unit_plain_numbers)
{
	static const struct row rows[] = {
		{ COUNT, "0", 0 },
		{ COUNT, "7", 7 },
		{ COUNT, "007", 7 },
		{ COUNT, "010", 8 },
		{ COUNT, "0x1F", 31 },
		{ COUNT, " +7", 7 },
		{ COUNT, "-0", 0 },
		{ COUNT, "18446744073709551615", UINT64_MAX },
		{ PACKETS, "0", 0 },
		{ PACKETS, "1000", 1000 },
		{ PACKETS, "1000p", 1000 },
		{ PACKETS, "1000P", 1000 },
		{ PACKETS, "18446744073709551615p", UINT64_MAX },
	};

	check_values(rows, N(rows));
}
END_TEST

START_TEST(unit_every_size)
{
	static const struct row rows[] = {
		{ BYTES, "3", 3 },
		{ BYTES, "3b", 3 },
		{ BYTES, "3k", 3072 },
		{ BYTES, "3kb", 3072 },
		{ BYTES, "3m", 3145728 },
		{ BYTES, "3mb", 3145728 },
		{ BYTES, "3g", 3221225472 },
		{ BYTES, "3gb", 3221225472 },
		{ BYTES, "3kbit", 384 },
		{ BYTES, "3mbit", 393216 },
		{ BYTES, "3gbit", 402653184 },
		{ BYTES, "3KB", 3072 },
		{ BYTES, "3Mbit", 393216 },
		{ BYTES, "1.5kb", 1536 },
		{ BYTES, "0.25mb", 262144 },
	};

	check_values(rows, N(rows));
}
END_TEST

/* Values in scripts for tc, and what tc 6.1 sends to the kernel for them. */
START_TEST(unit_forms_of_tc)
{
	static const struct row rows[] = {
		{ TIME, ".5ms", 500000 },
		{ TIME, "1e2ms", 100000000 },
		{ TIME, "1.5e-3S", 1500000 },
		{ TIME, "5.ms", 5000000 },
		{ TIME, "0x10ms", 16000000 },
		{ TIME, "0x1p3us", 8000 },
		{ TIME, " +5ms", 5000000 },
		{ TIME, "010ms", 10000000 },
		{ TIME, "0", 0 },
		{ TIME, "0.0", 0 },
		{ TIME, "-0", 0 },
		{ TIME, "00", 0 },
		{ PERCENT, ".005%", 214748 },
		{ PERCENT, "1e-3%", 42950 },
		{ PERCENT, "1e1", 429496730 },
		{ PERCENT, "0x1p3%", 343597384 },
		{ PERCENT, "1e-30%", 0 },
		{ RATE, "8", 8 },
		{ RATE, "1e6", 1000000 },
		{ RATE, ".5mbit", 500000 },
		{ RATE, "0x10kbit", 16000 },
		{ RATE, "1BPS", 8 },
		{ RATE, "1Kibit", 1024 },
		{ RATE, "1mibit", 1048576 },
		{ RATE, "1gibit", 1073741824 },
		{ RATE, "1tibit", UINT64_C(1099511627776) },
		{ RATE, "1tbit", UINT64_C(1000000000000) },
		{ RATE, "1KBps", 8000 },
		{ RATE, "1MBps", 8000000 },
		{ RATE, "1gbps", UINT64_C(8000000000) },
		{ RATE, "1tbps", UINT64_C(8000000000000) },
		{ RATE, "1KiBps", 8192 },
		{ RATE, "1mibps", 8388608 },
		{ RATE, "1gibps", UINT64_C(8589934592) },
		{ RATE, "1tibps", UINT64_C(8796093022208) },
		{ BYTES, "1e3", 1000 },
		{ BYTES, ".5k", 512 },
		{ BYTES, "010", 10 },
		{ BYTES, "0x10", 16 },
	};

	check_values(rows, N(rows));
}
END_TEST

/* A limit that rounds to 0 would mean no limit. */
START_TEST(unit_what_rounds_to_zero)
{
	static const struct refusal rows[] = {
		{ RATE, "0.9bit", BQ_PARSE_TOO_SMALL },
		{ RATE, "1e-9mbit", BQ_PARSE_TOO_SMALL },
		{ BYTES, "0.5", BQ_PARSE_TOO_SMALL },
		{ BYTES, "0.0001k", BQ_PARSE_TOO_SMALL },
		{ BQDISC_UNIT_SIGNED, "-0.5b", BQ_PARSE_TOO_SMALL },
	};

	check_refusals(rows, N(rows));
}
END_TEST

START_TEST(unit_integers_and_sizes)
{
	static const struct {
		enum bqdisc_unit unit;
		enum bq_notation as;
		const char *text;
		enum bq_parse parse;
		uint64_t value;
	} rows[] = {
		{ BYTES, BQ_AS_INTEGER, "010", BQ_PARSE_OK, 8 },
		{ BYTES, BQ_AS_INTEGER, "0x10", BQ_PARSE_OK, 16 },
		{ BYTES, BQ_AS_INTEGER, "3k", BQ_PARSE_OK, 3072 },
		{ BYTES, BQ_AS_INTEGER, "1.5k", BQ_PARSE_OK, 1536 },
		{ BYTES, BQ_AS_INTEGER, "3ms", BQ_PARSE_BAD_UNIT, 0 },
		{ PACKETS, BQ_AS_SIZE, "1.5k", BQ_PARSE_OK, 1536 },
		{ PACKETS, BQ_AS_SIZE, "010", BQ_PARSE_OK, 10 },
		{ PACKETS, BQ_AS_SIZE, "1e3p", BQ_PARSE_OK, 1000 },
		{ PACKETS, BQ_AS_SIZE, "0.5", BQ_PARSE_TOO_SMALL, 0 },
		{ COUNT, BQ_AS_DECIMAL, "010", BQ_PARSE_OK, 10 },
		{ COUNT, BQ_AS_DECIMAL, "0x10", BQ_PARSE_BAD_UNIT, 0 },
	};
	uint64_t value;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		value = 0;
		ck_assert_msg(bq_unit_parse_as(rows[i].unit, rows[i].as, rows[i].text, &value) ==
					      rows[i].parse &&
				      value == rows[i].value,
			      "'%s' is %" PRIu64, rows[i].text, value);
	}
}
END_TEST

START_TEST(unit_share_of_a_link)
{
	static const struct {
		const char *text;
		enum bq_parse parse;
		uint64_t rate;
	} rows[] = {
		{ "50%", BQ_PARSE_OK, UINT64_C(5000000000) },
		{ "100%", BQ_PARSE_OK, UINT64_C(10000000000) },
		{ ".5%", BQ_PARSE_OK, 50000000 },
		{ "1e1%", BQ_PARSE_OK, 1000000000 },
		{ "33.333%", BQ_PARSE_OK, UINT64_C(3333300000) },
		{ "0%", BQ_PARSE_OK, 0 },
		{ "101%", BQ_PARSE_OVERFLOW, 0 },
		{ "-5%", BQ_PARSE_NEGATIVE, 0 },
		{ "50%x", BQ_PARSE_BAD_UNIT, 0 },
		{ "nan%", BQ_PARSE_NOT_A_NUMBER, 0 },
		{ "1e-12%", BQ_PARSE_TOO_SMALL, 0 },
	};
	uint64_t rate;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		rate = 0;
		ck_assert_msg(bq_unit_parse_share(rows[i].text, 10000, &rate) == rows[i].parse &&
				      rate == rows[i].rate,
			      "'%s' is %" PRIu64, rows[i].text, rate);
	}
}
END_TEST

/* The decimal point is that of the C locale, independent of the caller's. */
START_TEST(unit_in_a_locale_with_a_comma)
{
	static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8" };
	static const struct row rows[] = { { TIME, "1.5ms", 1500000 },
					   { PERCENT, "0.5%", 21474836 } };
	size_t i;

	for (i = 0; i < N(names) && !setlocale(LC_ALL, names[i]); i++)
		;
	check_values(rows, N(rows));
	setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(unit_every_time)
{
	static const struct row rows[] = {
		{ TIME, "3ns", 3 },
		{ TIME, "3nsec", 3 },
		{ TIME, "3nsecs", 3 },
		{ TIME, "3us", 3000 },
		{ TIME, "3usec", 3000 },
		{ TIME, "3usecs", 3000 },
		{ TIME, "3ms", 3000000 },
		{ TIME, "3msec", 3000000 },
		{ TIME, "3msecs", 3000000 },
		{ TIME, "3s", 3000000000 },
		{ TIME, "3sec", 3000000000 },
		{ TIME, "3secs", 3000000000 },
		{ TIME, "3m", 180000000000 },
		{ TIME, "3min", 180000000000 },
		{ TIME, "3h", 10800000000000 },
		{ TIME, "0s", 0 },
		{ TIME, "1.5s", 1500000000 },
		{ TIME, "1.5MS", 1500000 },
		{ TIME, "0.1us", 100 },
		{ TIME, "0.5h", 1800000000000 },
	};

	check_values(rows, N(rows));
}
END_TEST

/* get_time64() and get_size() of tc truncate. */
START_TEST(unit_fractions_are_cut_off)
{
	static const struct row rows[] = {
		{ TIME, "0.4ns", 0 },
		{ TIME, "0.5ns", 0 },
		{ TIME, "1.6ns", 1 },
		{ TIME, "0.0004us", 0 },
		{ BYTES, "0.1kb", 102 },
		/* 1.001 * 1000 is less than 1001 in floating point. */
		{ RATE, "1.001kbit", 1000 },
		{ TIME, "0.1000000000000000000000s", 100000000 },
	};

	check_values(rows, N(rows));
}
END_TEST

START_TEST(unit_largest_values)
{
	static const struct row rows[] = {
		{ BYTES, "18446744073709551615", UINT64_MAX },
		{ BYTES, "18446744073709551615b", UINT64_MAX },
		{ BYTES, "17179869183gb", UINT64_C(17179869183) << 30 },
		{ BYTES, "18014398509481983k", UINT64_C(18014398509481983) << 10 },
		{ TIME, "18446744073709551615ns", UINT64_MAX },
		{ TIME, "18446744073709551us", UINT64_C(18446744073709551000) },
		{ TIME, "18446744073s", UINT64_C(18446744073000000000) },
		{ TIME, "5124095h", UINT64_C(18446742000000000000) },
	};

	check_values(rows, N(rows));
}
END_TEST

START_TEST(unit_overflow)
{
	static const struct refusal rows[] = {
		{ COUNT, "18446744073709551616", BQ_PARSE_OVERFLOW },
		{ COUNT, "99999999999999999999999999999", BQ_PARSE_OVERFLOW },
		{ BYTES, "18446744073709551616", BQ_PARSE_OVERFLOW },
		{ BYTES, "18014398509481984k", BQ_PARSE_OVERFLOW },
		{ BYTES, "17179869184gb", BQ_PARSE_OVERFLOW },
		{ BYTES, "17179869184.5gb", BQ_PARSE_OVERFLOW },
		{ TIME, "18446744073709552us", BQ_PARSE_OVERFLOW },
		{ TIME, "18446744074s", BQ_PARSE_OVERFLOW },
		{ TIME, "18446744073.709551616s", BQ_PARSE_OVERFLOW },
		{ TIME, "1e400s", BQ_PARSE_OVERFLOW },
		{ RATE, "1e400bit", BQ_PARSE_OVERFLOW },
		{ RATE, "99999999999999999999", BQ_PARSE_OVERFLOW },
		{ RATE, "2305843009213693952bps", BQ_PARSE_OVERFLOW },
		{ PERCENT, "1e400%", BQ_PARSE_OVERFLOW },
		{ PERCENT, "99999999999999999999%", BQ_PARSE_OVERFLOW },
		{ TIME, "5124096h", BQ_PARSE_OVERFLOW },
	};

	check_refusals(rows, N(rows));
}
END_TEST

START_TEST(unit_empty_and_negative)
{
	static const struct refusal rows[] = {
		{ COUNT, "", BQ_PARSE_EMPTY },         { PACKETS, "", BQ_PARSE_EMPTY },
		{ BYTES, "", BQ_PARSE_EMPTY },         { TIME, "", BQ_PARSE_EMPTY },
		{ COUNT, "-1", BQ_PARSE_NEGATIVE },    { PACKETS, "-5p", BQ_PARSE_NEGATIVE },
		{ BYTES, "-", BQ_PARSE_NOT_A_NUMBER }, { RATE, "-1mbit", BQ_PARSE_NEGATIVE },
		{ PERCENT, "-1%", BQ_PARSE_NEGATIVE }, { TIME, "-1.5ms", BQ_PARSE_NEGATIVE },
	};

	check_refusals(rows, N(rows));
}
END_TEST

START_TEST(unit_required)
{
	static const struct refusal rows[] = {
		{ TIME, "10", BQ_PARSE_NO_UNIT },  { TIME, "0x1", BQ_PARSE_NO_UNIT },
		{ TIME, "1.5", BQ_PARSE_NO_UNIT }, { TIME, "0.01", BQ_PARSE_NO_UNIT },
		{ TIME, "1e3", BQ_PARSE_NO_UNIT },
	};

	check_refusals(rows, N(rows));
}
END_TEST

START_TEST(unit_garbage)
{
	static const struct refusal rows[] = {
		{ COUNT, "abc", BQ_PARSE_NOT_A_NUMBER },
		{ COUNT, "++1", BQ_PARSE_NOT_A_NUMBER },
		{ COUNT, " ", BQ_PARSE_NOT_A_NUMBER },
		{ COUNT, "1.5", BQ_PARSE_NOT_A_NUMBER },
		{ PACKETS, "1.0", BQ_PARSE_NOT_A_NUMBER },
		{ BYTES, ".kb", BQ_PARSE_NOT_A_NUMBER },
		{ BYTES, "inf", BQ_PARSE_NOT_A_NUMBER },
		{ TIME, "nan", BQ_PARSE_NOT_A_NUMBER },
		{ TIME, "ms", BQ_PARSE_NOT_A_NUMBER },
		{ COUNT, "12abc", BQ_PARSE_BAD_UNIT },
		{ COUNT, "1 ", BQ_PARSE_BAD_UNIT },
		{ COUNT, "0xg", BQ_PARSE_BAD_UNIT },
		{ COUNT, "1e3", BQ_PARSE_BAD_UNIT },
		{ PACKETS, "1b", BQ_PARSE_BAD_UNIT },
		{ PACKETS, "1pp", BQ_PARSE_BAD_UNIT },
		{ BYTES, "1ms", BQ_PARSE_BAD_UNIT },
		{ BYTES, "1 kb", BQ_PARSE_BAD_UNIT },
		{ BYTES, "1kbs", BQ_PARSE_BAD_UNIT },
		{ TIME, "1kb", BQ_PARSE_BAD_UNIT },
		{ TIME, "1.5.5s", BQ_PARSE_BAD_UNIT },
		{ TIME, "1.5es", BQ_PARSE_BAD_UNIT },
		{ TIME, "10ms\n", BQ_PARSE_BAD_UNIT },
		{ TIME, "10ms-", BQ_PARSE_BAD_UNIT },
		{ COUNT, "08", BQ_PARSE_BAD_UNIT },
		{ RATE, "nan", BQ_PARSE_NOT_A_NUMBER },
		{ RATE, "-inf", BQ_PARSE_NOT_A_NUMBER },
		{ PERCENT, "infinity", BQ_PARSE_NOT_A_NUMBER },
		{ RATE, "5b", BQ_PARSE_BAD_UNIT },
		{ RATE, "5k", BQ_PARSE_BAD_UNIT },
		{ RATE, "5%", BQ_PARSE_BAD_UNIT },
		{ RATE, "1mb", BQ_PARSE_BAD_UNIT },
		{ PERCENT, "5%%", BQ_PARSE_BAD_UNIT },
		{ PERCENT, "5 %", BQ_PARSE_BAD_UNIT },
		{ BYTES, "5bps", BQ_PARSE_BAD_UNIT },
		{ TIME, "5 ms", BQ_PARSE_BAD_UNIT },
	};

	check_refusals(rows, N(rows));
}
END_TEST

START_TEST(unit_format_for_people)
{
	static const struct row rows[] = {
		{ COUNT, "0", 0 },
		{ PACKETS, "5p", 5 },
		{ BYTES, "15000b", 15000 },
		{ TIME, "0ns", 0 },
		{ TIME, "999ns", 999 },
		{ TIME, "1us", 1000 },
		{ TIME, "1.5ms", 1500000 },
		{ TIME, "1s", 1000000000 },
		{ TIME, "90s", 90000000000 },
	};
	const struct row *r;
	char buf[32];

	for (r = rows; r < rows + N(rows); r++)
		ck_assert_str_eq(bqdisc_unit__format(r->unit, r->value, buf, sizeof(buf)), r->text);
}
END_TEST

/* attach must parse what show prints to the same value, exact to the nanosecond. */
static void check_round_trip(enum bqdisc_unit unit, uint64_t value)
{
	uint64_t back = 0;
	enum bq_parse parse;
	char buf[32];

	memset(buf, 'x', sizeof(buf));
	bqdisc_unit__format(unit, value, buf, sizeof(buf));
	ck_assert_msg(memchr(buf, '\0', sizeof(buf) - 1), "%" PRIu64 " %s need the whole buffer",
		      value, bqdisc_unit__name(unit));
	parse = bq_unit_parse(unit, buf, &back);
	ck_assert_msg(parse == BQ_PARSE_OK && back == value, "%" PRIu64 " %s -> '%s' -> %" PRIu64,
		      value, bqdisc_unit__name(unit), buf, back);
}

START_TEST(unit_round_trip_boundaries)
{
	int unit, bit;

	for (unit = COUNT; unit <= TIME; unit++) {
		check_round_trip(unit, 0);
		check_round_trip(unit, UINT64_MAX);
		for (bit = 0; bit < 64; bit++) {
			check_round_trip(unit, UINT64_C(1) << bit);
			check_round_trip(unit, (UINT64_C(1) << bit) - 1);
		}
	}
}
END_TEST

START_TEST(unit_round_trip_powers_of_ten)
{
	uint64_t power;
	int i;

	for (i = 0, power = 1; i < 20; i++, power *= 10) {
		check_round_trip(TIME, power - 1);
		check_round_trip(TIME, power);
		check_round_trip(TIME, power + 1);
	}
}
END_TEST

START_TEST(unit_round_trip_random)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		check_round_trip((enum bqdisc_unit)random_below(TIME + 1), random_magnitude());
}
END_TEST

/* Random text gets an answer; an accepted value survives formatting. */
START_TEST(unit_random_text)
{
	static const char alphabet[] = "0123456789.....-+ bkmgituspnecx\xc3\xa9";
	char text[16];
	size_t i, len;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		enum bqdisc_unit unit = (enum bqdisc_unit)random_below(TIME + 1);
		uint64_t value = UNTOUCHED;

		len = random_below(sizeof(text));
		for (i = 0; i < len; i++)
			text[i] = alphabet[random_below(sizeof(alphabet) - 1)];
		text[len] = '\0';
		if (bq_unit_parse(unit, text, &value) == BQ_PARSE_OK)
			check_round_trip(unit, value);
		else
			ck_assert_msg(value == UNTOUCHED, "'%s' wrote a value", text);
	}
}
END_TEST

START_TEST(unit_words_are_units)
{
	int unit;

	for (unit = COUNT; unit <= TIME; unit++) {
		char list[64], text[16], *word, *rest = list;
		uint64_t value;

		snprintf(list, sizeof(list), "%s", bqdisc_unit__words(unit));
		while ((word = strsep(&rest, ", ")))
			if (*word) {
				snprintf(text, sizeof(text), "1%s", word);
				ck_assert_int_eq(bq_unit_parse(unit, text, &value), BQ_PARSE_OK);
			}
	}
}
END_TEST

/* tc computes rint(percent / 100 * 4294967295). */
START_TEST(unit_percent)
{
	static const struct row rows[] = {
		{ PERCENT, "0", 0 },
		{ PERCENT, "0%", 0 },
		{ PERCENT, "5%", 214748365 },
		{ PERCENT, "0.3", 12884902 },
		{ PERCENT, "25%", 1073741824 },
		{ PERCENT, "70%", 3006477106 },
		{ PERCENT, "0.00000002%", 1 },
		{ PERCENT, "99.99999999%", UINT32_MAX },
		{ PERCENT, "100%", UINT32_MAX },
		{ PERCENT, "200%", 2 * (uint64_t)UINT32_MAX },
		{ PERCENT, "0.1234567890123456789%", 5302429 },
	};

	check_values(rows, N(rows));
}
END_TEST

START_TEST(unit_percent_round_trip)
{
	uint64_t value, again;
	char text[32];
	int i;

	ck_assert_str_eq(bqdisc_unit__format(PERCENT, 214748365, text, sizeof(text)), "5%");
	ck_assert_str_eq(bqdisc_unit__format(PERCENT, 12884902, text, sizeof(text)), "0.3%");
	ck_assert_str_eq(bqdisc_unit__format(PERCENT, UINT32_MAX, text, sizeof(text)), "100%");
	for (i = 0; i < ROUNDS; i++) {
		value = random_u64() & UINT32_MAX;
		bqdisc_unit__format(PERCENT, value, text, sizeof(text));
		ck_assert_int_eq(bq_unit_parse(PERCENT, text, &again), BQ_PARSE_OK);
		ck_assert_msg(again == value, "%s is %" PRIu64 ", not %" PRIu64, text, again,
			      value);
	}
}
END_TEST

START_TEST(unit_signed)
{
	static const struct row rows[] = {
		{ BQDISC_UNIT_SIGNED, "0", 0 },
		{ BQDISC_UNIT_SIGNED, "-1", UINT64_MAX },
		{ BQDISC_UNIT_SIGNED, "-1kb", (uint64_t)-1024 },
		{ BQDISC_UNIT_SIGNED, "48", 48 },
		{ BQDISC_UNIT_INTEGER, "-1", UINT64_MAX },
		{ BQDISC_UNIT_INTEGER, "9223372036854775807", INT64_MAX },
		{ BQDISC_UNIT_INTEGER, "-9223372036854775808", (uint64_t)INT64_MIN },
		{ BQDISC_UNIT_SIGNED, "-010", (uint64_t)-8 },
	};
	static const struct refusal refusals[] = {
		{ BQDISC_UNIT_SIGNED, "--1", BQ_PARSE_NOT_A_NUMBER },
		{ BQDISC_UNIT_SIGNED, "-", BQ_PARSE_NOT_A_NUMBER },
		{ BQDISC_UNIT_SIGNED, "9223372036854775808", BQ_PARSE_OVERFLOW },
		{ BQDISC_UNIT_INTEGER, "9223372036854775808", BQ_PARSE_OVERFLOW },
		{ BQDISC_UNIT_INTEGER, "-9223372036854775809", BQ_PARSE_OVERFLOW },
		{ BQDISC_UNIT_INTEGER, "1.5", BQ_PARSE_NOT_A_NUMBER },
		{ BQDISC_UNIT_INTEGER, "1kb", BQ_PARSE_BAD_UNIT },
	};
	char text[32];

	check_values(rows, N(rows));
	check_refusals(refusals, N(refusals));
	bqdisc_unit__format(BQDISC_UNIT_SIGNED, (uint64_t)-20, text, sizeof(text));
	ck_assert_str_eq(text, "-20b");
}
END_TEST

START_TEST(unit_every_outcome_has_words)
{
	int parse;

	for (parse = BQ_PARSE_OK; parse <= BQ_PARSE_TOO_SMALL; parse++)
		ck_assert_ptr_nonnull(bq_parse_strerror(parse));
}
END_TEST

/* Values for which 15 digits were not enough. */
START_TEST(unit_largest_rates_round_trip)
{
	static const uint64_t rates[] = {
		UINT64_C(1125899906842624), 34359738360, 1001, 999999,  1500000,
		UINT64_C(8796093022208),    0,           1,    1000001, 123456789
	};
	char buf[32];
	uint64_t back;
	size_t i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		bqdisc_unit__format(BQDISC_UNIT_RATE, rates[i], buf, sizeof(buf));
		ck_assert_int_eq(bq_unit_parse(BQDISC_UNIT_RATE, buf, &back), BQ_PARSE_OK);
		ck_assert_uint_eq(back, rates[i]);
	}
}
END_TEST

START_TEST(unit_sizes_are_rounded_for_people)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = { { 0, "0 B" },
		      { 1023, "1023 B" },
		      { 1024, "1.0 KB" },
		      { 15000, "15 KB" },
		      { 1 << 20, "1.0 MB" },
		      { 5600784, "5.3 MB" },
		      { UINT64_C(7) << 30, "7.0 GB" },
		      { UINT64_MAX, "17179869184 GB" } };
	char buf[32];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		ck_assert_str_eq(bqdisc_size__round(sizes[i].bytes, buf, sizeof(buf)),
				 sizes[i].text);
}
END_TEST

START_TEST(unit_values_are_rounded_for_people)
{
	static const struct {
		enum bqdisc_unit unit;
		uint64_t value;
		const char *text;
	} values[] = {
		{ BQDISC_UNIT_TIME, 0, "0ns" },
		{ BQDISC_UNIT_TIME, 999, "999ns" },
		{ BQDISC_UNIT_TIME, 1234567891, "1.235s" },
		{ BQDISC_UNIT_TIME, UINT64_C(119999999999), "120s" },
		{ BQDISC_UNIT_TIME, UINT64_C(598) * 1000000000, "9m58s" },
		{ BQDISC_UNIT_TIME, UINT64_C(600) * 1000000000, "10m" },
		{ BQDISC_UNIT_TIME, UINT64_C(19200) * 1000000000, "5h20m" },
		{ BQDISC_UNIT_TIME, UINT64_C(1047600) * 1000000000, "12d3h" },
		{ BQDISC_UNIT_TIME, UINT64_MAX, "no limit" },
		{ BQDISC_UNIT_RATE, 0, "0bit" },
		{ BQDISC_UNIT_RATE, 550000, "550kbit" },
		{ BQDISC_UNIT_RATE, 1000000000, "1gbit" },
		{ BQDISC_UNIT_RATE, UINT64_C(34359738360), "34.36gbit" },
		{ BQDISC_UNIT_BYTES, 0, "0b" },
		{ BQDISC_UNIT_BYTES, 3028, "3028b" },
		{ BQDISC_UNIT_BYTES, 65536, "64kb" },
		{ BQDISC_UNIT_BYTES, UINT32_MAX, "4gb" },
		{ BQDISC_UNIT_PACKETS, 1000, "1000p" },
		{ BQDISC_UNIT_PERCENT, UINT32_MAX, "100%" },
	};
	char buf[32];
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		ck_assert_str_eq(
			bqdisc_unit__round(values[i].unit, values[i].value, buf, sizeof(buf)),
			values[i].text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *s = suite_create("unit");

	ADD_TEST(s, unit_plain_numbers);
	ADD_TEST(s, unit_every_size);
	ADD_TEST(s, unit_every_time);
	ADD_TEST(s, unit_forms_of_tc);
	ADD_TEST(s, unit_what_rounds_to_zero);
	ADD_TEST(s, unit_integers_and_sizes);
	ADD_TEST(s, unit_share_of_a_link);
	ADD_TEST(s, unit_in_a_locale_with_a_comma);
	ADD_TEST(s, unit_fractions_are_cut_off);
	ADD_TEST(s, unit_largest_values);
	ADD_TEST(s, unit_overflow);
	ADD_TEST(s, unit_empty_and_negative);
	ADD_TEST(s, unit_required);
	ADD_TEST(s, unit_garbage);
	ADD_TEST(s, unit_format_for_people);
	ADD_TEST(s, unit_round_trip_boundaries);
	ADD_TEST(s, unit_round_trip_powers_of_ten);
	ADD_TEST(s, unit_round_trip_random);
	ADD_TEST(s, unit_random_text);
	ADD_TEST(s, unit_words_are_units);
	ADD_TEST(s, unit_percent);
	ADD_TEST(s, unit_percent_round_trip);
	ADD_TEST(s, unit_signed);
	ADD_TEST(s, unit_every_outcome_has_words);
	ADD_TEST(s, unit_sizes_are_rounded_for_people);
	ADD_TEST(s, unit_values_are_rounded_for_people);
	ADD_TEST(s, unit_largest_rates_round_trip);
	return s;
}
