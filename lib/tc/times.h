/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef BQ_TC_TIMES_H
#define BQ_TC_TIMES_H

#include "tc/words.h"

struct bqdisc_qdisc;

/*
 * Put words with a unit in the place of those of N WORDS, options of Q, which lack it: the parser
 * of bqdisc wants one. MADE owns the new words.
 */
void bq_tc_add_units(const struct bqdisc_qdisc *q, int n, char *words[], struct bq_words *made);

#endif
