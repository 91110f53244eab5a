// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Values as tc writes them. Sizes: b, k, kb, m, mb, g, gb are powers of 1024 bytes, kbit, mbit,
 * gbit the same in bits. Times: ns, us, ms, s and their longer names. Rates: bit, kbit, mbit, gbit
 * are powers of 1000 bits a second, bps, kbps, mbps the same in bytes.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/unit.h"

struct suffix {
	const char *word;
	uint64_t factor;
};

#define NS UINT64_C(1)
#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

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
	{ "kibit", 1024 },
	{ "mibit", 1024.0 * 1024 },
	{ "bps", 8 },
	{ "kbps", 8e3 },
	{ "mbps", 8e6 },
	{ "gbps", 8e9 },
	{ "gibit", 1024.0 * 1024 * 1024 },
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

#define MAX_DECIMALS 18 /* further ones are beyond what 64 bits can tell */

/* A number as it is written: WHOLE + DECIMALS / SCALE. */
struct number {
	uint64_t whole, decimals, scale;
};

/* Reads the digits at TEXT, MAX of them into *VALUE. Returns where they end, NULL on overflow. */
static const char *read_digits(const char *text, size_t max, uint64_t *value, uint64_t *scale)
{
	size_t i, n = strspn(text, "0123456789");

	*value = 0;
	*scale = 1;
	for (i = 0; i < n && i < max; i++) {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(text[i] - '0'), value))
			return NULL;
		*scale *= 10;
	}
	return text + n;
}

/* In whole numbers, not in floating point: every nanosecond of 64 bits counts. */
static bool times_factor(const struct number *n, uint64_t factor, uint64_t *value)
{
	unsigned __int128 product = (unsigned __int128)n->decimals * factor;

	product = (product + n->scale / 2) / n->scale + (unsigned __int128)n->whole * factor;
	*value = (uint64_t)product;
	return !(product >> 64);
}

/* As tc reckons, in floating point: the last bit decides about packets. TEXT begins with digits. */
static uint64_t scale_percent(const char *text)
{
	return (uint64_t)rint(strtod(text, NULL) / 100.0 * UINT32_MAX);
}

/* strtoull and strtod would take blanks, signs, "inf", exponents and the locale's point too. */
enum bq_parse bq_unit_parse(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	bool is_signed = unit == BQDISC_UNIT_SIGNED || unit == BQDISC_UNIT_INTEGER;
	bool whole_only = unit == BQDISC_UNIT_COUNT || unit == BQDISC_UNIT_PACKETS ||
			  unit == BQDISC_UNIT_INTEGER;
	bool negative = false;
	struct number n = { .scale = 1 };
	const struct suffix *s;
	uint64_t unused, result;
	const char *end;

	if (!*text)
		return BQ_PARSE_EMPTY;
	if (*text == '-' && is_signed)
		negative = *text++;
	if (*text == '-')
		return BQ_PARSE_NEGATIVE;
	end = read_digits(text, SIZE_MAX, &n.whole, &unused);
	if (!end)
		return BQ_PARSE_OVERFLOW;
	if (end == text || (*end == '.' && whole_only))
		return BQ_PARSE_NOT_A_NUMBER;
	if (*end == '.')
		end = read_digits(end + 1, MAX_DECIMALS, &n.decimals, &n.scale);
	s = find_suffix(unit, end);
	if (!s)
		return *end ? BQ_PARSE_BAD_UNIT : BQ_PARSE_NO_UNIT;
	if (!times_factor(&n, s->factor, &result) ||
	    (is_signed && result > (uint64_t)INT64_MAX + negative))
		return BQ_PARSE_OVERFLOW;
	if (unit == BQDISC_UNIT_PERCENT)
		result = scale_percent(text);
	*value = negative ? -result : result;
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
	int decimals; /* after which nothing is left */
};

/* The largest unit that keeps the number above 1, with as many decimals as it takes, no more. */
static char *format_time(uint64_t ns, char *buf, size_t size)
{
	static const struct step steps[] = {
		{ "s", S, 9 }, { "ms", MS, 6 }, { "us", US, 3 }, { "ns", NS, 0 }
	};
	const struct step *s = steps;
	uint64_t rest;
	int decimals;

	while (ns < s->factor && s->factor > NS)
		s++;
	rest = ns % s->factor;
	for (decimals = rest ? s->decimals : 0; decimals && rest % 10 == 0; decimals--)
		rest /= 10;
	if (decimals)
		snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64 "%s", ns / s->factor, decimals, rest,
			 s->word);
	else
		snprintf(buf, size, "%" PRIu64 "%s", ns / s->factor, s->word);
	return buf;
}

/* As format_time(), with three decimals at most. */
static char *format_rate(uint64_t rate, char *buf, size_t size)
{
	static const struct suffix steps[] = { { "gbit", 1e9 }, { "mbit", 1e6 }, { "kbit", 1e3 } };
	unsigned int rest;
	int decimals;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (rate < steps[i].factor || rate % (steps[i].factor / 1000))
			continue;
		rest = (unsigned int)(rate % steps[i].factor / (steps[i].factor / 1000));
		for (decimals = rest ? 3 : 0; decimals && rest % 10 == 0; decimals--)
			rest /= 10;
		if (decimals)
			snprintf(buf, size, "%" PRIu64 ".%0*u%s", rate / steps[i].factor, decimals,
				 rest, steps[i].word);
		else
			snprintf(buf, size, "%" PRIu64 "%s", rate / steps[i].factor, steps[i].word);
		return buf;
	}
	snprintf(buf, size, "%" PRIu64 "bit", rate);
	return buf;
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
	static const char *const words[] = { "b", "kb", "mb", "gb" };
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1024 && i + 1 < sizeof(words) / sizeof(words[0])) {
		value /= 1024;
		i++;
	}
	snprintf(buf, size, value < 10 && i ? "%.1f%s" : "%.0f%s", value, words[i]);
	return buf;
}

bool bqdisc_unit__parse(enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	return bq_unit_parse(unit, text, value) == BQ_PARSE_OK;
}
