/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options of bqdisc in the words that tc has for the in-tree qdisc. */
#ifndef BQ_TC_INTREE_H
#define BQ_TC_INTREE_H

#include "qdisc/qdisc.h"
#include "tc/words.h"

/*
 * Append the options that CONFIG sets to WORDS. CONFIG has its defaults filled in. Pass options
 * that tc has no word for, or rounds, to NOTE, each in the syntax of bqdisc.
 */
void bq_intree_words(const struct bqdisc_qdisc *q, const void *config, struct bq_words *words,
		     void (*note)(const char *option, const char *why, void *arg), void *arg);

#endif
