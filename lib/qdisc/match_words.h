/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which packets are meant, in words: "not src 10.0.0.0/8 dport 443 proto tcp". Pure. */
#ifndef BQ_QDISC_MATCH_WORDS_H
#define BQ_QDISC_MATCH_WORDS_H

#include <bqdisc/match.h>

#include "util/error.h"

/* What follows the word `match`, for help. */
#define BQ_MATCH_METAVAR                                                                           \
	"[not] [src NET] [dst NET] [sport P[-P]] [dport P[-P]] [proto tcp|udp|icmp|N] "            \
	"[mark M[/MASK]] [dscp D]"

/*
 * Parses as many of WORDS as belong to a match; the first that does not ends it. Returns how many
 * it took, which is one field at least.
 */
int bq_match_parse(int n, char *const words[], struct bq_match *match, struct bq_error *error);

/* The words of its fields, and `not`, up to NULL. */
extern const char *const bq_match_words[];

/* Call FN for `not`, without a value, if MATCH is negated; then for each field with its value. */
void bq_match_each_field(const struct bq_match *match, bqdisc_match_fn fn, void *arg);

/* Writes MATCH as it is parsed; returns BUF. BQ_MATCH_TEXT bytes are enough. */
char *bq_match_format(const struct bq_match *match, char *buf, size_t size);
#define BQ_MATCH_TEXT 256

#endif
