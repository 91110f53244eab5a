/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Unmanaged qdiscs: attach points that changed without bqdisc, reported by show and doctor. */
#ifndef BQ_UNMANAGED_H
#define BQ_UNMANAGED_H

#include "bqdisc.h"

struct bq_unmanaged {
	const char *dev;
	uint32_t handle; /* handle of the current qdisc */
	const char *kind;
	/* true: another program replaced or removed the qdisc; false: it has no undo record */
	bool lost;
};

typedef void (*bq_unmanaged_fn)(const struct bq_unmanaged *qdisc, void *arg);

/* Call FN for all in the namespace, or for those on LIST of devices if it is not NULL. */
int bq_each_unmanaged(struct bqdisc *bq, const char *list, bq_unmanaged_fn fn, void *arg);
/*
 * Call UNMANAGED for all in the namespace, and then FN for each instance, as
 * bqdisc__each_instance() does. Warn of nothing.
 */
int bq_each_state(struct bqdisc *bq, bq_unmanaged_fn unmanaged, bqdisc_instance_fn fn, void *arg);

#endif
