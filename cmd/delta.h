/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Differences between the counters of all instances at two times. */
#ifndef DELTA_H
#define DELTA_H

#include "reading.h"

/* The counters of an instance, and what identifies it. */
struct sampled {
	char *dev, *qdisc;
	uint32_t ifindex, parent, handle;
	uint64_t created_ns;
	struct reading reading;
};

/* Those of all instances, at one time. */
struct sampling {
	struct sampled *v;
	size_t n;
	double seconds; /* CLOCK_MONOTONIC */
};

/* Replace the contents of S. Return 0 or -errno. */
int sampling_take(struct sampling *s, struct bqdisc *bq, const char *dev, bool per_queue);
void sampling_free(struct sampling *s);

/* Print totals and rates. Counters that are zero are left out unless ZEROS. */
void delta_print_totals(const struct sampling *now, const struct sampling *before, bool zeros,
			const struct globals *g);

/*
 * stats --delta: print what happens in SECONDS. Close BQ. Return the exit status. Counters that did
 * not change are left out unless ZEROS.
 */
int delta(struct bqdisc *bq, const char *dev, bool per_queue, bool zeros, double seconds,
	  const struct globals *g);

#endif
