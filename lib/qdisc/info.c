// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptors as the library's users see them. */
#include <stdarg.h>
#include <stdio.h>

#include "qdisc/qdisc.h"

const char *bqdisc_qdisc__name(const struct bqdisc_qdisc *q)
{
	return q->name;
}

const char *bqdisc_qdisc__kind(const struct bqdisc_qdisc *q)
{
	return q->kind;
}

bool bqdisc_qdisc__is_native(const struct bqdisc_qdisc *q)
{
	return bq_qdisc_is_native(q);
}

const char *bqdisc_qdisc__summary(const struct bqdisc_qdisc *q)
{
	return q->summary;
}

const char *bqdisc_qdisc__counterpart(const struct bqdisc_qdisc *q)
{
	return q->peer || bq_qdisc_is_user(q) ? q->peer : q->name;
}

bool bqdisc_qdisc__is_per_queue(const struct bqdisc_qdisc *q)
{
	return q->per_queue;
}

const char *bqdisc_qdisc__without_egress(const struct bqdisc_qdisc *q)
{
	return q->without_egress;
}

const char *bqdisc_qdisc__description(const struct bqdisc_qdisc *q)
{
	return q->description;
}

#define SYNOPSIS_MAX 256

struct text {
	char buf[SYNOPSIS_MAX];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (t->len < sizeof(t->buf))
		t->len += (size_t)vsnprintf(t->buf + t->len, sizeof(t->buf) - t->len, fmt, ap);
	va_end(ap);
}

/* Write the syntax of a clause, such as "delay TIME [JITTER [CORR]]". */
static const char *write_synopsis(const struct bqdisc_qdisc *q, const struct bq_option *row,
				  struct text *t)
{
	size_t open = 0;

	t->len = 0;
	t->buf[0] = '\0';
	if (row->follows)
		return t->buf;
	if (row->words[0])
		add(t, "%s | %s", row->words[1], row->words[0]);
	else
		add(t, "%s", row->name);
	if (row->form)
		add(t, row->plain ? " [%s]" : " %s", row->form);
	if (*row->metavar)
		add(t, " %s", row->metavar);
	for (row++; row < q->options + q->n_options && row->follows; row++) {
		add(t, row->follows == BQ_MAY_FOLLOW ? " [%s" : " %s", row->metavar);
		open += row->follows == BQ_MAY_FOLLOW;
	}
	while (open--)
		add(t, "]");
	return t->buf;
}

void bqdisc_qdisc__each_option(const struct bqdisc_qdisc *q, bqdisc_option_fn fn, void *arg)
{
	const struct bq_option *row;
	struct text synopsis;

	for (row = q->options; row < q->options + q->n_options; row++) {
		struct bqdisc_option_info info = {
			.name = row->name,
			.alias = row->alias,
			.form = row->form,
			.follows = row->follows,
			.synopsis = write_synopsis(q, row, &synopsis),
			.key = row->key,
			.metavar = row->metavar,
			.default_value = row->default_value,
			.help = row->help,
			.unit = row->unit,
			.min = row->min,
			.max = row->max,
			.count = row->words[0] ? 0 : bq_option_count(row),
			.words = { row->words[0], row->words[1] },
			.names = row->names,
		};

		fn(&info, arg);
	}
}

void bqdisc_qdisc__each_word(const struct bqdisc_qdisc *q, bqdisc_word_fn fn, void *arg)
{
	const struct bq_keyword *word;

	for (word = q->words; word < q->words + q->n_words; word++) {
		struct bqdisc_word_info info = { word->name, word->metavar, word->help,
						 word->fields };

		fn(&info, arg);
	}
}
