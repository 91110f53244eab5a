// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The walkers over option rows: words to config and back. Knows no qdisc by name. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "registry.h"
#include "unit.h"

#define MAX_OPTIONS 64 /* as many as `given` has bits */

/* The row that WORD belongs to, or -1. */
static int find_row(const struct bqdisc_qdisc *q, const char *word)
{
	const struct bq_option *row;
	size_t i;

	for (i = 0; i < q->n_options; i++) {
		row = &q->options[i];
		if (!row->words[0] && !strcmp(row->name, word))
			return (int)i;
		if (row->words[0] && (!strcmp(row->words[0], word) || !strcmp(row->words[1], word)))
			return (int)i;
	}
	return -1;
}

static int fail_unknown(const struct bqdisc_qdisc *q, const char *word, struct bq_report *rep)
{
	const char *names[2 * MAX_OPTIONS], *nearest;
	size_t i, n = 0;

	for (i = 0; i < q->n_options && i < MAX_OPTIONS; i++) {
		const struct bq_option *row = &q->options[i];

		names[n++] = row->words[0] ? row->words[0] : row->name;
		if (row->words[0])
			names[n++] = row->words[1];
	}
	if (!n)
		return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
			       "%s has no options: '%s' is one "
			       "word too many",
			       q->name, word);
	nearest = bqdisc_word__nearest(word, names, n);
	if (nearest)
		return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
			       "%s has no option '%s'; did you mean '%s'?", q->name, word, nearest);
	return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
		       "%s has no option '%s'; see 'bqdisc help %s'", q->name, word, q->name);
}

static int fail_parse(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		      enum bq_parse why, struct bq_report *rep)
{
	const char *units = bqdisc_unit__words(row->unit);
	bool about_unit = why == BQ_PARSE_NO_UNIT || why == BQ_PARSE_BAD_UNIT;

	return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL, "%s %s: '%s' %s%s%s", q->name, row->name,
		       text, bq_parse_says(why), about_unit && *units ? ": one of " : "",
		       about_unit ? units : "");
}

static int check_range(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		       uint64_t value, struct bq_report *rep)
{
	char low[32], high[32];

	if (value >= row->min && value <= row->max)
		return 0;
	return bq_fail(rep, BQDISC_FAULT_USAGE, ERANGE, "%s %s: '%s' is out of range, %s to %s",
		       q->name, row->name, text,
		       bqdisc_unit__format(row->unit, row->min, low, sizeof(low)),
		       bqdisc_unit__format(row->unit, row->max, high, sizeof(high)));
}

static uint64_t scale_of(const struct bq_option *row)
{
	return row->scale ? row->scale : 1;
}

size_t bq_option_count(const struct bq_option *row)
{
	return row->count ? row->count : 1;
}

/* Bytes of all elements of the row's field. */
static size_t field_size(const struct bq_option *row)
{
	return row->size * bq_option_count(row);
}

static void option_set(const struct bq_option *row, void *config, size_t n, uint64_t value)
{
	char *field = (char *)config + row->offset + n * row->size;
	uint32_t narrow;

	value /= scale_of(row);
	narrow = (uint32_t)value;
	if (row->size == sizeof(narrow))
		memcpy(field, &narrow, sizeof(narrow));
	else
		memcpy(field, &value, sizeof(value));
}

uint64_t bq_option_get(const struct bq_option *row, const void *config, size_t n)
{
	const char *field = (const char *)config + row->offset + n * row->size;
	uint32_t narrow;
	uint64_t value;

	if (row->size == sizeof(narrow)) {
		memcpy(&narrow, field, sizeof(narrow));
		return narrow * scale_of(row);
	}
	memcpy(&value, field, sizeof(value));
	return row->may_be_none && value == UINT64_MAX ? value : value * scale_of(row);
}

static uint64_t given_bits(const void *config)
{
	uint64_t given;

	memcpy(&given, config, sizeof(given));
	return given;
}

bool bq_option_given(const void *config, size_t n)
{
	return given_bits(config) >> n & 1;
}

static int parse_value(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		       size_t n, void *config, struct bq_report *rep)
{
	enum bq_parse parse;
	uint64_t value;
	int err;

	parse = bq_unit_parse(row->unit, text, &value);
	if (parse != BQ_PARSE_OK)
		return fail_parse(q, row, text, parse, rep);
	err = check_range(q, row, text, value, rep);
	if (!err)
		option_set(row, config, n, value);
	return err;
}

/* Parses the values that follow WORD, of which there are N. Returns how many it took. */
static int parse_values(const struct bqdisc_qdisc *q, const struct bq_option *row, int n,
			char *const values[], void *config, struct bq_report *rep)
{
	size_t i;
	int err;

	for (i = 0; i < bq_option_count(row); i++) {
		if ((int)i >= n && !row->count)
			return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
				       "%s: '%s' needs a value: %s %s", q->name, row->name,
				       row->name, row->metavar);
		if ((int)i >= n)
			return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
				       "%s: '%s' needs %zu values: %s %s", q->name, row->name,
				       row->count, row->name, row->metavar);
		err = parse_value(q, row, values[i], i, config, rep);
		if (err)
			return err;
	}
	return (int)i;
}

/* Parses the option WORDS[0] with what follows it. Returns how many words it took. */
static int parse_option(const struct bqdisc_qdisc *q, size_t i, int n, char *const words[],
			void *config, struct bq_report *rep)
{
	const struct bq_option *row = &q->options[i];
	uint64_t given = given_bits(config);
	int used = 0;

	if (row->absent)
		return bq_fail(rep, BQDISC_FAULT_UNSUPPORTED, ENOTSUP, "%s: '%s' %s", q->name,
			       row->name, row->absent);
	if (given >> i & 1)
		return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL, "%s: '%s' is given twice", q->name,
			       row->name);
	if (row->words[0])
		option_set(row, config, 0, !strcmp(words[0], row->words[1]));
	else
		used = parse_values(q, row, n - 1, words + 1, config, rep);
	if (used < 0)
		return used;
	given |= UINT64_C(1) << i;
	memcpy(config, &given, sizeof(given));
	return 1 + used;
}

int bq_options_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		     struct bq_report *rep)
{
	int i, row, used;

	for (i = 0; i < n; i += used) {
		row = find_row(q, words[i]);
		if (row < 0)
			return fail_unknown(q, words[i], rep);
		used = parse_option(q, (size_t)row, n - i, words + i, config, rep);
		if (used < 0)
			return used;
	}
	return 0;
}

void bq_options_fill(const struct bqdisc_qdisc *q, void *config, const void *from)
{
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (!bq_option_given(config, i))
			memcpy((char *)config + q->options[i].offset,
			       (const char *)from + q->options[i].offset,
			       field_size(&q->options[i]));
}

void bq_options_inherit(const struct bqdisc_qdisc *q, void *config, const void *from)
{
	uint64_t given = given_bits(config) | given_bits(from);

	bq_options_fill(q, config, from);
	memcpy(config, &given, sizeof(given));
}

bool bq_options_same(const struct bqdisc_qdisc *q, const void *a, const void *b)
{
	size_t i;

	if (!q->n_options)
		return true;
	if (given_bits(a) != given_bits(b))
		return false;
	for (i = 0; i < q->n_options; i++)
		if (bq_option_given(a, i) &&
		    memcmp((const char *)a + q->options[i].offset,
			   (const char *)b + q->options[i].offset, field_size(&q->options[i])))
			return false;
	return true;
}
