// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cmd.h"
#include "output.h"

int change_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_change_opts opts = { .sz = sizeof(opts), .parent = BQDISC_PARENT_ROOT };
	const struct flag flags[] = { PARENT_FLAG(&opts.parent) };
	struct bqdisc *bq;
	int ret;

	argc = flags_take(argc, argv, flags, 1);
	if (argc < 0)
		return BQDISC_FAULT_USAGE;
	if (argc < 3)
		return usage_error("change what? bqdisc change %s",
				   command_find("change")->synopsis);
	bq = session_open(g);
	ret = bqdisc__change(bq, argv[1], argc - 2, argv + 2, &opts);
	return output_done(bq, ret, g, argv[1], "changed", "already so");
}
