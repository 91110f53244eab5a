/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A recording (record_line.h), reduced to as many points as a chart can show. */
#ifndef RECORDING_H
#define RECORDING_H

#include "output.h"

/* Most points. Then every second one is dropped; with an odd number the last one is kept. */
#define POINTS_MAX 1201

/* Most flows that are told apart; the bytes of any further ones are in one counter. */
#define RECORDED_FLOWS_MAX 256
#define RECORDED_FLOW "flow" /* group of the bytes that a flow has sent; its key is its name */

/* A counter at each point. An instance continues where the one before it ended. */
struct recorded_counter {
	char *key, *group;
	size_t count;     /* values */
	uint64_t *bounds; /* of a histogram: exclusive upper bounds of its buckets; else NULL */
	bool is_time;     /* in ns */
	uint64_t *base;   /* values of earlier instances */
	uint64_t *now;    /* values at the last line */
	uint64_t *at;     /* values at each point: at[point * count + n] */
};

struct recorded_point {
	double seconds;         /* since the start */
	bool gone;              /* no instance */
	uint64_t backlog_bytes; /* highest since the point before */
	uint64_t backlog_packets;
	size_t change; /* number of changes of the options until then */
};

/* Options from a time on. */
struct recorded_change {
	double seconds;
	char *words;
	json_t *options;
};

struct recording {
	const char *path;
	json_t *head;
	char *qdisc; /* the last one */
	bool cut;    /* the last line is incomplete */
	size_t samples;
	size_t stride, skipped; /* samples a point, and since the last point */
	struct recorded_counter *counters;
	size_t n_counters, n_flows; /* of the counters */
	struct recorded_point points[POINTS_MAX];
	size_t n_points;
	struct recorded_change *changes;
	size_t n_changes;
};

/* Read PATH; "-" is standard input. Return 0, or the exit status after printing an error. */
int recording_read(struct recording *r, const char *path);
void recording_free(struct recording *r);

/* Return the counter KEY, or NULL. */
const struct recorded_counter *recording_counter(const struct recording *r, const char *key);
/* Return how much all values of C together grew from the point BEFORE to the point AFTER. */
uint64_t recorded_growth(const struct recorded_counter *c, size_t before, size_t after);
/*
 * Return the middle of the bucket that holds the percentile of the values of a histogram that came
 * between two points; of the last bucket, which has no upper bound, its lower one. 0: none came.
 */
uint64_t recorded_percentile(const struct recorded_counter *c, size_t before, size_t after,
			     unsigned int per_mille);

#endif
