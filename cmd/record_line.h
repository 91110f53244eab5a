/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Format of recordings: a line of JSON for each sample, which record writes and report reads.
 *
 * The first line has "bqdisc_record", the version of the format, and describes the machine. Each
 * other line has "t_ns", the time since the start. "stats" has the counters that changed since the
 * previous line. A counter with several values, such as a histogram, is an object of the values
 * that changed, by their index. The first sample, and each after the options changed, has "words"
 * and "options". The first of an instance also has "qdisc" and "counters", and begins from zero.
 * "flows" has the bytes that flows, or rules of netem, have sent since the previous line: of those
 * that sent most, as pairs of name and bytes.
 * "gone" is true in the first sample after the qdisc was detached.
 */
#ifndef RECORD_LINE_H
#define RECORD_LINE_H

#include "flow_rows.h"
#include "reading.h"

#define RECORD_FORMAT 1

/* The instance at the previous line. */
struct recorded {
	char *words; /* NULL: none */
	const struct bqdisc_qdisc *qdisc;
	uint32_t handle;
	uint64_t created_ns;
	struct reading reading;
	struct rows flows;
};

/* Write the first line. */
void record_head(FILE *out, const char *dev, uint64_t every_ns);
/* Write the line of a sample of INST at the time T_NS, and store it as the previous one. */
void record_sample(FILE *out, uint64_t t_ns, struct recorded *last,
		   const struct bqdisc_instance *inst);
/* Write that there is no instance any more, unless the previous line was so. */
void record_gone(FILE *out, uint64_t t_ns, struct recorded *last);
void recorded_free(struct recorded *last);

#endif
