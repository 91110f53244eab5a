// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "device.h"

static int detach(struct bqdisc *bq, int n, char *words[], const struct device_command *c)
{
	struct bqdisc_detach_opts *opts = c->opts;

	opts->dry_run = c->dry_run;
	opts->report = &c->report;
	return bqdisc__detach(bq, n ? words[0] : NULL, opts);
}

int detach_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_detach_opts opts = { .sz = sizeof(opts), .parent = BQDISC_PARENT_ROOT };
	struct device_command command = {
		.run = detach,
		.opts = &opts,
		.min_words = 1,
		.max_words = 1,
		.missing = "DEV; --all detaches everything",
		.done = "detached",
		.unchanged = "no qdisc of bqdisc is attached",
	};
	bool all = false;
	const struct flag flags[] = {
		DRY_RUN_FLAG(&command),
		{ .name = "--force", .set = &opts.force },
		{ .name = "--all", .set = &all },
		PARENT_FLAG(&opts.parent),
	};

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (all && opts.parent != BQDISC_PARENT_ROOT)
		return usage_error("detach: --all excludes --parent; give one");
	if (all)
		command.min_words = command.max_words = 0;
	return device_command_run(&command, argc, argv, g);
}
