// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cmd.h"
#include "output.h"

int change_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_change_opts opts = { .sz = sizeof(opts), .parent = BQDISC_PARENT_ROOT };
	struct plan plan = { 0 };
	const struct flag flags[] = {
		DRY_RUN_FLAG(&plan),
		{ .name = "--memory",
		  .parse = parse_size,
		  .value = &opts.memory,
		  .wants = "a size, such as 512mb" },
		PARENT_FLAG(&opts.parent),
	};
	struct bqdisc *bq;
	int ret;

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 3)
		return usage_error("change what? bqdisc change %s",
				   command_find("change")->synopsis);
	opts.dry_run = plan_begin(&plan);
	bq = session_open(g);
	ret = bqdisc__change(bq, argv[1], argc - 2, argv + 2, &opts);
	if (plan.wanted)
		return plan_done(&plan, bq, ret, g, argv[1]);
	return output_done(bq, ret, g, argv[1], "changed", "already so");
}
