// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The walkers over option rows: words to config and back. Knows no qdisc by name. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "registry.h"
#include "unit.h"

#define MAX_OPTIONS 64 /* as many as `given` has bits */

static int find_row(const struct bqdisc_qdisc *q, const char *word)
{
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (!strcmp(q->options[i].name, word))
			return (int)i;
	return -1;
}

static int fail_unknown(const struct bqdisc_qdisc *q, const char *word, struct bq_report *rep)
{
	const char *names[MAX_OPTIONS], *nearest;
	size_t i;

	for (i = 0; i < q->n_options && i < MAX_OPTIONS; i++)
		names[i] = q->options[i].name;
	nearest = bqdisc_word__nearest(word, names, i);
	if (nearest)
		return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
			       "%s has no option '%s'; did you mean '%s'?", q->name, word, nearest);
	return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
		       "%s has no option '%s'; see 'bqdisc help %s'", q->name, word, q->name);
}

static int fail_parse(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		      enum bq_parse why, struct bq_report *rep)
{
	const char *units = bq_unit_words(row->unit);
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

static void option_set(const struct bq_option *row, void *config, uint64_t value)
{
	uint32_t narrow = (uint32_t)value;

	if (row->size == sizeof(narrow))
		memcpy((char *)config + row->offset, &narrow, sizeof(narrow));
	else
		memcpy((char *)config + row->offset, &value, sizeof(value));
}

uint64_t bq_option_get(const struct bq_option *row, const void *config)
{
	uint32_t narrow;
	uint64_t value;

	if (row->size == sizeof(narrow)) {
		memcpy(&narrow, (const char *)config + row->offset, sizeof(narrow));
		return narrow;
	}
	memcpy(&value, (const char *)config + row->offset, sizeof(value));
	return value;
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

static int parse_one(const struct bqdisc_qdisc *q, size_t i, const char *text, void *config,
		     struct bq_report *rep)
{
	const struct bq_option *row = &q->options[i];
	uint64_t value, given = given_bits(config);
	enum bq_parse parse;
	int err;

	if (given >> i & 1)
		return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL, "%s: '%s' is given twice", q->name,
			       row->name);
	if (!text)
		return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL, "%s: '%s' needs a value: %s %s",
			       q->name, row->name, row->name, row->metavar);
	parse = bq_unit_parse(row->unit, text, &value);
	if (parse != BQ_PARSE_OK)
		return fail_parse(q, row, text, parse, rep);
	err = check_range(q, row, text, value, rep);
	if (err)
		return err;
	option_set(row, config, value);
	given |= UINT64_C(1) << i;
	memcpy(config, &given, sizeof(given));
	return 0;
}

int bq_options_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		     struct bq_report *rep)
{
	int i, row, err;

	for (i = 0; i < n; i += 2) {
		row = find_row(q, words[i]);
		if (row < 0)
			return fail_unknown(q, words[i], rep);
		err = parse_one(q, (size_t)row, i + 1 < n ? words[i + 1] : NULL, config, rep);
		if (err)
			return err;
	}
	return 0;
}

void bq_options_fill(const struct bqdisc_qdisc *q, void *config, const void *from)
{
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (!bq_option_given(config, i))
			option_set(&q->options[i], config, bq_option_get(&q->options[i], from));
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

	if (given_bits(a) != given_bits(b))
		return false;
	for (i = 0; i < q->n_options; i++)
		if (bq_option_given(a, i) &&
		    bq_option_get(&q->options[i], a) != bq_option_get(&q->options[i], b))
			return false;
	return true;
}
