/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of tc's output: an option or a counter each. */
#ifndef TC_ROWS_H
#define TC_ROWS_H

#include "cmd.h"

/* Form of a value in text and in JSON. */
enum tc_form {
	TC_NUMBER,
	TC_POWER,   /* a number, rounded up to a power of 2 */
	TC_SIGNED,  /* a number, possibly negative */
	TC_SIZE,    /* text "15Kb", JSON bytes */
	TC_RATE,    /* text "1Mbit", JSON bytes a second; the value has bits a second */
	TC_SECONDS, /* text "10ms", JSON 0.01; the value has ns */
	TC_NS,      /* text "10us", JSON 10000 */
	TC_US,      /* text "10ms", JSON 10000; the value has ns */
	TC_CODEL,   /* the same, of a time that the kernel rounds to units of 1024 ns */
	TC_SHARE,   /* text "1%", JSON 0.01; the value is a fraction of 2^32 - 1 */
	TC_LIST,    /* text "1 2 3 ", JSON an array */
	TC_BOOL,    /* text without a value, JSON true or false */
	TC_KEYWORD, /* the keyword of the value; JSON null, with the keyword as key */
};

/* Conditions for a row. */
enum tc_when {
	TC_ALWAYS,
	TC_NEVER,
	TC_GIVEN,        /* the user named the option */
	TC_LIMITED,      /* it has a value */
	TC_ZERO,         /* the value is 0 */
	TC_NONZERO,      /* the value is not 0 */
	TC_TEXT_NONZERO, /* the same for text; JSON has it always */
};

struct tc_row {
	const char *key;   /* of struct bqdisc_value; NULL: the value is 0 */
	const char *json;  /* key in tc's JSON; NULL: none, unless it is a keyword */
	const char *text;  /* before the value; NULL: not in text */
	const char *after; /* behind it, in text; NULL: nothing */
	enum tc_form form;
	enum tc_when when;
	/*
	 * Name of the object of JSON that begins with this row and ends at the next row with an
	 * object. "": no object. If its first row is left out, so are the others.
	 */
	const char *object;
	size_t index;     /* of the value, if there are several */
	bool begins_line; /* in text, of the rows that are printed only the first one does */
};

/* Output for a qdisc; each list ends with a row of zeros. */
struct tc_format {
	const char *kind; /* of the in-tree qdisc; NULL: tc does not know it */
	const struct tc_row *options, *xstats;
};

/* Counters of the kernel's core. */
extern const struct tc_row tc_core[];

/* Return the format for the qdisc of bqdisc with this name. */
const struct tc_format *tc_format_find(const char *name);

#endif
