// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rounder of values for people. The text need not parse back to the same value. */
#include <inttypes.h>
#include <stdio.h>

#include "util/scale.h"
#include "util/unit.h"
#include "util/array.h"

char *bqdisc_size__round(uint64_t bytes, char *buf, size_t size)
{
	static const char *const words[] = { "B", "KB", "MB", "GB" };
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1024 && i + 1 < ARRAY_SIZE(words)) {
		value /= 1024;
		i++;
	}
	snprintf(buf, size, value < 10 && i ? "%.1f %s" : "%.0f %s", value, words[i]);
	return buf;
}

#define YEAR (UINT64_C(365) * 24 * 3600 * BQ_S)

/* VALUE of UNIT in the largest of STEPS that is not above it, with four digits. */
static char *round_to(const struct bq_scale *steps, uint64_t value, char *buf, size_t size)
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
	static const struct bq_scale steps[] = {
		{ "d", 24 * 3600 }, { "h", 3600 }, { "m", 60 }, { "s", 1 }
	};
	const struct bq_scale *s = steps;
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
	static const struct bq_scale short_times[] = {
		{ "s", BQ_S }, { "ms", BQ_MS }, { "us", BQ_US }, { "ns", BQ_NS }, { NULL, 0 },
	};
	static const struct bq_scale bits[] = {
		{ "tbit", 1e12 }, { "gbit", 1e9 }, { "mbit", 1e6 },
		{ "kbit", 1e3 },  { "bit", 1 },    { NULL, 0 },
	};
	static const struct bq_scale bytes[] = {
		{ "gb", 1 << 30 }, { "mb", 1 << 20 }, { "kb", 1 << 10 }, { "b", 1 }, { NULL, 0 },
	};

	if (unit == BQDISC_UNIT_TIME && value >= YEAR)
		snprintf(buf, size, "no limit");
	else if (unit == BQDISC_UNIT_TIME && value >= 120 * BQ_S)
		round_long_time(value / BQ_S, buf, size);
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
