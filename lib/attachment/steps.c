// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attachment/steps.h"

#define LINE_MAX_BYTES 4096 /* a filter with many keys is long */

/* --- output --- */

struct bq_printer bq_printer_for(const struct bqdisc_dry_run *to, const char *dev)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-@";
	struct bq_printer p = { .to = to };
	size_t len = 0;

	if (!dev[strspn(dev, harmless)]) {
		snprintf(p.dev, sizeof(p.dev), "%s", dev);
		return p;
	}
	p.dev[len++] = '\'';
	for (; *dev && len < sizeof(p.dev) - 5; dev++)
		len += (size_t)snprintf(p.dev + len, sizeof(p.dev) - len,
					*dev == '\'' ? "'\\''" : "%c", *dev);
	p.dev[len] = '\'';
	return p;
}

void bq_print(struct bq_printer *p, bool command, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	p->to->step(line, command, p->to->arg);
	p->printed = true;
}

struct words {
	char *text;
	size_t len;
};

static void add_set_option(const struct bqdisc_value *v, void *arg)
{
	struct words *w = arg;
	char option[512];
	int n;

	if (!v->is_set || v->none)
		return;
	n = snprintf(w->text + w->len, BQ_OPTION_WORDS_MAX - w->len, "%s%s", w->len ? " " : "",
		     bqdisc_value__format(v, option, sizeof(option)));
	if (n > 0 && w->len + (size_t)n < BQ_OPTION_WORDS_MAX)
		w->len += (size_t)n;
}

const char *bq_print_options(const struct bqdisc_qdisc *q, const void *config,
			     char buf[BQ_OPTION_WORDS_MAX])
{
	struct words w = { .text = buf };

	*buf = '\0';
	bq_options_each(q, config, add_set_option, &w);
	return buf;
}

/* --- steps --- */

void bq_steps_add(struct bq_steps *steps, const struct bq_step *step, void *arg)
{
	steps->v[steps->n].step = step;
	steps->v[steps->n++].arg = arg;
}

static int print_all(const struct bq_steps *steps, struct bq_printer *p)
{
	size_t i;

	for (i = 0; i < steps->n; i++)
		steps->v[i].step->print(p, steps->v[i].arg);
	return p->printed;
}

static void undo(const struct bq_steps *steps, size_t n, struct bq_error *error)
{
	while (n--)
		if (steps->v[n].step->undo)
			steps->v[n].step->undo(steps->v[n].arg, error);
}

void bq_steps_undo(const struct bq_steps *steps, struct bq_error *error)
{
	undo(steps, steps->n, error);
}

int bq_steps_perform(const struct bq_steps *steps, struct bq_printer *p, struct bq_error *error)
{
	int one, ret = 0;
	size_t i;

	if (p->to)
		return print_all(steps, p);
	for (i = 0; i < steps->n; i++) {
		one = steps->v[i].step->run(steps->v[i].arg, error);
		if (one < 0) {
			undo(steps, i, error);
			return one;
		}
		ret |= one;
	}
	return ret;
}
