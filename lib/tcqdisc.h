/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words that tc has for qdiscs and classes: a table of kinds, each with rows. Of the room of
 * libmnl.
 */
#ifndef BQ_TCQDISC_H
#define BQ_TCQDISC_H

#include "tcform.h"

/* Says KIND and its OPTIONS, which may be NULL. Unsaid: a kind or an option without words. */
void bq_tcqdisc_say(struct bq_words *w, const char *kind, const struct nlattr *options);
void bq_tcclass_say(struct bq_words *w, const char *kind, const struct nlattr *options);
/* Says a size table (TCA_STAB), if it is one that tc would compute. */
void bq_tcqdisc_say_stab(struct bq_words *w, const struct nlattr *stab);

#endif
