// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parser of clauses: keywords, and the values that follow them. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "qdisc/option.h"

#define MAX_OPTIONS 64 /* as many as `given` has bits */

static bool is_named(const struct bq_option *row, const char *word)
{
	if (row->words[0])
		return !strcmp(row->words[0], word) || !strcmp(row->words[1], word);
	return !strcmp(row->name, word) || (row->alias && !strcmp(row->alias, word)) ||
	       (row->alias2 && !strcmp(row->alias2, word));
}

/* Return the row after PREV, or the first, whose clause begins with WORD; NULL: there is none. */
static const struct bq_option *next_row(const struct bqdisc_qdisc *q, const struct bq_option *prev,
					const char *word)
{
	const struct bq_option *row = prev ? prev + 1 : q->options;

	for (; row < q->options + q->n_options; row++) {
		if (!row->follows && is_named(row, word))
			return row;
	}
	return NULL;
}

/* List the names of the options. Return their number. */
static size_t list_names(const struct bqdisc_qdisc *q, const char *names[4 * MAX_OPTIONS])
{
	size_t i, n = 0;

	for (i = 0; i < q->n_options && i < MAX_OPTIONS; i++) {
		const struct bq_option *row = &q->options[i];

		if (row->follows)
			continue;
		names[n++] = row->words[0] ? row->words[0] : row->name;
		if (row->words[0])
			names[n++] = row->words[1];
		if (row->alias)
			names[n++] = row->alias;
		if (row->alias2)
			names[n++] = row->alias2;
	}
	return n;
}

/* List the forms of the option WORD. Return their number. */
static size_t list_forms(const struct bqdisc_qdisc *q, const char *word,
			 const char *names[4 * MAX_OPTIONS])
{
	const struct bq_option *row = NULL;
	size_t n = 0;

	while ((row = next_row(q, row, word)) && n < MAX_OPTIONS)
		if (row->form)
			names[n++] = row->form;
	return n;
}

static int fail_unknown(const struct bqdisc_qdisc *q, const char *word, struct bq_error *error)
{
	const char *names[4 * MAX_OPTIONS], *nearest;
	size_t n = list_names(q, names);

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
	size_t n = list_forms(q, word, names);

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
	const struct bq_option *row = NULL;
	bool known = false, formed = false;
	int plain = -1;

	*used = 1;
	while ((row = next_row(q, row, words[0]))) {
		known = true;
		formed |= row->form != NULL;
		if (row->form && n > 1 && !strcmp(row->form, words[1])) {
			*used = 2;
			return (int)(row - q->options);
		}
		if (row->plain || !row->form)
			plain = (int)(row - q->options);
	}
	if (!known)
		return fail_unknown(q, words[0], error);
	if (plain < 0 || (formed && n > 1 && !begins_value(words[1])))
		return fail_form(q, words[0], n > 1 ? words[1] : NULL, error);
	return plain;
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
		err = bq_option_parse_value(q, row, values[i], i, config, error);
		if (err)
			return err;
	}
	return (int)i;
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
		bq_option_mark_set(config, i);
	}
	return used;
}

/* Refuse a repeated clause, and two clauses that exclude each other. */
static int check_once(const struct bqdisc_qdisc *q, size_t i, const void *config,
		      struct bq_error *error)
{
	const struct bq_option *row = &q->options[i];

	if (!bq_option_is_excluded(q, row, config))
		return 0;
	if (row->excludes && !bq_option_is_set(config, i))
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s: '%s' and '%s' exclude each other; give one", q->name, row->name,
			       row->excludes);
	return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL, "%s %s: given twice; give it once",
		       q->name, row->name);
}

/* Parse the clause of row I, with the N words VALUES. Return how many were used, or -errno. */
static int parse_clause(const struct bqdisc_qdisc *q, size_t i, const char *word, int n,
			char *const values[], void *config, struct bq_error *error)
{
	const struct bq_option *row = &q->options[i];
	int err, more, used = 0;

	err = check_once(q, i, config, error);
	if (err)
		return err;
	if (row->words[0])
		bq_option_set(row, config, 0, !strcmp(word, row->words[1]));
	else
		used = parse_values(q, row, n, values, config, error);
	if (used < 0)
		return used;
	bq_option_mark_set(config, i);
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
		if (used < 0 && error && !error->word)
			error->word = words[i];
		if (used < 0)
			return used;
	}
	return 0;
}
