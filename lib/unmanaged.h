/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is not as we left it, for show and doctor to tell. */
#ifndef BQ_UNMANAGED_H
#define BQ_UNMANAGED_H

#include "bqdisc.h"

struct bq_unmanaged {
	const char *dev;
	uint32_t handle; /* of what is there now */
	const char *kind;
	bool lost; /* ours was replaced or taken away; false: ours, but without a record */
};

typedef void (*bq_unmanaged_fn)(const struct bq_unmanaged *stray, void *arg);

/* Tells of all in the namespace, or of those on DEV alone. */
int bq_each_unmanaged(struct bqdisc *bq, const char *dev, bq_unmanaged_fn fn, void *arg);

#endif
