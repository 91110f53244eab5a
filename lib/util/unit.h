/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text to value and back, by tc's words. Pure: no kernel, no state. */
#ifndef BQ_UTIL_UNIT_H
#define BQ_UTIL_UNIT_H

#include "bqdisc.h"

enum bq_parse {
	BQ_PARSE_OK,
	BQ_PARSE_EMPTY,
	BQ_PARSE_NOT_A_NUMBER,
	BQ_PARSE_NEGATIVE,
	BQ_PARSE_NO_UNIT,   /* this kind of value needs one */
	BQ_PARSE_BAD_UNIT,  /* what follows the number is no unit of it */
	BQ_PARSE_OVERFLOW,  /* does not fit 64 bits */
	BQ_PARSE_TOO_SMALL, /* is not 0, but would round to it */
};

/* How a number is written: "010" is 8 for iproute2's get_u32(), and 10 for get_size(). */
enum bq_notation {
	BQ_AS_UNIT,    /* as values of the unit mostly are */
	BQ_AS_INTEGER, /* 0x begins a hexadecimal number, 0 an octal one */
	BQ_AS_DECIMAL, /* an integer to base 10 */
	BQ_AS_SIZE,    /* with decimals, an exponent, and the units of sizes */
};

/* Parses all of TEXT as a value of UNIT. *VALUE is written only on BQ_PARSE_OK. */
enum bq_parse bq_unit_parse(enum bqdisc_unit unit, const char *text, uint64_t *value);

enum bq_parse bq_unit_parse_as(enum bqdisc_unit unit, enum bq_notation as, const char *text,
			       uint64_t *value);
/* Parses a rate that is a share of a link's, as "50%". MBIT: the link's speed, Mbit a second. */
enum bq_parse bq_unit_parse_share(const char *text, uint32_t mbit, uint64_t *rate);

/* A sentence's end about a parse that failed: "is not a number". */
const char *bq_parse_says(enum bq_parse parse);

#endif
