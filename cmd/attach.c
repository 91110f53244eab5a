// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cmd.h"
#include "output.h"

/* --for TIME: from a millisecond on. */
static bool parse_for(const char *text, void *ns)
{
	return bqdisc_unit__parse(BQDISC_UNIT_TIME, text, ns) && *(uint64_t *)ns >= 1000000;
}

int attach_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_attach_opts opts = { .sz = sizeof(opts), .parent = BQDISC_PARENT_ROOT };
	struct plan plan = { 0 };
	const struct flag flags[] = {
		DRY_RUN_FLAG(&plan),
		{ .name = "--force", .set = &opts.force },
		{ .name = "--root", .set = &opts.root },
		{ .name = "--mq", .set = &opts.mq },
		{ .name = "--for",
		  .parse = parse_for,
		  .value = &opts.for_ns,
		  .wants = "a time with its unit, such as 10m" },
		{ .name = "--memory",
		  .parse = parse_size,
		  .value = &opts.memory,
		  .wants = "a size, such as 512mb" },
		PARENT_FLAG(&opts.parent),
		{ .name = "--as", .parse = parse_text, .value = &opts.as, .wants = "a name" },
	};
	struct bqdisc *bq;
	int ret;

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 3)
		return usage_error("attach what to what? bqdisc attach %s",
				   command_find("attach")->synopsis);
	opts.dry_run = plan_begin(&plan);
	bq = session_open(g);
	ret = bqdisc__attach(bq, argv[1], argc - 2, argv + 2, &opts);
	if (plan.wanted)
		return plan_done(&plan, bq, ret, g, argv[1]);
	if (ret < 0 && bqdisc__error_class(bq) != BQDISC_ERROR_USAGE)
		verify_explain(g, argv[2]);
	return output_done(bq, ret, g, argv[1], "attached", "already so");
}
