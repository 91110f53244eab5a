/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Macros for the rows in qdisc/: offsets and sizes in the structs of a kind. */
#ifndef BQ_QDISC_ROWS_H
#define BQ_QDISC_ROWS_H

#include <stddef.h>

#include "qdisc/qdisc.h"
#include "util/array.h"

/* Option in MEMBER of the config struct TYPE, or in an array of N values there. */
#define BQ_FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define BQ_VECTOR(type, member, n)                                                                 \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member[0]), .count = (n)

/* Counter in MEMBER of the stats struct TYPE. */
#define BQ_STAT(type, member) .offset = offsetof(type, member)

/* Layout of the kind's instance struct. */
#define BQ_INSTANCE(type)                                                                          \
	.instance_size = sizeof(type), .config_offset = offsetof(type, config),                    \
	.config_size = sizeof(((type *)0)->defaults), .stats_offset = offsetof(type, stats)

#endif
