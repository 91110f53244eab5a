// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "device.h"

static int change(struct bqdisc *bq, int n, char *words[], const struct device_command *c)
{
	struct bqdisc_change_opts *opts = c->opts;

	opts->dry_run = c->dry_run;
	opts->report = &c->report;
	return bqdisc__change(bq, words[0], n - 1, words + 1, opts);
}

int change_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_change_opts opts = { .sz = sizeof(opts), .parent = BQDISC_PARENT_ROOT };
	struct device_command command = {
		.run = change,
		.opts = &opts,
		.min_words = 2,
		.max_words = INT_MAX,
		.missing = "DEV or OPTION",
		.done = "changed",
		.unchanged = "already has these options",
	};
	const struct flag flags[] = {
		DRY_RUN_FLAG(&command),
		{ .name = "--memory",
		  .parse = parse_size,
		  .value = &opts.memory,
		  .wants = "a size, such as 512mb" },
		PARENT_FLAG(&opts.parent),
	};

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	return device_command_run(&command, argc, argv, g);
}
