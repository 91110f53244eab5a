/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Error of a command: functions return -errno and write one line for the user. */
#ifndef BQ_UTIL_ERROR_H
#define BQ_UTIL_ERROR_H

#include "bqdisc.h"

struct bq_error {
	enum bqdisc_error_class error_class;
	char text[1024];
	const char *dev;  /* device whose speed is 100% for rates; or NULL */
	bool any_dev;     /* without `dev`, accept rates in percent: the device is not known yet */
	const char *word; /* word at fault among those that were parsed; or NULL */
	void (*warn)(const char *line);
	void (*log)(const char *text);
	bool verbose;
};

/*
 * A NULL error stands for a caller that needs no message: the functions below then write nothing.
 */

/* Write the error class and the message. Return -ERR. A later call replaces an earlier one. */
__attribute__((format(printf, 4, 5))) int
bq_fail(struct bq_error *error, enum bqdisc_error_class error_class, int err, const char *fmt, ...);

/* Write a usage error about WORD, or about the end of the words if it is NULL. Return -EINVAL. */
__attribute__((format(printf, 3, 4))) int bq_fail_word(struct bq_error *error, const char *word,
						       const char *fmt, ...);

/* Prepend a location to the message, as in "FILE:LINE:COLUMN: message". */
__attribute__((format(printf, 2, 3))) void bq_fail_place(struct bq_error *error, const char *fmt,
							 ...);

/* Pass one line to the caller's warn function, if there is one. */
__attribute__((format(printf, 2, 3))) void bq_warn(struct bq_error *error, const char *fmt, ...);

#endif
