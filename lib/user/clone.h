/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kinds of an object that was not made with the kit. All qdiscs of a kind share the object's global
 * variables, and so would mix their packets. Each attach therefore loads the object again, under a
 * kind of its own: NAME for the first, NAME.2, NAME.3 ... for the others.
 */
#ifndef BQ_USER_CLONE_H
#define BQ_USER_CLONE_H

#include "qdisc/qdisc.h"

/*
 * A kind of Q's object that has no qdisc, to be loaded with CONFIG. NULL with a message after a
 * failure.
 */
const struct bqdisc_qdisc *bq_clone_pick(const struct bqdisc_qdisc *q, const void *config,
					 struct bq_error *error);
/* As bq_options_parse(). NAME=VALUE is taken for NAME VALUE. */
int bq_clone_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		   struct bq_error *error);

#endif
