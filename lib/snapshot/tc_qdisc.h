/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words that tc has for qdiscs and classes: a table of kinds, each with rows. Of the room of
 * libmnl.
 */
#ifndef BQ_SNAPSHOT_TC_QDISC_H
#define BQ_SNAPSHOT_TC_QDISC_H

#include "snapshot/tc_format.h"

/* Says KIND and its OPTIONS, which may be NULL. Unsaid: a kind or an option without words. */
void bq_tc_print_qdisc(struct bq_tc_line *w, const char *kind, const struct nlattr *options);
void bq_tc_print_class(struct bq_tc_line *w, const char *kind, const struct nlattr *options);
/* Says a size table (TCA_STAB), if it is one that tc would compute. */
void bq_tc_print_stab(struct bq_tc_line *w, const struct nlattr *stab);

#endif
