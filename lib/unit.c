// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Values as tc writes them. Sizes: b, k, kb, m, mb, g, gb are powers of 1024 bytes, kbit, mbit,
 * gbit the same in bits. Times: ns, us, ms, s and their longer names.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "unit.h"

struct suffix {
	const char *word;
	double factor;
};

static const struct suffix sizes[] = {
	{ "", 1 },
	{ "b", 1 },
	{ "k", 1024 },
	{ "kb", 1024 },
	{ "m", 1024.0 * 1024 },
	{ "mb", 1024.0 * 1024 },
	{ "g", 1024.0 * 1024 * 1024 },
	{ "gb", 1024.0 * 1024 * 1024 },
	{ "kbit", 1024 / 8.0 },
	{ "mbit", 1024 * 1024 / 8.0 },
	{ "gbit", 1024.0 * 1024 * 1024 / 8 },
	{ NULL, 0 },
};

static const struct suffix times[] = {
	{ "ns", 1 },      { "nsec", 1 },	   { "nsecs", 1 },	     { "us", 1e3 },
	{ "usec", 1e3 },  { "usecs", 1e3 },	   { "ms", 1e6 },	     { "msec", 1e6 },
	{ "msecs", 1e6 }, { "s", 1e9 },		   { "sec", 1e9 },	     { "secs", 1e9 },
	{ "m", 60e9 },	  { "min", 60e9 },	   { "h", 3600e9 },	     { NULL, 0 },
};

static const struct suffix packets[] = { { "", 1 }, { "p", 1 }, { NULL, 0 } };
static const struct suffix counts[] = { { "", 1 }, { NULL, 0 } };

static const struct {
	const char *name;
	const struct suffix *suffixes;
	const char *words; /* the suffixes worth naming to people */
	const char *tail;  /* what a formatted value ends in */
} units[] = {
	[BQDISC_UNIT_COUNT] = { "count", counts, "", "" },
	[BQDISC_UNIT_PACKETS] = { "packets", packets, "", "p" },
	[BQDISC_UNIT_BYTES] = { "bytes", sizes, "b, kb, mb, gb, kbit, mbit, gbit", "b" },
	[BQDISC_UNIT_TIME] = { "ns", times, "ns, us, ms, s, m, h", "ns" },
};

static const struct suffix *find_suffix(enum bqdisc_unit unit, const char *word)
{
	const struct suffix *s;

	for (s = units[unit].suffixes; s->word; s++)
		if (!strcasecmp(s->word, word))
			return s;
	return NULL;
}

/* Whole numbers keep all their 64 bits; a fraction goes through a double. */
static enum bq_parse parse_whole(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	const struct suffix *s;
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (end == text)
		return BQ_PARSE_NOT_A_NUMBER;
	if (errno == ERANGE)
		return BQ_PARSE_OVERFLOW;
	s = find_suffix(unit, end);
	if (!s)
		return *end ? BQ_PARSE_BAD_UNIT : BQ_PARSE_NO_UNIT;
	if ((double)n * s->factor >= 0x1p64)
		return BQ_PARSE_OVERFLOW;
	*value = s->factor >= 1 ? n * (uint64_t)s->factor : (uint64_t)((double)n * s->factor);
	return BQ_PARSE_OK;
}

static enum bq_parse parse_fraction(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	const struct suffix *s;
	char *end;
	double n;

	n = strtod(text, &end);
	if (end == text || !isfinite(n))
		return BQ_PARSE_NOT_A_NUMBER;
	s = find_suffix(unit, end);
	if (!s)
		return *end ? BQ_PARSE_BAD_UNIT : BQ_PARSE_NO_UNIT;
	if (n * s->factor >= 0x1p64)
		return BQ_PARSE_OVERFLOW;
	*value = (uint64_t)(n * s->factor + 0.5);
	return BQ_PARSE_OK;
}

enum bq_parse bq_unit_parse(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	size_t digits;

	if (!*text)
		return BQ_PARSE_EMPTY;
	if (*text == '-')
		return BQ_PARSE_NEGATIVE;
	digits = strspn(text, "0123456789");
	/* strtod and strtoull would take blanks, signs, "inf" and hexadecimal too. */
	if (!digits)
		return BQ_PARSE_NOT_A_NUMBER;
	if (text[digits] != '.')
		return parse_whole(unit, text, value);
	if (unit == BQDISC_UNIT_COUNT || unit == BQDISC_UNIT_PACKETS)
		return BQ_PARSE_NOT_A_NUMBER;
	return parse_fraction(unit, text, value);
}

const char *bq_parse_says(enum bq_parse parse)
{
	static const char *const says[] = {
		[BQ_PARSE_OK] = "is right",
		[BQ_PARSE_EMPTY] = "is empty",
		[BQ_PARSE_NOT_A_NUMBER] = "is not a number",
		[BQ_PARSE_NEGATIVE] = "is negative",
		[BQ_PARSE_NO_UNIT] = "needs a unit",
		[BQ_PARSE_BAD_UNIT] = "has an unknown unit",
		[BQ_PARSE_OVERFLOW] = "is too large",
	};

	return says[parse];
}

const char *bqdisc_unit__name(enum bqdisc_unit unit)
{
	return units[unit].name;
}

const char *bq_unit_words(enum bqdisc_unit unit)
{
	return units[unit].words;
}

static char *format_time(uint64_t ns, char *buf, size_t size)
{
	static const struct suffix steps[] = { { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 } };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if ((double)ns < steps[i].factor)
			continue;
		snprintf(buf, size, "%.6g%s", (double)ns / steps[i].factor, steps[i].word);
		return buf;
	}
	snprintf(buf, size, "%" PRIu64 "ns", ns);
	return buf;
}

char *bqdisc_unit__format(enum bqdisc_unit unit, uint64_t value, char *buf, size_t size)
{
	if (unit == BQDISC_UNIT_TIME)
		return format_time(value, buf, size);
	snprintf(buf, size, "%" PRIu64 "%s", value, units[unit].tail);
	return buf;
}
