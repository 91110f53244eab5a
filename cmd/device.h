/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Commands that change devices: attach, change and detach. */
#ifndef DEVICE_H
#define DEVICE_H

#include <limits.h>

#include "output.h"

struct device_command {
	/* Calls the library for the N words after the command; the first one has the devices. */
	int (*run)(struct bqdisc *bq, int n, char *words[], const struct device_command *c);
	void *opts;               /* of the library's function */
	const char *text;         /* of --from-tc */
	int min_words, max_words; /* after the command */
	const char *missing;      /* names the operands, for a usage error */
	const char *done, *unchanged;
	bool explain; /* words[1] may be an object file: run verify after a failure */

	bool wants_dry_run;
	const struct bqdisc_dry_run *dry_run; /* for opts; NULL unless it is wanted */
	struct bqdisc_report report;          /* for opts */
};

#define DRY_RUN_FLAG(command)                                                                      \
	{                                                                                          \
		.name = "--dry-run", .set = &(command)->wants_dry_run,                             \
	}

/*
 * Run C with the words ARGV, after flags_take(), which returned ARGC. Print the result: one line
 * for each device, or with --dry-run the steps, as tc commands and comments. Return the exit
 * status.
 */
int device_command_run(struct device_command *c, int argc, char *argv[], const struct globals *g);

#endif
