// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>

#include "report.h"

/* What was typed is quoted in messages: it shall not move the cursor or make a second line. */
static void make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int bq_fail(struct bq_report *rep, enum bqdisc_fault fault, int err, const char *fmt, ...)
{
	va_list ap;

	rep->fault = fault;
	va_start(ap, fmt);
	vsnprintf(rep->text, sizeof(rep->text), fmt, ap);
	va_end(ap);
	make_one_line(rep->text);
	return -err;
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
