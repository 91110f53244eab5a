// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Error messages: composition, and the removal of control characters. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"

/* Messages quote the user's words, which must not move the cursor or start a second line. */
static void replace_control_chars(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void set_error(struct bq_error *error, enum bqdisc_error_class error_class, const char *fmt,
		      va_list ap)
{
	if (!error)
		return;
	error->error_class = error_class;
	error->word = NULL;
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	replace_control_chars(error->text);
}

int bq_fail(struct bq_error *error, enum bqdisc_error_class error_class, int err, const char *fmt,
	    ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_error(error, error_class, fmt, ap);
	va_end(ap);
	return -err;
}

int bq_fail_word(struct bq_error *error, const char *word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_error(error, BQDISC_ERROR_USAGE, fmt, ap);
	va_end(ap);
	if (error)
		error->word = word;
	return -EINVAL;
}

void bq_fail_place(struct bq_error *error, const char *fmt, ...)
{
	char message[sizeof(error->text)];
	va_list ap;
	size_t len;

	if (!error)
		return;
	memcpy(message, error->text, sizeof(message));
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);
	len = strlen(error->text);
	snprintf(error->text + len, sizeof(error->text) - len, "%s", message);
	replace_control_chars(error->text);
}

void bq_warn(struct bq_error *error, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!error || !error->warn)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	replace_control_chars(line);
	error->warn(line);
}
