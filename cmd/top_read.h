/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Readings of bqdisc top. */
#ifndef TOP_READ_H
#define TOP_READ_H

#include "top_model.h"

/* Rows that top shows. */
enum top_level {
	TOP_DEVICES, /* one for each qdisc; the queues of a device are one */
	TOP_QUEUES,  /* of one device */
	TOP_FLOWS,   /* of one qdisc; or its rules */
};

struct top_place {
	enum top_level level;
	const char *devs;   /* as in attach; NULL: all */
	struct top_key key; /* TOP_FLOWS: of the qdisc */
};

/* Return true if rows of LEVEL have a value in COLUMN. */
bool top_level_has(enum top_level level, enum top_column column);

/* Read the rows of PLACE into MODEL. Return 0, or -errno: then rows are missing. */
int top_read(struct bqdisc *bq, const struct top_place *place, struct top_model *model);

#endif
