// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Formatter of values. The text parses back to the same value. */
#include <inttypes.h>
#include <stdio.h>

#include "util/scale.h"
#include "util/unit.h"

/* Print VALUE in the unit of S with the fewest decimals, of which the last one is worth LEAST. */
static void write_scaled(const struct bq_scale *s, uint64_t least, uint64_t value, char *buf,
			 size_t size)
{
	uint64_t digit, rest = value % s->factor / least;
	int decimals = 0;

	for (digit = least; rest && digit < s->factor && decimals < 9; digit *= 10)
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
 * Print VALUE in the largest unit in which it is at least 1 and parses back exactly: decimals are
 * parsed in floating point. The last decimal is worth one PRECISION-th of the unit. The last unit
 * of S is 1 and always exact.
 */
static char *format_scaled(enum bqdisc_unit unit, const struct bq_scale *s, uint64_t precision,
			   uint64_t value, char *buf, size_t size)
{
	uint64_t again, least;

	for (; s->factor > 1; s++) {
		least = s->factor > precision ? s->factor / precision : 1;
		if (value < s->factor || value % least)
			continue;
		write_scaled(s, least, value, buf, size);
		if (bq_unit_parse(unit, buf, &again) == BQ_PARSE_OK && again == value)
			return buf;
	}
	write_scaled(s, 1, value, buf, size);
	return buf;
}

static char *format_time(uint64_t ns, char *buf, size_t size)
{
	static const struct bq_scale units[] = {
		{ "s", BQ_S }, { "ms", BQ_MS }, { "us", BQ_US }, { "ns", BQ_NS }
	};

	return format_scaled(BQDISC_UNIT_TIME, units, BQ_S, ns, buf, size);
}

static char *format_rate(uint64_t rate, char *buf, size_t size)
{
	static const struct bq_scale units[] = {
		{ "gbit", 1e9 }, { "mbit", 1e6 }, { "kbit", 1e3 }, { "bit", 1 }
	};

	return format_scaled(BQDISC_UNIT_RATE, units, 1000, rate, buf, size);
}

/* Print the fewest decimals that parse back to VALUE. */
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

/* Append TEXT, with a blank before it unless it is the first word. Return the length. */
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
		snprintf(buf, size, "-%" PRIu64 "%s", -value, bq_unit_tail(unit));
		return buf;
	}
	snprintf(buf, size, "%" PRIu64 "%s", value, bq_unit_tail(unit));
	return buf;
}
