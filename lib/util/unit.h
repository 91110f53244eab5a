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
	BQ_PARSE_NO_UNIT,  /* this kind of value needs one */
	BQ_PARSE_BAD_UNIT, /* what follows the number is no unit of it */
	BQ_PARSE_OVERFLOW, /* does not fit 64 bits */
};

/* Parses all of TEXT as a value of UNIT. *VALUE is written only on BQ_PARSE_OK. */
enum bq_parse bq_unit_parse(enum bqdisc_unit unit, const char *text, uint64_t *value);

/* A sentence's end about a parse that failed: "is not a number". */
const char *bq_parse_says(enum bq_parse parse);

#endif
