/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Data of bqdisc top: rows with their rates of the last interval and their history; sorted and
 * filtered. Each reading adds all rows anew; rows with the same key are the same.
 */
#ifndef TOP_MODEL_H
#define TOP_MODEL_H

#include "bqdisc.h"

enum top_column {
	TOP_BITS,    /* bits per second */
	TOP_PACKETS, /* packets per second */
	TOP_BACKLOG, /* bytes */
	TOP_P50,     /* ns: median delay of the packets of the interval */
	TOP_P99,     /* ns; of a flow, the time for which its next packet has waited */
	TOP_DROPS,   /* packets per second */
	TOP_NUMBERS,
	TOP_NAME = TOP_NUMBERS,
	TOP_QDISC,
	TOP_COLUMNS,
};

#define TOP_NAME_MAX 128
#define TOP_QDISC_MAX 32
#define TOP_DEV_MAX 64
#define TOP_HISTORY 60 /* readings */

struct top_key {
	uint32_t ifindex, parent, handle;
	uint64_t flow; /* of a flow: its number */
};

/* One row of one reading: totals since the qdisc or flow is new. */
struct top_reading {
	struct top_key key;
	char dev[TOP_DEV_MAX];
	char name[TOP_NAME_MAX];
	char qdisc[TOP_QDISC_MAX];
	bool has_queues, has_flows;
	uint64_t bytes, packets, drops;
	uint64_t backlog_bytes;
	uint64_t waited_ns;         /* of a flow */
	struct bqdisc_value delays; /* a histogram; .count is 0: none */
	uint64_t *counts;           /* values of `delays`, from malloc(); NULL: none */
};

struct top_row {
	struct top_reading last;
	/*
	 * NAN: unknown, as the row is new, or no packet left in the interval. INFINITY: longer than
	 * the histogram's last bound.
	 */
	double value[TOP_NUMBERS];
	float history[TOP_NUMBERS][TOP_HISTORY]; /* the newest is the last */
};

struct top_model {
	struct top_row *rows; /* by key */
	size_t n;
	const struct top_row **shown; /* those that match the filter, in order */
	size_t n_shown;
	enum top_column sort;
	bool reverse;       /* begin with the lowest number, or the last name */
	const char *filter; /* text in the name or the qdisc; "" or NULL: all rows */
	double read_at;     /* time of the last reading in seconds; 0: none */
	/* the reading that goes on */
	struct top_row *new_rows;
	size_t n_new;
	double seconds; /* since the last one; 0: unknown */
};

/* Return a negative number, 0 or a positive one, as memcmp(). */
int top_key_compare(const struct top_key *a, const struct top_key *b);

/* Begin a reading at the time NOW, in seconds. */
void top_model_begin(struct top_model *m, double now);
/* Add a row, which frees READING->counts later. Aborts if memory is out. */
void top_model_add(struct top_model *m, const struct top_reading *reading);
/* End the reading. Rows that were not added again are gone. */
void top_model_end(struct top_model *m);
/* Set `shown` after `sort`, `reverse` or `filter` has changed. */
void top_model_show(struct top_model *m);
/* Remove all rows. */
void top_model_clear(struct top_model *m);

/* Return the index in `shown` of the row KEY, or n_shown. */
size_t top_model_find(const struct top_model *m, const struct top_key *key);
/* Return the sum of a column over all rows that are shown. */
double top_model_sum(const struct top_model *m, enum top_column column);

#define TOP_LEVELS 8
/*
 * Set LEVELS to the history of a column, COLUMNS wide: the highest value of each part from 0 to
 * TOP_LEVELS - 1, relative to the highest of all; -1: unknown. Return the highest value.
 */
double top_row_levels(const struct top_row *row, enum top_column column, size_t columns,
		      signed char *levels);

#endif
