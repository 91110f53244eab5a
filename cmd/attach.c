// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "from_tc.h"

/* Parse --for TIME, at least 1 ms. */
static bool parse_for(const char *text, void *ns)
{
	return bqdisc_unit__parse(BQDISC_UNIT_TIME, text, ns) && *(uint64_t *)ns >= 1000000;
}

static int attach(struct bqdisc *bq, int n, char *words[], const struct device_command *c)
{
	struct bqdisc_attach_opts *opts = c->opts;

	opts->dry_run = c->dry_run;
	opts->report = &c->report;
	return bqdisc__attach(bq, words[0], n - 1, words + 1, opts);
}

int attach_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_attach_opts opts = { .sz = sizeof(opts), .parent = BQDISC_PARENT_ROOT };
	struct device_command command = {
		.run = attach,
		.opts = &opts,
		.min_words = 2,
		.max_words = INT_MAX,
		.missing = "DEV or QDISC",
		.done = "attached",
		.unchanged = "already attached with these options",
		.explain = true,
	};
	const char *from_tc = NULL;
	const struct flag flags[] = {
		DRY_RUN_FLAG(&command),
		ATTACH_FLAGS(&opts),
		{ .name = "--for",
		  .parse = parse_for,
		  .value = &opts.for_ns,
		  .wants = "a time with its unit, such as 10m" },
		{ .name = "--from-tc",
		  .parse = parse_text,
		  .value = &from_tc,
		  .wants = "a tc command, or - for stdin" },
	};

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (from_tc && argc >= 0)
		return from_tc_run(&command, from_tc, argc, argv, g);
	return device_command_run(&command, argc, argv, g);
}
