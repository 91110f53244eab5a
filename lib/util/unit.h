/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Conversion of values from and to text, in the syntax of tc. */
#ifndef BQ_UTIL_UNIT_H
#define BQ_UTIL_UNIT_H

#include "bqdisc.h"
#include "util/number.h"

/* Notation of a number: "010" is 8 for get_u32() of iproute2, and 10 for get_size(). */
enum bq_notation {
	BQ_AS_UNIT,    /* default of the unit */
	BQ_AS_INTEGER, /* hexadecimal after 0x, octal after 0 */
	BQ_AS_DECIMAL, /* an integer to base 10 */
	BQ_AS_SIZE,    /* decimals, exponent and units of sizes */
};

/* Parse all of TEXT as a value of UNIT. Set *VALUE on BQ_PARSE_OK only. */
enum bq_parse bq_unit_parse(enum bqdisc_unit unit, const char *text, uint64_t *value);

/* Parse as bq_unit_parse() does, in the notation AS. */
enum bq_parse bq_unit_parse_as(enum bqdisc_unit unit, enum bq_notation as, const char *text,
			       uint64_t *value);

/* Parse a rate in percent of the device's speed MBIT, in Mbit/s. Set *RATE, in bits/s. */
enum bq_parse bq_unit_parse_share(const char *text, uint32_t mbit, uint64_t *rate);

/* Return the suffix of a formatted value of UNIT. */
const char *bq_unit_tail(enum bqdisc_unit unit);

/* Return the predicate of an error message: "is not a number". */
const char *bq_parse_strerror(enum bq_parse parse);

#endif
