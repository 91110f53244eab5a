// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Converts words to a configuration and back, with the rows of options. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "netlink/link.h"
#include "qdisc/qdisc.h"

#define MAX_OPTIONS 64 /* as many as `given` has bits */

static bool is_named(const struct bq_option *row, const char *word)
{
	if (row->follows)
		return false;
	if (row->words[0])
		return !strcmp(row->words[0], word) || !strcmp(row->words[1], word);
	return !strcmp(row->name, word) || (row->alias && !strcmp(row->alias, word));
}

/* Return true if both rows have the same name; then they exclude each other. */
static bool exclude(const struct bq_option *a, const struct bq_option *b)
{
	return !a->follows && !b->follows && !strcmp(a->name, b->name);
}

size_t bq_option_head(const struct bqdisc_qdisc *q, size_t n)
{
	while (q->options[n].follows)
		n--;
	return n;
}

/* List the names of the options; with WORD the forms of this option. Return their number. */
static size_t list_words(const struct bqdisc_qdisc *q, const char *word,
			 const char *names[4 * MAX_OPTIONS])
{
	size_t i, n = 0;

	for (i = 0; i < q->n_options && i < MAX_OPTIONS; i++) {
		const struct bq_option *row = &q->options[i];

		if (row->follows || (word && !is_named(row, word)))
			continue;
		if (word && row->form)
			names[n++] = row->form;
		if (word)
			continue;
		names[n++] = row->words[0] ? row->words[0] : row->name;
		if (row->words[0])
			names[n++] = row->words[1];
		if (row->alias)
			names[n++] = row->alias;
	}
	return n;
}

static int fail_unknown(const struct bqdisc_qdisc *q, const char *word, struct bq_error *error)
{
	const char *names[4 * MAX_OPTIONS], *nearest;
	size_t n = list_words(q, NULL, names);

	if (!n)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s: unexpected argument '%s'; it has no options", q->name, word);
	nearest = bqdisc_word__nearest(word, names, n);
	if (nearest)
		return bq_fail_word(error, word, "%s: unknown option '%s'; the nearest is '%s'",
				    q->name, word, nearest);
	return bq_fail_word(error, word, "%s: unknown option '%s'; see 'bqdisc help %s'", q->name,
			    word, q->name);
}

/* Report that FORM is not a form of the option WORD, or missing if FORM is NULL. */
static int fail_form(const struct bqdisc_qdisc *q, const char *word, const char *form,
		     struct bq_error *error)
{
	const char *names[4 * MAX_OPTIONS], *nearest;
	size_t n = list_words(q, word, names);

	if (!form)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s %s: missing value; see 'bqdisc help %s'", q->name, word,
			       q->name);
	nearest = bqdisc_word__nearest(form, names, n);
	if (!nearest && n == 1)
		nearest = names[0];
	if (nearest)
		return bq_fail_word(error, form,
				    "%s: unknown option '%s %s'; the nearest is '%s %s'", q->name,
				    word, form, word, nearest);
	return bq_fail_word(error, form, "%s: unknown option '%s %s'; see 'bqdisc help %s'",
			    q->name, word, form, q->name);
}

/* Return true if TEXT begins like a value. This separates optional values from the next option. */
static bool begins_value(const char *text)
{
	return isdigit((unsigned char)text[text[0] == '-' || text[0] == '.']);
}

/*
 * Find the row whose clause begins with WORDS[0], of N words. Set *USED to the number of words
 * used: 1, or 2 with a form. Return the row, or -errno.
 */
static int find_row(const struct bqdisc_qdisc *q, int n, char *const words[], int *used,
		    struct bq_error *error)
{
	bool known = false, formed = false;
	int i, plain = -1;

	*used = 1;
	for (i = 0; i < (int)q->n_options; i++) {
		const struct bq_option *row = &q->options[i];

		if (!is_named(row, words[0]))
			continue;
		known = true;
		formed |= row->form != NULL;
		if (row->form && n > 1 && !strcmp(row->form, words[1])) {
			*used = 2;
			return i;
		}
		if (row->plain || !row->form)
			plain = i;
	}
	if (!known)
		return fail_unknown(q, words[0], error);
	if (plain < 0 || (formed && n > 1 && !begins_value(words[1])))
		return fail_form(q, words[0], n > 1 ? words[1] : NULL, error);
	return plain;
}

static int fail_parse(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		      enum bq_parse why, struct bq_error *error)
{
	const char *units = bqdisc_unit__words(row->unit);
	bool about_unit = why == BQ_PARSE_NO_UNIT || why == BQ_PARSE_BAD_UNIT;

	return bq_fail_word(error, text, "%s %s: '%s' %s%s%s", q->name, row->name, text,
			    bq_parse_strerror(why), about_unit && *units ? "; use one of " : "",
			    about_unit ? units : "");
}

static int check_range(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		       uint64_t value, struct bq_error *error)
{
	char low[32], high[32];

	if (row->unit == BQDISC_UNIT_SIGNED || row->unit == BQDISC_UNIT_INTEGER
		    ? (int64_t)value >= (int64_t)row->min && (int64_t)value <= (int64_t)row->max
		    : value >= row->min && value <= row->max)
		return 0;
	bq_fail_word(error, text, "%s %s: '%s' is out of range; use %s to %s", q->name, row->name,
		     text, bqdisc_unit__format(row->unit, row->min, low, sizeof(low)),
		     bqdisc_unit__format(row->unit, row->max, high, sizeof(high)));
	return -ERANGE;
}

static uint64_t scale_of(const struct bq_option *row)
{
	return row->scale ? row->scale : 1;
}

size_t bq_option_count(const struct bq_option *row)
{
	return row->count ? row->count : 1;
}

/* Return the bytes of all elements of the row's field. */
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
		if (row->unit == BQDISC_UNIT_SIGNED)
			return (uint64_t)(int32_t)narrow;
		return narrow * scale_of(row);
	}
	memcpy(&value, field, sizeof(value));
	return row->may_be_none && value == UINT64_MAX ? value : value * scale_of(row);
}

static uint64_t read_set_mask(const void *config)
{
	uint64_t set_mask;

	memcpy(&set_mask, config, sizeof(set_mask));
	return set_mask;
}

bool bq_option_is_set(const void *config, size_t n)
{
	return read_set_mask(config) >> n & 1;
}

const char *bq_option_name(const struct bq_option *row, const void *config)
{
	return row->unit == BQDISC_UNIT_NAME ? (const char *)config + row->offset : NULL;
}

/* Parse a string that fits into its field. */
static int parse_name(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		      void *config, struct bq_error *error)
{
	size_t len = strlen(text);

	if (!len || len >= row->size)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       len ? "%s %s: '%s' has more than %zu characters; use a shorter one"
				   : "%s %s: '%s' is empty; give a name",
			       q->name, row->name, text, row->size - 1);
	memcpy((char *)config + row->offset, text, len + 1);
	return 0;
}

const char *bq_choice_name(const struct bq_option *row, uint64_t value)
{
	const struct bq_choice *c;

	for (c = row->choices; c && c->name; c++)
		if (c->value == value)
			return c->name;
	return NULL;
}

static int fail_choice(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		       struct bq_error *error)
{
	const char *const *name = row->names, *nearest;
	char all[256] = "";
	size_t len = 0;

	for (; *name && len < sizeof(all); name++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", len ? ", " : "",
					*name);
	nearest = bqdisc_word__nearest(text, row->names, (size_t)(name - row->names));
	return bq_fail_word(error, text, "%s %s: '%s' is none of %s%s%s%s", q->name, row->name,
			    text, all, nearest ? "; the nearest is '" : "", nearest ? nearest : "",
			    nearest ? "'" : "");
}

/* Parse a name, or the number that it stands for. */
static int parse_choice(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
			void *config, struct bq_error *error)
{
	const struct bq_choice *c = row->choices;
	uint64_t value;
	bool number = bq_unit_parse(BQDISC_UNIT_INTEGER, text, &value) == BQ_PARSE_OK;

	while (c->name && strcmp(c->name, text) && !(number && c->value == value))
		c++;
	if (!c->name)
		return fail_choice(q, row, text, error);
	option_set(row, config, 0, c->value);
	return 0;
}

/* Parse a rate as a percentage of the device's speed. *ERR is the error code if this fails. */
static enum bq_parse parse_share(const struct bqdisc_qdisc *q, const struct bq_option *row,
				 const char *text, uint64_t *value, struct bq_error *error,
				 int *err)
{
	uint32_t mbit = 0;

	*err = error->dev ? bq_dev_speed(error->dev, &mbit) : -ENODEV;
	if (!*err)
		return bq_unit_parse_share(text, mbit, value);
	if (error->dev)
		bq_fail_word(error, text,
			     "%s %s: '%s' is a share of the speed of %s, which has none: write "
			     "the rate, as 10mbit",
			     q->name, row->name, text, error->dev);
	else
		bq_fail_word(error, text, "%s %s: '%s' is a share of a device's speed: name one",
			     q->name, row->name, text);
	*err = -EINVAL;
	return BQ_PARSE_BAD_UNIT;
}

static int parse_value(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		       size_t n, void *config, struct bq_error *error)
{
	enum bq_parse parse;
	uint64_t value;
	int err = 0;

	if (row->unit == BQDISC_UNIT_NAME)
		return parse_name(q, row, text, config, error);
	if (row->choices)
		return parse_choice(q, row, text, config, error);
	if (row->unit == BQDISC_UNIT_RATE && strchr(text, '%'))
		parse = parse_share(q, row, text, &value, error, &err);
	else
		parse = bq_unit_parse_as(row->unit, row->as, text, &value);
	if (err)
		return err;
	/* The field has a coarser unit. */
	if (parse == BQ_PARSE_OK && value && value < scale_of(row))
		parse = BQ_PARSE_TOO_SMALL;
	if (parse != BQ_PARSE_OK)
		return fail_parse(q, row, text, parse, error);
	err = check_range(q, row, text, value, error);
	if (!err)
		option_set(row, config, n, value);
	return err;
}

/* Parse the values that follow WORD, of which there are N. Return how many were used, or -errno. */
static int parse_values(const struct bqdisc_qdisc *q, const struct bq_option *row, int n,
			char *const values[], void *config, struct bq_error *error)
{
	size_t i;
	int err;

	for (i = 0; i < bq_option_count(row); i++) {
		if ((int)i >= n && !row->count)
			return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
				       "%s %s: missing value; usage: %s%s%s %s", q->name, row->name,
				       row->name, row->form ? " " : "", row->form ? row->form : "",
				       row->metavar);
		if ((int)i >= n)
			return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
				       "%s %s: needs %zu values; usage: %s %s", q->name, row->name,
				       row->count, row->name, row->metavar);
		err = parse_value(q, row, values[i], i, config, error);
		if (err)
			return err;
	}
	return (int)i;
}

static void mark_set(void *config, size_t n)
{
	uint64_t set_mask = read_set_mask(config) | UINT64_C(1) << n;

	memcpy(config, &set_mask, sizeof(set_mask));
}

/* Parse the values of the rows that follow row I, as far as present. Return how many were used. */
static int parse_followers(const struct bqdisc_qdisc *q, size_t i, int n, char *const values[],
			   void *config, struct bq_error *error)
{
	const struct bq_option *row;
	int took, used = 0;

	for (i++; i < q->n_options && q->options[i].follows; i++) {
		row = &q->options[i];
		if (row->follows == BQ_MAY_FOLLOW && (used >= n || !begins_value(values[used])))
			break;
		took = parse_values(q, row, n - used, values + used, config, error);
		if (took < 0)
			return took;
		used += took;
		mark_set(config, i);
	}
	return used;
}

/* Refuse a repeated clause, and two clauses of the same name. */
static int check_once(const struct bqdisc_qdisc *q, size_t i, const void *config,
		      struct bq_error *error)
{
	const struct bq_option *row = &q->options[i];
	size_t j;

	for (j = 0; j < q->n_options; j++)
		if (bq_option_is_set(config, j) && exclude(row, &q->options[j]))
			return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
				       "%s %s: given twice; give it once", q->name, row->name);
	return 0;
}

/* Parse the clause of row I, with the N words VALUES. Return how many were used, or -errno. */
static int parse_clause(const struct bqdisc_qdisc *q, size_t i, const char *word, int n,
			char *const values[], void *config, struct bq_error *error)
{
	const struct bq_option *row = &q->options[i];
	int err, more, used = 0;

	if (row->absent)
		return bq_fail(error, BQDISC_ERROR_UNSUPPORTED, ENOTSUP, "%s: '%s' %s", q->name,
			       row->name, row->absent);
	err = check_once(q, i, config, error);
	if (err)
		return err;
	if (row->words[0])
		option_set(row, config, 0, !strcmp(word, row->words[1]));
	else
		used = parse_values(q, row, n, values, config, error);
	if (used < 0)
		return used;
	mark_set(config, i);
	more = parse_followers(q, i, n - used, values + used, config, error);
	return more < 0 ? more : used + more;
}

int bq_options_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		     struct bq_error *error)
{
	int i, row, said, used;

	for (i = 0; i < n; i += said + used) {
		row = find_row(q, n - i, words + i, &said, error);
		if (row < 0)
			return row;
		used = parse_clause(q, (size_t)row, words[i], n - i - said, words + i + said,
				    config, error);
		if (used < 0 && !error->word)
			error->word = words[i];
		if (used < 0)
			return used;
	}
	return 0;
}

void bq_options_apply_defaults(const struct bqdisc_qdisc *q, void *config, const void *from)
{
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (!bq_option_is_set(config, i))
			memcpy((char *)config + q->options[i].offset,
			       (const char *)from + q->options[i].offset,
			       field_size(&q->options[i]));
}

/* Return true if the user named the clause of row N, or another clause of its name. */
static bool is_replaced(const struct bqdisc_qdisc *q, const void *config, size_t n)
{
	const struct bq_option *head = &q->options[bq_option_head(q, n)];
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (bq_option_is_set(config, i) && exclude(head, &q->options[i]))
			return true;
	return false;
}

void bq_options_drop_idle(const struct bqdisc_qdisc *q, void *config, const void *own)
{
	uint64_t set_mask = read_set_mask(config);
	const struct bq_option *o;

	for (o = q->options; o < q->options + q->n_options; o++) {
		uint64_t bit = UINT64_C(1) << (o - q->options);

		if (!o->modifies || set_mask & UINT64_C(1) << (o->modifies - 1) ||
		    read_set_mask(own) & bit)
			continue;
		memset((char *)config + o->offset, 0, field_size(o));
		set_mask &= ~bit;
	}
	memcpy(config, &set_mask, sizeof(set_mask));
}

/* A named clause replaces the earlier one as a whole, with all its values. */
void bq_options_merge(const struct bqdisc_qdisc *q, void *config, const void *from)
{
	uint64_t set_mask = read_set_mask(config);
	size_t i;

	for (i = 0; i < q->n_options; i++) {
		if (is_replaced(q, config, i))
			continue;
		memcpy((char *)config + q->options[i].offset,
		       (const char *)from + q->options[i].offset, field_size(&q->options[i]));
		set_mask |= read_set_mask(from) & UINT64_C(1) << i;
	}
	memcpy(config, &set_mask, sizeof(set_mask));
}

bool bq_options_same(const struct bqdisc_qdisc *q, const void *a, const void *b)
{
	size_t i;

	if (!q->n_options)
		return true;
	if (read_set_mask(a) != read_set_mask(b))
		return false;
	for (i = 0; i < q->n_options; i++)
		if (bq_option_is_set(a, i) &&
		    memcmp((const char *)a + q->options[i].offset,
			   (const char *)b + q->options[i].offset, field_size(&q->options[i])))
			return false;
	return true;
}
