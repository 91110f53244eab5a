// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

/* What was typed is quoted in messages: it shall not move the cursor or make a second line. */
static void make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void write_down(struct bq_report *rep, enum bqdisc_fault fault, const char *fmt, va_list ap)
{
	rep->fault = fault;
	rep->word = NULL;
	vsnprintf(rep->text, sizeof(rep->text), fmt, ap);
	make_one_line(rep->text);
}

int bq_fail(struct bq_report *rep, enum bqdisc_fault fault, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_down(rep, fault, fmt, ap);
	va_end(ap);
	return -err;
}

int bq_fail_word(struct bq_report *rep, const char *word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_down(rep, BQDISC_FAULT_USAGE, fmt, ap);
	va_end(ap);
	rep->word = word;
	return -EINVAL;
}

void bq_fail_place(struct bq_report *rep, const char *fmt, ...)
{
	char what[sizeof(rep->text)];
	va_list ap;
	size_t len;

	memcpy(what, rep->text, sizeof(what));
	va_start(ap, fmt);
	vsnprintf(rep->text, sizeof(rep->text), fmt, ap);
	va_end(ap);
	len = strlen(rep->text);
	snprintf(rep->text + len, sizeof(rep->text) - len, "%s", what);
	make_one_line(rep->text);
}

void bq_warn(struct bq_report *rep, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!rep->warn)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	make_one_line(line);
	rep->warn(line);
}
