/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parser of the number that a value begins with, with the syntax of strtod() and strtoull(). */
#ifndef BQ_UTIL_NUMBER_H
#define BQ_UTIL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum bq_parse {
	BQ_PARSE_OK,
	BQ_PARSE_EMPTY,
	BQ_PARSE_NOT_A_NUMBER,
	BQ_PARSE_NEGATIVE,
	BQ_PARSE_NO_UNIT,   /* the unit is required */
	BQ_PARSE_BAD_UNIT,  /* unknown unit behind the number */
	BQ_PARSE_OVERFLOW,  /* does not fit 64 bits */
	BQ_PARSE_TOO_SMALL, /* not 0, but rounds to 0 */
};

/* Number as written. Its sign is separate. */
struct bq_number {
	bool negative;
	bool whole; /* an integer: `digits` is exact, `value` may be rounded */
	uint64_t digits;
	double value;
	const char *end; /* begin of the unit */
};

/* Parse an integer to BASE, as for strtoull(). Return BQ_PARSE_OK or the reason of failure. */
enum bq_parse bq_read_integer(const char *text, int base, struct bq_number *n);

/* Parse a number that may have decimals and an exponent. Return as bq_read_integer() does. */
enum bq_parse bq_read_real(const char *text, struct bq_number *n);

#endif
