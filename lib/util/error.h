/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How a failure travels: -errno as the return value, and one line for people in a report. */
#ifndef BQ_UTIL_ERROR_H
#define BQ_UTIL_ERROR_H

#include "bqdisc.h"

struct bq_error {
	enum bqdisc_error_class error_class;
	char text[1024];
	const char *dev;  /* the device that the words are for, whose speed is 100%; or NULL */
	const char *word; /* the one at fault, of those that were being parsed; or NULL */
	void (*warn)(const char *line);
	void (*log)(const char *text);
	bool verbose;
};

/* Writes down the failure and returns -err. The last one written stands. */
__attribute__((format(printf, 4, 5))) int
bq_fail(struct bq_error *error, enum bqdisc_error_class error_class, int err, const char *fmt, ...);
/* The same for what was asked for: WORD is at fault, or the end of the words if it is NULL. */
__attribute__((format(printf, 3, 4))) int bq_fail_word(struct bq_error *error, const char *word,
						       const char *fmt, ...);
/* Puts a place before the message, as in "FILE:LINE:COLUMN: what". */
__attribute__((format(printf, 2, 3))) void bq_fail_place(struct bq_error *error, const char *fmt,
							 ...);
/* Passes one line on to whoever listens. */
__attribute__((format(printf, 2, 3))) void bq_warn(struct bq_error *error, const char *fmt, ...);

#endif
