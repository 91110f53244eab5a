// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cmd.h"
#include "output.h"

int detach_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_detach_opts opts = { .sz = sizeof(opts), .parent = BQDISC_PARENT_ROOT };
	const struct flag flags[] = {
		{ .name = "--force", .set = &opts.force },
		PARENT_FLAG(&opts.parent),
	};
	struct bqdisc *bq;
	int ret;

	argc = flags_take(argc, argv, flags, sizeof(flags) / sizeof(flags[0]));
	if (argc < 0)
		return BQDISC_FAULT_USAGE;
	if (argc != 2)
		return usage_error("detach from what? bqdisc detach %s",
				   command_find("detach")->synopsis);
	bq = session_open(g);
	ret = bqdisc__detach(bq, argv[1], &opts);
	return output_done(bq, ret, g, argv[1], "detached", "nothing of bqdisc is there");
}
