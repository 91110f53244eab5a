/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kinds of an object that was built without the kit. All qdiscs of a kind share the object's global
 * variables, so their packets would mix. Each attach therefore loads the object again, as a
 * separate kind. The first kind is NAME, the others are NAME.2, NAME.3 ...
 */
#ifndef BQ_USER_CLONE_H
#define BQ_USER_CLONE_H

#include "user/catalog.h"

/*
 * Return a kind of Q's object that has no qdisc, to be loaded with CONFIG. *N is the number of the
 * last kind that the command has picked, 0 at first. Return NULL with a message on failure.
 */
const struct bqdisc_qdisc *bq_clone_pick(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
					 const void *config, unsigned int *n,
					 struct bq_error *error);
/* Parse WORDS like bq_options_parse(), but accept NAME=VALUE as well as NAME VALUE. */
int bq_clone_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		   struct bq_error *error);

#endif
