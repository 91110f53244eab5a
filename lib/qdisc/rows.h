/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Macros for the rows in qdisc/: offsets and sizes in the structs of a kind. */
#ifndef BQ_QDISC_ROWS_H
#define BQ_QDISC_ROWS_H

#include <stddef.h>

#include "qdisc/flows.h"
#include "util/array.h"

/* Option in MEMBER of the config struct TYPE, or in an array of N values there. */
#define BQ_FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define BQ_VECTOR(type, member, n)                                                                 \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member[0]), .count = (n)

/* Counter in MEMBER of the stats struct TYPE. */
#define BQ_STAT(type, member) .offset = offsetof(type, member)

/* Layout of the kind's instance struct, with the last drops in its stats. */
#define BQ_INSTANCE(type)                                                                          \
	.instance_size = sizeof(type), .config_offset = offsetof(type, config),                    \
	.config_size = sizeof(((type *)0)->defaults), .stats_offset = offsetof(type, stats),       \
	.drops_offset = offsetof(type, stats.drops),                                               \
	.n_drops = ARRAY_SIZE(((type *)0)->stats.drops)

/* A histogram of times in the stats struct. */
#define BQ_TIMES_ROW(type, member, key_, group_, help_)                                            \
	{                                                                                          \
		.key = key_, .group = group_, .help = help_, .unit = BQDISC_UNIT_TIME,             \
		.count = BQ_TIMES, .histogram = true, BQ_STAT(type, member)                        \
	}

/* The histogram of the queue lengths that arriving packets saw. */
#define BQ_QUEUE_LENGTH_ROW(type)                                                                  \
	{                                                                                          \
		.key = "queue_length_packets", .group = "queue length",                            \
		.help = "histogram of the packets in the queue when a packet arrived",             \
		.unit = BQDISC_UNIT_PACKETS, .count = BQ_LENGTHS, .histogram = true,               \
		BQ_STAT(type, queue_length)                                                        \
	}

#endif
