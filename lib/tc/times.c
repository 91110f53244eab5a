// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Times as tc reads them: a number without a unit is in microseconds. */
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
bool bqdisc_qdisc__lacks_unit(const struct bqdisc_qdisc *q, int at, char *const words[])
{
	const struct bq_option *row = NULL, *end = q->options + q->n_options;
	int i, values = 0;

	if (!is_bare_number(words[at]))
		return false;
	for (i = at - 1; i >= 0 && !(row = find_row(q, i, words)); i--)
		values++;
	/* tc reads times of slots in nanoseconds, as bqdisc does: get_time64() in its q_netem.c. */
	if (row && !strcmp(row->name, "slot"))
		return false;
	for (; row && row < end && values; values--)
		row = row + 1 < end && row[1].follows ? row + 1 : NULL;
	return row && row->unit == BQDISC_UNIT_TIME;
}

void bq_tc_add_units(const struct bqdisc_qdisc *q, int n, char *words[], struct bq_words *made)
{
	int i;

	for (i = 0; i < n; i++) {
		if (!bqdisc_qdisc__lacks_unit(q, i, words))
			continue;
		bq_words_add(made, "%sus", words[i]);
		if (!made->failed)
			words[i] = made->v[made->n - 1];
	}
}
