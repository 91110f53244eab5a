// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"

/* What was typed is quoted in messages: it shall not move the cursor or make a second line. */
static void make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void write_down(struct bq_error *error, enum bqdisc_error_class error_class, const char *fmt,
		       va_list ap)
{
	error->error_class = error_class;
	error->word = NULL;
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	make_one_line(error->text);
}

int bq_fail(struct bq_error *error, enum bqdisc_error_class error_class, int err, const char *fmt,
	    ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_down(error, error_class, fmt, ap);
	va_end(ap);
	return -err;
}

int bq_fail_word(struct bq_error *error, const char *word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_down(error, BQDISC_ERROR_USAGE, fmt, ap);
	va_end(ap);
	error->word = word;
	return -EINVAL;
}

void bq_fail_place(struct bq_error *error, const char *fmt, ...)
{
	char what[sizeof(error->text)];
	va_list ap;
	size_t len;

	memcpy(what, error->text, sizeof(what));
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);
	len = strlen(error->text);
	snprintf(error->text + len, sizeof(error->text) - len, "%s", what);
	make_one_line(error->text);
}

void bq_warn(struct bq_error *error, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!error->warn)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	make_one_line(line);
	error->warn(line);
}
