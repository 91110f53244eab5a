// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Parser of values, with the numbers of strtod(), truncated to an integer as in get_time64(),
 * get_rate64(), get_size() and parse_percent() of iproute2. tests/live/numbers.sh compares both.
 * Units of sizes and the "i" in units of rates are powers of 1024, the others powers of 1000.
 *
 * The man page lists the differences from tc: negative values, nan, infinity, overflow and a rate
 * or size that rounds to 0 are refused. A time other than 0 needs a unit.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/number.h"
#include "util/scale.h"
#include "util/unit.h"

#define TWO_TO_64 18446744073709551616.0

static const struct bq_scale sizes[] = {
	{ "", 1 },
	{ "b", 1 },
	{ "k", 1 << 10 },
	{ "kb", 1 << 10 },
	{ "m", 1 << 20 },
	{ "mb", 1 << 20 },
	{ "g", 1 << 30 },
	{ "gb", 1 << 30 },
	{ "kbit", (1 << 10) / 8 },
	{ "mbit", (1 << 20) / 8 },
	{ "gbit", (1 << 30) / 8 },
	{ NULL, 0 },
};

static const struct bq_scale times[] = {
	{ "ns", BQ_NS },    { "nsec", BQ_NS },    { "nsecs", BQ_NS },   { "us", BQ_US },
	{ "usec", BQ_US },  { "usecs", BQ_US },   { "ms", BQ_MS },      { "msec", BQ_MS },
	{ "msecs", BQ_MS }, { "s", BQ_S },        { "sec", BQ_S },      { "secs", BQ_S },
	{ "m", 60 * BQ_S }, { "min", 60 * BQ_S }, { "h", 3600 * BQ_S }, { NULL, 0 },
};

static const struct bq_scale rates[] = {
	{ "", 1 },
	{ "bit", 1 },
	{ "kbit", 1e3 },
	{ "mbit", 1e6 },
	{ "gbit", 1e9 },
	{ "tbit", 1e12 },
	{ "kibit", UINT64_C(1) << 10 },
	{ "mibit", UINT64_C(1) << 20 },
	{ "gibit", UINT64_C(1) << 30 },
	{ "tibit", UINT64_C(1) << 40 },
	{ "bps", 8 },
	{ "kbps", 8e3 },
	{ "mbps", 8e6 },
	{ "gbps", 8e9 },
	{ "tbps", 8e12 },
	{ "kibps", UINT64_C(8) << 10 },
	{ "mibps", UINT64_C(8) << 20 },
	{ "gibps", UINT64_C(8) << 30 },
	{ "tibps", UINT64_C(8) << 40 },
	{ NULL, 0 },
};

static const struct bq_scale packets[] = { { "", 1 }, { "p", 1 }, { NULL, 0 } };
static const struct bq_scale counts[] = { { "", 1 }, { NULL, 0 } };
/* 100% is UINT32_MAX: see scale_percent(). */
static const struct bq_scale percents[] = { { "", UINT32_MAX }, { "%", UINT32_MAX }, { NULL, 0 } };

static const struct {
	const char *name;
	const struct bq_scale *suffixes;
	const char *words; /* suffixes for messages */
	const char *tail;  /* suffix of a formatted value */
} units[] = {
	[BQDISC_UNIT_COUNT] = { "count", counts, "", "" },
	[BQDISC_UNIT_PACKETS] = { "packets", packets, "", "p" },
	[BQDISC_UNIT_BYTES] = { "bytes", sizes, "b, kb, mb, gb, kbit, mbit, gbit", "b" },
	[BQDISC_UNIT_TIME] = { "ns", times, "ns, us, ms, s, m, h", "ns" },
	[BQDISC_UNIT_RATE] = { "bits_per_second", rates, "bit, kbit, mbit, gbit, bps, kbps, mbps",
			       "bit" },
	[BQDISC_UNIT_FLAG] = { "flag", counts, "", "" },
	[BQDISC_UNIT_PERCENT] = { "percent", percents, "%", "%" },
	[BQDISC_UNIT_SIGNED] = { "bytes", sizes, "b, kb, mb, gb, kbit, mbit, gbit", "b" },
	[BQDISC_UNIT_NAME] = { "name", counts, "", "" },
	[BQDISC_UNIT_INTEGER] = { "integer", counts, "", "" },
	[BQDISC_UNIT_BOOL] = { "bool", counts, "", "" },
	[BQDISC_UNIT_CHOICE] = { "choice", counts, "", "" },
};

static const struct bq_scale *find_suffix(enum bqdisc_unit unit, const char *word)
{
	const struct bq_scale *s;

	for (s = units[unit].suffixes; s->word; s++)
		if (!strcasecmp(s->word, word))
			return s;
	return NULL;
}

/* Scale integers exactly, and other numbers in floating point as tc does. */
static bool scale(const struct bq_number *n, uint64_t factor, uint64_t *value)
{
	unsigned __int128 product = (unsigned __int128)n->digits * factor;
	double real = n->value * (double)factor;

	if (n->whole) {
		*value = (uint64_t)product;
		return !(product >> 64);
	}
	*value = real < TWO_TO_64 ? (uint64_t)real : 0;
	return real < TWO_TO_64;
}

static bool scale_percent(const struct bq_number *n, uint64_t *value)
{
	double real = rint(n->value / 100.0 * UINT32_MAX);

	*value = real < TWO_TO_64 ? (uint64_t)real : 0;
	return real < TWO_TO_64;
}

static enum bq_notation notation_of(enum bqdisc_unit unit, enum bq_notation as)
{
	static const enum bq_notation defaults[] = {
		[BQDISC_UNIT_COUNT] = BQ_AS_INTEGER,   [BQDISC_UNIT_FLAG] = BQ_AS_INTEGER,
		[BQDISC_UNIT_PACKETS] = BQ_AS_INTEGER, [BQDISC_UNIT_SIGNED] = BQ_AS_INTEGER,
		[BQDISC_UNIT_NAME] = BQ_AS_INTEGER,    [BQDISC_UNIT_INTEGER] = BQ_AS_INTEGER,
	};

	return as == BQ_AS_UNIT ? defaults[unit] : as;
}

/* Parse an integer where tc does. Accept a size with its unit there too. */
static enum bq_parse read_number(enum bqdisc_unit unit, enum bq_notation as, const char *text,
				 struct bq_number *n)
{
	bool size = unit == BQDISC_UNIT_BYTES || unit == BQDISC_UNIT_SIGNED;
	enum bq_parse parse;

	as = notation_of(unit, as);
	if (as != BQ_AS_INTEGER && as != BQ_AS_DECIMAL)
		return bq_read_real(text, n);
	parse = bq_read_integer(text, as == BQ_AS_DECIMAL ? 10 : 0, n);
	return size && (parse != BQ_PARSE_OK || *n->end) ? bq_read_real(text, n) : parse;
}

static bool is_signed(enum bqdisc_unit unit)
{
	return unit == BQDISC_UNIT_SIGNED || unit == BQDISC_UNIT_INTEGER;
}

static enum bq_parse check_sign(enum bqdisc_unit unit, const struct bq_number *n)
{
	if (n->negative && n->value > 0 && !is_signed(unit))
		return BQ_PARSE_NEGATIVE;
	return BQ_PARSE_OK;
}

/* Return true if a value rounds to 0, which would mean "no limit". */
static bool is_rounded_to_zero(enum bqdisc_unit unit, const struct bq_number *n, uint64_t result)
{
	return !result && n->value > 0 && unit != BQDISC_UNIT_TIME && unit != BQDISC_UNIT_PERCENT;
}

static const struct bq_scale *suffix_of(enum bqdisc_unit unit, enum bq_notation as,
					const struct bq_number *n)
{
	static const struct bq_scale ns = { "", BQ_NS };
	const struct bq_scale *s = find_suffix(unit, n->end);

	if (!s && unit == BQDISC_UNIT_TIME && !*n->end && n->value <= 0)
		return &ns;
	return !s && as == BQ_AS_SIZE ? find_suffix(BQDISC_UNIT_BYTES, n->end) : s;
}

enum bq_parse bq_unit_parse_as(enum bqdisc_unit unit, enum bq_notation as, const char *text,
			       uint64_t *value)
{
	const struct bq_scale *s;
	struct bq_number n;
	enum bq_parse parse = read_number(unit, as, text, &n);
	uint64_t result;
	bool fits;

	if (parse == BQ_PARSE_OK)
		parse = check_sign(unit, &n);
	if (parse != BQ_PARSE_OK)
		return parse;
	s = suffix_of(unit, as, &n);
	if (!s)
		return *n.end ? BQ_PARSE_BAD_UNIT : BQ_PARSE_NO_UNIT;
	fits = unit == BQDISC_UNIT_PERCENT ? scale_percent(&n, &result)
					   : scale(&n, s->factor, &result);
	if (!fits || (is_signed(unit) && result > (uint64_t)INT64_MAX + n.negative))
		return BQ_PARSE_OVERFLOW;
	if (is_rounded_to_zero(unit, &n, result))
		return BQ_PARSE_TOO_SMALL;
	*value = n.negative ? -result : result;
	return BQ_PARSE_OK;
}

enum bq_parse bq_unit_parse(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	return bq_unit_parse_as(unit, BQ_AS_UNIT, text, value);
}

/* tc prints the product with six decimals, and parses that. */
enum bq_parse bq_unit_parse_share(const char *text, uint32_t mbit, uint64_t *rate)
{
	struct bq_number n;
	enum bq_parse parse = bq_read_real(text, &n);
	double bits;

	if (parse == BQ_PARSE_OK)
		parse = check_sign(BQDISC_UNIT_PERCENT, &n);
	if (parse != BQ_PARSE_OK)
		return parse;
	if (strcmp(n.end, "%"))
		return BQ_PARSE_BAD_UNIT;
	if (n.value > 100)
		return BQ_PARSE_OVERFLOW;
	bits = n.value / 100.0 * mbit * 1000 * 1000 + 5e-7;
	if (is_rounded_to_zero(BQDISC_UNIT_RATE, &n, (uint64_t)bits))
		return BQ_PARSE_TOO_SMALL;
	*rate = (uint64_t)bits;
	return BQ_PARSE_OK;
}

const char *bq_parse_strerror(enum bq_parse parse)
{
	static const char *const messages[] = {
		[BQ_PARSE_OK] = "is valid",
		[BQ_PARSE_EMPTY] = "is empty",
		[BQ_PARSE_NOT_A_NUMBER] = "is not a number",
		[BQ_PARSE_NEGATIVE] = "is negative",
		[BQ_PARSE_NO_UNIT] = "needs a unit",
		[BQ_PARSE_BAD_UNIT] = "has an unknown unit",
		[BQ_PARSE_OVERFLOW] = "is too large",
		[BQ_PARSE_TOO_SMALL] = "is too small; it would be rounded to 0",
	};

	return messages[parse];
}

const char *bqdisc_unit__name(enum bqdisc_unit unit)
{
	return units[unit].name;
}

const char *bqdisc_unit__words(enum bqdisc_unit unit)
{
	return units[unit].words;
}

const char *bq_unit_tail(enum bqdisc_unit unit)
{
	return units[unit].tail;
}

bool bqdisc_unit__parse(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	return bq_unit_parse(unit, text, value) == BQ_PARSE_OK;
}
