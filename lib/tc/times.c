// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Times as tc reads them: a number needs no unit. */
#include <stdio.h>
#include <string.h>

#include "qdisc/qdisc.h"
#include "tc/times.h"
#include "util/number.h"

/* 0 needs no unit. */
static bool is_bare_number(const char *word)
{
	struct bq_number n;

	return bq_read_real(word, &n) == BQ_PARSE_OK && !*n.end && !n.negative && n.value > 0;
}

/* Return the row whose clause has its name, or its form, in word AT; or NULL. */
static const struct bq_option *find_row(const struct bqdisc_qdisc *q, int at, char *const words[])
{
	const struct bq_option *row, *named = NULL;

	for (row = q->options; row < q->options + q->n_options; row++) {
		if (row->follows)
			continue;
		if (at && bq_word_is(row->form, words[at]) && !strcmp(row->name, words[at - 1]))
			return row;
		if (!named && (!strcmp(row->name, words[at]) || bq_word_is(row->alias, words[at])))
			named = row;
	}
	return named;
}

/* Words before AT, back to the name of the option, are values of the rows before that of AT. */
const char *bqdisc_qdisc__missing_unit(const struct bqdisc_qdisc *q, int at, char *const words[])
{
	const struct bq_option *row = NULL, *named, *end = q->options + q->n_options;
	int i, values = 0;

	if (!is_bare_number(words[at]))
		return NULL;
	for (i = at - 1; i >= 0 && !(row = find_row(q, i, words)); i--)
		values++;
	named = row;
	for (; row && row < end && values; values--)
		row = row + 1 < end && row[1].follows ? row + 1 : NULL;
	if (!row || row->unit != BQDISC_UNIT_TIME)
		return NULL;
	/* tc reads the times of slots with get_time64(), and all others with get_time(). */
	return strcmp(named->name, "slot") ? "us" : "ns";
}

void bq_tc_add_units(const struct bqdisc_qdisc *q, int n, char *words[], struct bq_words *made)
{
	const char *unit;
	int i;

	for (i = 0; i < n; i++) {
		unit = bqdisc_qdisc__missing_unit(q, i, words);
		if (!unit)
			continue;
		bq_words_add(made, "%s%s", words[i], unit);
		if (!made->failed)
			words[i] = made->v[made->n - 1];
	}
}
