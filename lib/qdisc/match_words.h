/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Matches of packets as text, such as "not src 10.0.0.0/8 dport 443 proto tcp". No I/O. */
#ifndef BQ_QDISC_MATCH_WORDS_H
#define BQ_QDISC_MATCH_WORDS_H

#include <bqdisc/match.h>

#include "util/error.h"

/* Syntax after the keyword `match`, for help. */
#define BQ_MATCH_METAVAR                                                                           \
	"[not] [src NET] [dst NET] [sport P[-P]] [dport P[-P]] [proto tcp|udp|icmp|N] "            \
	"[mark M[/MASK]] [dscp D]"

/*
 * Parse WORDS up to the first that is not part of a match. Return the number of words parsed, at
 * least one field, or -errno.
 */
int bq_match_parse(int n, char *const words[], struct bq_match *match, struct bq_error *error);

/* Keywords of the fields, and `not`, up to NULL. */
extern const char *const bq_match_words[];

/* Call FN for `not`, without a value, if MATCH is negated; then for each field with its value. */
void bq_match_each_field(const struct bq_match *match, bqdisc_match_fn fn, void *arg);

/* Write MATCH in the syntax of bq_match_parse(). Return BUF. BQ_MATCH_TEXT bytes are enough. */
char *bq_match_format(const struct bq_match *match, char *buf, size_t size);
#define BQ_MATCH_TEXT 256

#endif
