/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One way out: verbs build a JSON value, and it is printed as it is (-j) or as text drawn from it.
 * So both say the same.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <jansson.h>

#include "cmd.h"

/*
 * An array with an object for each instance, on DEV or everywhere; NULL after a failure. QUEUES:
 * those that were attached together are told one by one.
 */
json_t *output_instances(struct bqdisc *bq, const char *dev, bool queues);

/* --per-queue, of verbs that show instances. */
#define PER_QUEUE_FLAG(variable)                                                                      \
	{                                                                                          \
		.name = "--per-queue", .set = (variable),                                             \
	}

/* What there is to know about a qdisc before it is attached. */
json_t *output_qdisc(const struct bqdisc_qdisc *q, const struct globals *g);
/* A number of 64 bits. JSON's own whole numbers, as all that reads them has them, end at 63. */
json_t *output_number(uint64_t value);
/* A value of that unit. */
json_t *output_value(enum bqdisc_unit unit, uint64_t value);

/* Prints VALUE as JSON on one line and takes the reference. */
void output_json_line(json_t *value);
/* Prints VALUE as JSON and takes the reference. */
void output_json(json_t *value);

/*
 * The end of a verb that changes DEV: says what RET, the library's answer, means (DONE, ALREADY or
 * a failure), closes the session and returns the exit status.
 */
int output_done(struct bqdisc *bq, int ret, const struct globals *g, const char *dev,
		const char *done, const char *already);

/*
 * --dry-run: the steps are collected while the library tells them, and printed in place of what
 * output_done() says: as lines for a shell, tc commands and comments.
 */
struct plan {
	bool wanted;
	json_t *steps;
	struct bqdisc_dry_run run;
};

#define DRY_RUN_FLAG(plan)                                                                         \
	{                                                                                          \
		.name = "--dry-run", .set = &(plan)->wanted,                                       \
	}
/* For the library's opts, when the flags are known: NULL unless it is wanted. */
const struct bqdisc_dry_run *plan_begin(struct plan *plan);
int plan_done(struct plan *plan, struct bqdisc *bq, int ret, const struct globals *g,
	      const char *dev);

/* Prints an array of arrays of strings as aligned columns; takes it. HEADING: the first is one. */
void output_table(const struct globals *g, json_t *rows, bool heading);

/* "8001:", "1:2" or "root", as tc writes them, into BUF; returns BUF. */
#define TC_ID_MAX 16
const char *output_tc_id(uint32_t id, char buf[TC_ID_MAX]);

/* Text in bold where the globals and the terminal allow it. */
void output_bold(const struct globals *g, const char *text);

#endif
