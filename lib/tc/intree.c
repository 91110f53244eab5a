// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "fq_codel.h"
#include "netem.h"
#include "qdisc/option.h"
#include "qdisc/value.h"
#include "tc/intree.h"

struct writer {
	const struct bqdisc_qdisc *q;
	const void *config;
	size_t row;
	struct bq_words *words;
	void (*note)(const char *option, const char *why, void *arg);
	void *arg;
};

/* Return true if tc looks for a table under another name than NAME. */
static bool is_own_file(const char *name)
{
	return !*name || strchr(name, '/') || strchr(name, '.');
}

/* Return true for a flag or name that has its default, for which tc may have no word. */
static bool is_default(const struct bq_option *row, const struct bqdisc_value *v)
{
	return v->word && !strcmp(v->word, row->default_value);
}

static void note(const struct writer *w, const struct bqdisc_value *v, const char *why)
{
	char option[512];

	w->note(bqdisc_value__format(v, option, sizeof(option)), why, w->arg);
}

/* tc has no suffix for packets, and reads plain numbers where bqdisc takes sizes. */
static void write_number(struct writer *w, const struct bq_option *row, uint64_t value)
{
	bool scaled = row->unit == BQDISC_UNIT_TIME || row->unit == BQDISC_UNIT_RATE ||
		      row->unit == BQDISC_UNIT_PERCENT;
	char text[32];

	if (row->tc_max && value > row->tc_max)
		value = row->tc_max;
	/* A small value is not the same as none. */
	if (row->tc_step && value)
		value = value < row->tc_step ? row->tc_step : value - value % row->tc_step;
	if (scaled && value)
		bq_words_add(w->words, "%s",
			     bqdisc_unit__format(row->unit, value, text, sizeof(text)));
	else if (row->unit == BQDISC_UNIT_SIGNED || row->unit == BQDISC_UNIT_INTEGER)
		bq_words_add(w->words, "%lld", (long long)value);
	else
		bq_words_add(w->words, "%llu", (unsigned long long)value);
}

static void write_values(struct writer *w, const struct bq_option *row,
			 const struct bqdisc_value *v)
{
	size_t i;

	if (!v->follows && v->unit != BQDISC_UNIT_FLAG)
		bq_words_add(w->words, "%s", v->name);
	if (v->form)
		bq_words_add(w->words, "%s", v->form);
	if (v->word)
		bq_words_add(w->words, "%s", v->word);
	for (i = 0; !v->word && i < v->count; i++)
		write_number(w, row, v->values[i]);
	if (row->tc_max && v->values[0] > row->tc_max)
		note(w, v, "is more than tc takes");
	else if (row->tc_step && v->values[0] % row->tc_step)
		note(w, v, "is rounded to microseconds");
}

/* Write loss in bursts as the model of tc that makes them. Return false for another option. */
static bool write_burst(struct writer *w)
{
	const struct netem_config *c = w->config;
	char begin[32], end[32];

	if (strcmp(w->q->object, "netem") || (w->row != NETEM_BURST && w->row != NETEM_BURST_LEN))
		return false;
	if (w->row == NETEM_BURST_LEN)
		return true;
	bq_words_add(w->words, "loss");
	bq_words_add(w->words, "gemodel");
	bq_words_add(
		w->words, "%s",
		bqdisc_unit__format(BQDISC_UNIT_PERCENT, c->all.burst_begin, begin, sizeof(begin)));
	bq_words_add(w->words, "%s",
		     bqdisc_unit__format(BQDISC_UNIT_PERCENT, c->all.burst_end, end, sizeof(end)));
	return true;
}

/* Write the selector of fq_codel and its mask as one word. Return false for another option. */
static bool write_selector(struct writer *w)
{
	const struct fq_codel_config *c = w->config;

	if (strcmp(w->q->object, "fq_codel") ||
	    (w->row != FQ_CODEL_CE_SELECTOR && w->row != FQ_CODEL_CE_MASK))
		return false;
	if (w->row == FQ_CODEL_CE_MASK)
		return true;
	bq_words_add(w->words, "%s", w->q->options[w->row].name);
	bq_words_add(w->words, "%u/%u", c->ce_selector, c->ce_mask);
	return true;
}

/* Return true if tc needs the value although it is not set. */
static bool is_always_in_tc(const struct writer *w, const struct bq_option *row)
{
	return row->in_tc_always && !bq_option_is_excluded(w->q, row, w->config) &&
	       (!row->modifies || bq_option_is_set(w->config, row->modifies - 1));
}

static void write_option(const struct bqdisc_value *v, void *arg)
{
	struct writer *w = arg;
	const struct bq_option *row = &w->q->options[w->row];

	if (!v->is_set && !is_always_in_tc(w, row))
		return;
	if (v->none || is_default(row, v))
		return;
	if (row->not_in_tc && !v->follows)
		note(w, v, "has no word in tc");
	else if (row->unit == BQDISC_UNIT_NAME && is_own_file(v->word))
		note(w, v, "is a table that tc does not find by a name");
	else if (!row->not_in_tc && !write_burst(w) && !write_selector(w))
		write_values(w, row, v);
}

void bq_intree_words(const struct bqdisc_qdisc *q, const void *config, struct bq_words *words,
		     void (*fn)(const char *option, const char *why, void *arg), void *arg)
{
	struct writer w = { .q = q, .config = config, .words = words, .note = fn, .arg = arg };

	for (; w.row < q->n_options; w.row++)
		bq_option_emit(q, w.row, config, write_option, &w);
}
