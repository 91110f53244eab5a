// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Values as tc writes them, with the numbers of strtod(), cut to an integer as in iproute2's
 * get_time64(), get_rate64(), get_size() and parse_percent(). tests/live/numbers.sh compares both.
 * Units of sizes and the "i" in those of rates are powers of 1024, the others powers of 1000.
 *
 * Differences from tc, as the man page tells them: negative values, nan, infinity and overflow are
 * refused, and so is a rate or size that rounds to 0. A time other than 0 needs a unit.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/number.h"
#include "util/unit.h"

struct suffix {
	const char *word;
	uint64_t factor;
};

#define NS UINT64_C(1)
#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

#define TWO_TO_64 18446744073709551616.0

static const struct suffix sizes[] = {
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

static const struct suffix times[] = {
	{ "ns", NS },    { "nsec", NS },    { "nsecs", NS },   { "us", US },
	{ "usec", US },  { "usecs", US },   { "ms", MS },      { "msec", MS },
	{ "msecs", MS }, { "s", S },        { "sec", S },      { "secs", S },
	{ "m", 60 * S }, { "min", 60 * S }, { "h", 3600 * S }, { NULL, 0 },
};

static const struct suffix rates[] = {
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

static const struct suffix packets[] = { { "", 1 }, { "p", 1 }, { NULL, 0 } };
static const struct suffix counts[] = { { "", 1 }, { NULL, 0 } };
/* A hundred of them are UINT32_MAX: see scale_percent(). */
static const struct suffix percents[] = { { "", UINT32_MAX }, { "%", UINT32_MAX }, { NULL, 0 } };

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

static const struct suffix *find_suffix(enum bqdisc_unit unit, const char *word)
{
	const struct suffix *s;

	for (s = units[unit].suffixes; s->word; s++)
		if (!strcasecmp(s->word, word))
			return s;
	return NULL;
}

/* Scales integers exactly, to the last ns of 64 bits, and the rest in floating point, as tc. */
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
	static const enum bq_notation usual[] = {
		[BQDISC_UNIT_COUNT] = BQ_AS_INTEGER,   [BQDISC_UNIT_FLAG] = BQ_AS_INTEGER,
		[BQDISC_UNIT_PACKETS] = BQ_AS_INTEGER, [BQDISC_UNIT_SIGNED] = BQ_AS_INTEGER,
		[BQDISC_UNIT_NAME] = BQ_AS_INTEGER,    [BQDISC_UNIT_INTEGER] = BQ_AS_INTEGER,
	};

	return as == BQ_AS_UNIT ? usual[unit] : as;
}

/* Reads an integer where tc does. A size may stand there too, with its unit. */
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

/* A limit that rounds to 0 would mean that there is none. */
static bool is_lost(enum bqdisc_unit unit, const struct bq_number *n, uint64_t result)
{
	return !result && n->value > 0 && unit != BQDISC_UNIT_TIME && unit != BQDISC_UNIT_PERCENT;
}

static const struct suffix *suffix_of(enum bqdisc_unit unit, enum bq_notation as,
				      const struct bq_number *n)
{
	static const struct suffix ns = { "", NS };
	const struct suffix *s = find_suffix(unit, n->end);

	if (!s && unit == BQDISC_UNIT_TIME && !*n->end && n->value <= 0)
		return &ns;
	return !s && as == BQ_AS_SIZE ? find_suffix(BQDISC_UNIT_BYTES, n->end) : s;
}

enum bq_parse bq_unit_parse_as(enum bqdisc_unit unit, enum bq_notation as, const char *text,
			       uint64_t *value)
{
	const struct suffix *s;
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
	if (is_lost(unit, &n, result))
		return BQ_PARSE_TOO_SMALL;
	*value = n.negative ? -result : result;
	return BQ_PARSE_OK;
}

enum bq_parse bq_unit_parse(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	return bq_unit_parse_as(unit, BQ_AS_UNIT, text, value);
}

/* tc writes the product with six decimals, and reads it again. */
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
	if (is_lost(BQDISC_UNIT_RATE, &n, (uint64_t)bits))
		return BQ_PARSE_TOO_SMALL;
	*rate = (uint64_t)bits;
	return BQ_PARSE_OK;
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
		[BQ_PARSE_TOO_SMALL] = "is too small: it would count as 0",
	};

	return says[parse];
}

const char *bqdisc_unit__name(enum bqdisc_unit unit)
{
	return units[unit].name;
}

const char *bqdisc_unit__words(enum bqdisc_unit unit)
{
	return units[unit].words;
}

struct step {
	const char *word;
	uint64_t factor;
	uint64_t least; /* the last decimal that is written */
};

/* Writes VALUE in the unit of S, with as many decimals as it takes, no more. */
static void write_step(const struct step *s, uint64_t value, char *buf, size_t size)
{
	uint64_t digit, rest = value % s->factor / s->least;
	int decimals = 0;

	for (digit = s->least; rest && digit < s->factor && decimals < 9; digit *= 10)
		decimals++;
	for (; decimals && rest % 10 == 0; decimals--)
		rest /= 10;
	if (decimals)
		snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64 "%s", value / s->factor, decimals,
			 rest, s->word);
	else
		snprintf(buf, size, "%" PRIu64 "%s", value / s->factor, s->word);
}

/*
 * The first unit that keeps the number above 1 and its decimals few, if the text is read as VALUE
 * again: decimals go through floating point there. The last of STEPS always is.
 */
static char *format_steps(enum bqdisc_unit unit, const struct step *s, uint64_t value, char *buf,
			  size_t size)
{
	uint64_t again;

	for (; s->factor > 1; s++) {
		if (value < s->factor || value % s->least)
			continue;
		write_step(s, value, buf, size);
		if (bq_unit_parse(unit, buf, &again) == BQ_PARSE_OK && again == value)
			return buf;
	}
	write_step(s, value, buf, size);
	return buf;
}

static char *format_time(uint64_t ns, char *buf, size_t size)
{
	static const struct step steps[] = {
		{ "s", S, NS }, { "ms", MS, NS }, { "us", US, NS }, { "ns", NS, NS }
	};

	return format_steps(BQDISC_UNIT_TIME, steps, ns, buf, size);
}

static char *format_rate(uint64_t rate, char *buf, size_t size)
{
	static const struct step steps[] = {
		{ "gbit", 1e9, 1e6 }, { "mbit", 1e6, 1e3 }, { "kbit", 1e3, 1 }, { "bit", 1, 1 }
	};

	return format_steps(BQDISC_UNIT_RATE, steps, rate, buf, size);
}

/* As few decimals as tell this value from the ones beside it. */
static char *format_percent(uint64_t value, char *buf, size_t size)
{
	unsigned __int128 scaled;
	uint64_t scale = 1, again;
	int decimals;

	for (decimals = 0; decimals <= 8; decimals++, scale *= 10) {
		scaled = ((unsigned __int128)value * 100 * scale + UINT32_MAX / 2) / UINT32_MAX;
		if (decimals)
			snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64 "%%",
				 (uint64_t)(scaled / scale), decimals, (uint64_t)(scaled % scale));
		else
			snprintf(buf, size, "%" PRIu64 "%%", (uint64_t)scaled);
		if (bq_unit_parse(BQDISC_UNIT_PERCENT, buf, &again) || again == value)
			break;
	}
	return buf;
}

/* Appends TEXT behind a blank, unless it is the first; returns the length. */
static size_t append_word(char *buf, size_t size, size_t len, const char *text)
{
	if (len < size)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "", text);
	return len;
}

char *bqdisc_value__format(const struct bqdisc_value *v, char *buf, size_t size)
{
	char text[32];
	size_t i, len = 0;

	buf[0] = '\0';
	if (!v->follows && v->unit != BQDISC_UNIT_FLAG)
		len = append_word(buf, size, len, v->name);
	if (v->form)
		len = append_word(buf, size, len, v->form);
	if (v->word)
		len = append_word(buf, size, len, v->word);
	for (i = 0; !v->word && i < v->count && len < size; i++)
		len = append_word(buf, size, len,
				  bqdisc_unit__format(v->unit, v->values[i], text, sizeof(text)));
	return buf;
}

char *bqdisc_unit__format(enum bqdisc_unit unit, uint64_t value, char *buf, size_t size)
{
	if (unit == BQDISC_UNIT_TIME)
		return format_time(value, buf, size);
	if (unit == BQDISC_UNIT_RATE)
		return format_rate(value, buf, size);
	if (unit == BQDISC_UNIT_PERCENT)
		return format_percent(value, buf, size);
	if ((unit == BQDISC_UNIT_SIGNED || unit == BQDISC_UNIT_INTEGER) && (int64_t)value < 0) {
		snprintf(buf, size, "-%" PRIu64 "%s", -value, units[unit].tail);
		return buf;
	}
	snprintf(buf, size, "%" PRIu64 "%s", value, units[unit].tail);
	return buf;
}

char *bqdisc_size__round(uint64_t bytes, char *buf, size_t size)
{
	static const char *const words[] = { "B", "KB", "MB", "GB" };
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1024 && i + 1 < sizeof(words) / sizeof(words[0])) {
		value /= 1024;
		i++;
	}
	snprintf(buf, size, value < 10 && i ? "%.1f %s" : "%.0f %s", value, words[i]);
	return buf;
}

#define YEAR (UINT64_C(365) * 24 * 3600 * S)

/* VALUE of UNIT in the largest of STEPS that is not above it, with four digits. */
static char *round_to(const struct suffix *steps, uint64_t value, char *buf, size_t size)
{
	double scaled;

	while (steps[1].word && value < steps->factor)
		steps++;
	scaled = (double)value / (double)steps->factor;
	snprintf(buf, size, scaled >= 1000 ? "%.0f%s" : "%.4g%s", scaled, steps->word);
	return buf;
}

/* "9m58s", "5h20m" or "12d3h", without a second part that is 0. */
static void round_long_time(uint64_t seconds, char *buf, size_t size)
{
	static const struct suffix steps[] = {
		{ "d", 24 * 3600 }, { "h", 3600 }, { "m", 60 }, { "s", 1 }
	};
	const struct suffix *s = steps;
	uint64_t rest;

	while (seconds < 2 * s->factor)
		s++;
	rest = seconds % s->factor / s[1].factor;
	if (rest)
		snprintf(buf, size, "%" PRIu64 "%s%" PRIu64 "%s", seconds / s->factor, s->word,
			 rest, s[1].word);
	else
		snprintf(buf, size, "%" PRIu64 "%s", seconds / s->factor, s->word);
}

char *bqdisc_unit__round(enum bqdisc_unit unit, uint64_t value, char *buf, size_t size)
{
	static const struct suffix short_times[] = {
		{ "s", S }, { "ms", MS }, { "us", US }, { "ns", NS }, { NULL, 0 },
	};
	static const struct suffix bits[] = {
		{ "tbit", 1e12 }, { "gbit", 1e9 }, { "mbit", 1e6 },
		{ "kbit", 1e3 },  { "bit", 1 },    { NULL, 0 },
	};
	static const struct suffix bytes[] = {
		{ "gb", 1 << 30 }, { "mb", 1 << 20 }, { "kb", 1 << 10 }, { "b", 1 }, { NULL, 0 },
	};

	if (unit == BQDISC_UNIT_TIME && value >= YEAR)
		snprintf(buf, size, "no limit");
	else if (unit == BQDISC_UNIT_TIME && value >= 120 * S)
		round_long_time(value / S, buf, size);
	else if (unit == BQDISC_UNIT_TIME)
		round_to(short_times, value, buf, size);
	else if (unit == BQDISC_UNIT_RATE)
		round_to(bits, value, buf, size);
	else if (unit == BQDISC_UNIT_BYTES && (value >= 1000000 || value % 1024 == 0))
		round_to(bytes, value, buf, size);
	else
		bqdisc_unit__format(unit, value, buf, size);
	return buf;
}

bool bqdisc_unit__parse(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	return bq_unit_parse(unit, text, value) == BQ_PARSE_OK;
}
