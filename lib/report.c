// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>

#include "report.h"

int bq_fail(struct bq_report *rep, enum bqdisc_fault fault, int err, const char *fmt, ...)
{
	va_list ap;

	rep->fault = fault;
	va_start(ap, fmt);
	vsnprintf(rep->text, sizeof(rep->text), fmt, ap);
	va_end(ap);
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
	rep->warn(line);
}
