/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* JSON about instances: of `show -j` and `stats -j`. */
#ifndef INSTANCE_JSON_H
#define INSTANCE_JSON_H

#include "json_writer.h"
#include "output.h"

/*
 * Print an array with an object for each instance, on DEV or on all devices. Close the session.
 * Return the exit status. PER_QUEUE: one object for each queue of an mq, instead of one for all.
 */
int instances_print_json(struct bqdisc *bq, const char *dev, bool per_queue);
/* Return that array as a tree, to be changed or compared; NULL after a failure. */
json_t *instances_to_json(struct bqdisc *bq, const char *dev, bool per_queue);

/* Write an option or counter under its key. */
void jsonw_value(struct json_writer *w, const struct bqdisc_value *value);

#endif
