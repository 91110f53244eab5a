/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The number that a value begins with, as strtod() and strtoull() read it for tc. */
#ifndef BQ_UTIL_NUMBER_H
#define BQ_UTIL_NUMBER_H

#include "util/unit.h"

/* A number as it is written, without its sign. */
struct bq_number {
	bool negative;
	bool whole; /* an integer: DIGITS is exact where VALUE may not be */
	uint64_t digits;
	double value;
	const char *end; /* where the unit begins */
};

/* Reads an integer, to BASE as for strtoull(). BQ_PARSE_OK or why there is none. */
enum bq_parse bq_read_integer(const char *text, int base, struct bq_number *n);
/* The same for a number that may have decimals and an exponent. */
enum bq_parse bq_read_real(const char *text, struct bq_number *n);

#endif
