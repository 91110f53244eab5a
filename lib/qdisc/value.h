/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options and counters as values, by the rows of the descriptor. */
#ifndef BQ_QDISC_VALUE_H
#define BQ_QDISC_VALUE_H

#include "qdisc/qdisc.h"

#define BQ_VALUES_MAX 144 /* of one option or counter; those of a histogram of times */

/* Counters that the kernel's core keeps for every qdisc, read through netlink. */
extern const struct bq_counter bq_core_counters[];
extern const size_t bq_n_core_counters;

/* Return the number of values of a row. */
size_t bq_counter_count(const struct bq_counter *row);
/* Pass option N of CONFIG to FN. */
void bq_option_emit(const struct bqdisc_qdisc *q, size_t n, const void *config, bqdisc_value_fn fn,
		    void *arg);
/* Pass the counter with these values, as many as the row has, to FN. */
void bq_counter_emit(const struct bq_counter *row, const uint64_t *counts, bqdisc_value_fn fn,
		     void *arg);

#endif
