/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Output of the commands: JSON values with -j, and text. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <jansson.h>

#include "cmd.h"

/*
 * Call FN to print each instance as text, on DEV or on all devices, or print that there is none.
 * Close the session. Return the exit status. PER_QUEUE: as of instances_print_json().
 */
int output_text(struct bqdisc *bq, const char *dev, bool per_queue, bqdisc_instance_fn fn,
		void *arg);

/* --per-queue, of commands that show instances. */
#define PER_QUEUE_FLAG(variable)                                                                   \
	{                                                                                          \
		.name = "--per-queue", .set = (variable),                                          \
	}

/* Return the descriptor of a qdisc: its options and counters. */
json_t *output_qdisc(const struct bqdisc_qdisc *q, const struct globals *g);
/*
 * Write the range of an option: "Range: 1b to 1mb"; "" if its greatest value is beyond use. Return
 * TEXT.
 */
#define RANGE_MAX 256
const char *output_range(const struct bqdisc_option_info *o, char text[RANGE_MAX]);
/* Return a value of UNIT; from 2^63 on as a string of digits. */
json_t *output_value(enum bqdisc_unit unit, uint64_t value);

/* Print VALUE as JSON on one line, and release it. */
void output_json_line(json_t *value);
/* Print VALUE as JSON, and release it. */
void output_json(json_t *value);

/* Write "8001:", "1:2" or "root", as tc does. Return BUF. */
#define TC_ID_MAX 16
const char *output_tc_id(uint32_t id, char buf[TC_ID_MAX]);

/* Print the line that begins the text about an instance: "eth0: fq handle 8001: parent root". */
void output_title(const struct bqdisc_instance *inst, const struct globals *g);
/* Print a command of a dry run, or of tc, so that it acts in the namespace of the globals. */
void output_command(const char *command, const struct globals *g);
/* Return true if the globals and the terminal allow colors. */
bool output_wants_color(const struct globals *g);
/* Print TEXT, in bold if the globals and the terminal allow it. */
void output_bold(const struct globals *g, const char *text);

#endif
